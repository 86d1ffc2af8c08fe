import { alwaysIntersect, majorityOf } from '@quorate/quorum';

/** What can be tuned in Multi-Paxos. Times are milliseconds; the defaults suit a LAN. */
export interface MultiPaxosOptions {
  /**
   * Who hears no leader in contact with a quorum for a random time in [T, 2T) prepares a ballot of its own. Default 1000, sensible
   * 150 … 10 000: at least 10 × the round trip plus the slowest sync. Too low and slow disks depose leaders, too high and failover is slow.
   */
  readonly electionTimeoutMs: number;
  /** How often a leader speaks when it has nothing to say. Default 100; below half of `electionTimeoutMs`, best a tenth of it. */
  readonly heartbeatMs: number;
  /**
   * Spare a leader that works (Paxos Made Live §5.2): prepare only where a phase-1 quorum is linked, never while heartbeats tell of contact with
   * a quorum, and wait the longer the more attempts failed. Default true; off, a member that returns deposes a healthy leader again and again.
   */
  readonly damping: boolean;
  /**
   * `eager`: a choice is told to acceptors at the end of the turn, by a message of its own if no other leaves. `piggyback`: with
   * the next accept or heartbeat; fewer messages, but an idle follower learns of it up to `heartbeatMs` later. Default `eager`.
   */
  readonly commitNotice: 'eager' | 'piggyback';
  /**
   * How many acceptors a ballot needs (Howard et al. 2016, Flexible Paxos); 0, the default, is a majority. `q1Size` and `q2Size` together must
   * be more than the voters. A small `q2Size` chooses faster and with more members down, but then fewer may be down when a leader is needed.
   */
  readonly q1Size: number;
  readonly q2Size: number;
}

/** The values that are in force where an option is not given. */
export const defaultMultiPaxosOptions: MultiPaxosOptions = Object.freeze({
  electionTimeoutMs: 1000,
  heartbeatMs: 100,
  damping: true,
  commitNotice: 'eager',
  q1Size: 0,
  q2Size: 0,
});

/** Fills in the defaults and checks everything; throws one `RangeError` (`E_USAGE`) that names all problems. Called once, by `multiPaxos()`. */
export function resolveMultiPaxosOptions(given: Partial<MultiPaxosOptions>): MultiPaxosOptions {
  const options: MultiPaxosOptions = {
    electionTimeoutMs: given.electionTimeoutMs ?? defaultMultiPaxosOptions.electionTimeoutMs,
    heartbeatMs: given.heartbeatMs ?? defaultMultiPaxosOptions.heartbeatMs,
    damping: given.damping ?? defaultMultiPaxosOptions.damping,
    commitNotice: given.commitNotice ?? defaultMultiPaxosOptions.commitNotice,
    q1Size: given.q1Size ?? defaultMultiPaxosOptions.q1Size,
    q2Size: given.q2Size ?? defaultMultiPaxosOptions.q2Size,
  };
  const problems = [...unknownNames(given), ...badTimes(options), ...badChoices(options)];
  if (problems.length > 0)
    throw new RangeError(`E_USAGE: Multi-Paxos options: ${problems.join('; ')}. Correct them and start again.`);
  return options;
}

/** The sizes in force for so many voters; throws a `RangeError` (`E_USAGE`) where a phase-1 and a phase-2 quorum could miss each other. */
export function quorumSizes({ q1Size, q2Size }: MultiPaxosOptions, voters: number): { readonly q1: number; readonly q2: number } {
  const q1 = q1Size === 0 ? majorityOf(voters) : q1Size;
  const q2 = q2Size === 0 ? majorityOf(voters) : q2Size;
  if (voters > 0 && !alwaysIntersect(voters, q1, q2))
    throw new RangeError(
      `E_USAGE: Multi-Paxos options: q1Size ${q1} and q2Size ${q2} do not fit ${voters} voters (allowed: each 1 to ${voters}, together above ${voters}). Correct them and start again.`,
    );
  return { q1, q2 };
}

function unknownNames(given: Partial<MultiPaxosOptions>): string[] {
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(defaultMultiPaxosOptions, name))
    .map((name) => `unknown option ${name} (allowed: ${Object.keys(defaultMultiPaxosOptions).join(', ')})`);
}

function badTimes({ electionTimeoutMs, heartbeatMs }: MultiPaxosOptions): string[] {
  const problems: string[] = [];
  const isTime = (value: number): boolean => Number.isFinite(value) && value > 0 && value <= maxTimeMs;
  if (!isTime(electionTimeoutMs))
    problems.push(`electionTimeoutMs is ${electionTimeoutMs} (allowed: above 0, up to ${maxTimeMs})`);
  if (!isTime(heartbeatMs)) problems.push(`heartbeatMs is ${heartbeatMs} (allowed: above 0, up to ${maxTimeMs})`);
  if (problems.length === 0 && heartbeatMs >= electionTimeoutMs / 2)
    problems.push(`heartbeatMs is ${heartbeatMs} (allowed: below half of electionTimeoutMs, ${electionTimeoutMs})`);
  return problems;
}

function badChoices(options: MultiPaxosOptions): string[] {
  const problems: string[] = [];
  if (typeof options.damping !== 'boolean') problems.push(`damping is ${String(options.damping)} (allowed: true, false)`);
  if (options.commitNotice !== 'eager' && options.commitNotice !== 'piggyback')
    problems.push(`commitNotice is ${String(options.commitNotice)} (allowed: eager, piggyback)`);
  for (const name of ['q1Size', 'q2Size'] as const)
    if (!Number.isSafeInteger(options[name]) || options[name] < 0)
      problems.push(`${name} is ${options[name]} (allowed: 0 for a majority, or a number of voters)`);
  return problems;
}

const maxTimeMs = 3_600_000;
