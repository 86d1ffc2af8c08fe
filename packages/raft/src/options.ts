/** What can be tuned in Raft. Times are milliseconds; the defaults suit a LAN. */
export interface RaftOptions {
  /**
   * A follower that hears no leader for a random time in [T, 2T) campaigns (Raft §5.2). Default 1000, sensible 150 … 10 000: at least
   * 10 × the round trip plus the slowest sync. Too low and slow disks depose leaders, too high and failover is slow.
   */
  readonly electionTimeoutMs: number;
  /** How often a leader speaks when it has nothing to say. Default 100; below half of `electionTimeoutMs`, best a tenth of it. */
  readonly heartbeatMs: number;
  /** Ask whether an election could be won before raising the term (thesis §9.6). Default true; off, a member that returns deposes a healthy leader. */
  readonly preVote: boolean;
  /**
   * A leader without contact to a quorum for an election timeout (thesis §6.2), or whose disk completes no write for five, steps down.
   * Default true; off, it may stay in office, useless.
   */
  readonly checkQuorum: boolean;
  /** Who heard a leader within the election timeout ignores candidates (Raft §6, thesis §4.2.3). Default true. */
  readonly voteStickiness: boolean;
  /**
   * `eager`: a commit is told to followers at the end of the turn, by an empty append if no other message leaves. `piggyback`: with
   * the next append or heartbeat; fewer messages, but an idle follower learns of a commit up to `heartbeatMs` later. Default `eager`.
   */
  readonly commitNotice: 'eager' | 'piggyback';
}

/** The values that are in force where an option is not given. */
export const defaultRaftOptions: RaftOptions = Object.freeze({
  electionTimeoutMs: 1000,
  heartbeatMs: 100,
  preVote: true,
  checkQuorum: true,
  voteStickiness: true,
  commitNotice: 'eager',
});

/** Fills in the defaults and checks everything; throws one `RangeError` (`E_USAGE`) that names all problems. Called once, by `raft()`. */
export function resolveRaftOptions(given: Partial<RaftOptions>): RaftOptions {
  const options: RaftOptions = {
    electionTimeoutMs: given.electionTimeoutMs ?? defaultRaftOptions.electionTimeoutMs,
    heartbeatMs: given.heartbeatMs ?? defaultRaftOptions.heartbeatMs,
    preVote: given.preVote ?? defaultRaftOptions.preVote,
    checkQuorum: given.checkQuorum ?? defaultRaftOptions.checkQuorum,
    voteStickiness: given.voteStickiness ?? defaultRaftOptions.voteStickiness,
    commitNotice: given.commitNotice ?? defaultRaftOptions.commitNotice,
  };
  const problems = [...unknownNames(given), ...badTimes(options), ...badChoices(options)];
  if (problems.length > 0) throw new RangeError(`E_USAGE: Raft options: ${problems.join('; ')}. Correct them and start again.`);
  return options;
}

function unknownNames(given: Partial<RaftOptions>): string[] {
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(defaultRaftOptions, name))
    .map((name) => `unknown option ${name} (allowed: ${Object.keys(defaultRaftOptions).join(', ')})`);
}

function badTimes({ electionTimeoutMs, heartbeatMs }: RaftOptions): string[] {
  const problems: string[] = [];
  const isTime = (value: number): boolean => Number.isFinite(value) && value > 0 && value <= maxTimeMs;
  if (!isTime(electionTimeoutMs))
    problems.push(`electionTimeoutMs is ${electionTimeoutMs} (allowed: above 0, up to ${maxTimeMs})`);
  if (!isTime(heartbeatMs)) problems.push(`heartbeatMs is ${heartbeatMs} (allowed: above 0, up to ${maxTimeMs})`);
  if (problems.length === 0 && heartbeatMs >= electionTimeoutMs / 2)
    problems.push(`heartbeatMs is ${heartbeatMs} (allowed: below half of electionTimeoutMs, ${electionTimeoutMs})`);
  return problems;
}

function badChoices(options: RaftOptions): string[] {
  const problems: string[] = [];
  for (const name of ['preVote', 'checkQuorum', 'voteStickiness'] as const)
    if (typeof options[name] !== 'boolean') problems.push(`${name} is ${String(options[name])} (allowed: true, false)`);
  if (options.commitNotice !== 'eager' && options.commitNotice !== 'piggyback')
    problems.push(`commitNotice is ${String(options.commitNotice)} (allowed: eager, piggyback)`);
  return problems;
}

const maxTimeMs = 3_600_000;
