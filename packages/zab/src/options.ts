/** What can be tuned in ZAB. Times are milliseconds; the defaults suit a LAN. */
export interface ZabOptions {
  /**
   * A follower that hears nothing of its leader for this long, and a leader that hears no quorum of its followers, go LOOKING; so does
   * a leader that has no epoch by then (ZooKeeper: syncLimit, initLimit). Default 1000, sensible 150 … 10 000: at least 10 × the round
   * trip plus the slowest sync. Too low and slow disks depose leaders, too high and failover is slow.
   */
  readonly electionTimeoutMs: number;
  /** How often a leader speaks when it has nothing to say. Default 100; below half of `electionTimeoutMs`, best a tenth of it. */
  readonly heartbeatMs: number;
  /**
   * How long a member that sees a quorum of equal votes waits for a better one. Default a fifth of `electionTimeoutMs` (ZooKeeper: 200 ms);
   * at least a round trip. Too low and members decide on leaders that find no quorum, too high and every election is slow.
   */
  readonly finalizeWaitMs: number;
  /** Votes are told again after `finalizeWaitMs`, then after twice as long, up to this. Default `electionTimeoutMs` (ZooKeeper: 60 s). */
  readonly notificationCapMs: number;
  /**
   * The highest counter of a zxid. A leader that would pass it leaves, so that the next one begins a new epoch (ZOOKEEPER-1277).
   * Default 2^32 - 1; lower only in tests.
   */
  readonly counterLimit: number;
}

/** The values that are in force where an option is not given; two of them follow `electionTimeoutMs`. */
export const defaultZabOptions: ZabOptions = Object.freeze({
  electionTimeoutMs: 1000,
  heartbeatMs: 100,
  finalizeWaitMs: 200,
  notificationCapMs: 1000,
  counterLimit: 2 ** 32 - 1,
});

/** Fills in the defaults and checks everything; throws one `RangeError` (`E_USAGE`) that names all problems. Called once, by `zab()`. */
export function resolveZabOptions(given: Partial<ZabOptions>): ZabOptions {
  const electionTimeoutMs = given.electionTimeoutMs ?? defaultZabOptions.electionTimeoutMs;
  const finalizeWaitMs = given.finalizeWaitMs ?? electionTimeoutMs / 5;
  const options: ZabOptions = {
    electionTimeoutMs,
    heartbeatMs: given.heartbeatMs ?? defaultZabOptions.heartbeatMs,
    finalizeWaitMs,
    notificationCapMs: given.notificationCapMs ?? Math.max(electionTimeoutMs, finalizeWaitMs),
    counterLimit: given.counterLimit ?? defaultZabOptions.counterLimit,
  };
  const problems = [...unknownNames(given), ...badTimes(options), ...badLimit(options)];
  if (problems.length > 0) throw new RangeError(`E_USAGE: ZAB options: ${problems.join('; ')}. Correct them and start again.`);
  return options;
}

function unknownNames(given: Partial<ZabOptions>): string[] {
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(defaultZabOptions, name))
    .map((name) => `unknown option ${name} (allowed: ${Object.keys(defaultZabOptions).join(', ')})`);
}

function badTimes(options: ZabOptions): string[] {
  const problems: string[] = [];
  const isTime = (value: number): boolean => Number.isFinite(value) && value > 0 && value <= maxTimeMs;
  for (const name of ['electionTimeoutMs', 'heartbeatMs', 'finalizeWaitMs', 'notificationCapMs'] as const)
    if (!isTime(options[name])) problems.push(`${name} is ${options[name]} (allowed: above 0, up to ${maxTimeMs})`);
  if (problems.length > 0) return problems;
  const { electionTimeoutMs, heartbeatMs, finalizeWaitMs, notificationCapMs } = options;
  if (heartbeatMs >= electionTimeoutMs / 2)
    problems.push(`heartbeatMs is ${heartbeatMs} (allowed: below half of electionTimeoutMs, ${electionTimeoutMs})`);
  if (finalizeWaitMs > notificationCapMs)
    problems.push(`finalizeWaitMs is ${finalizeWaitMs} (allowed: up to notificationCapMs, ${notificationCapMs})`);
  return problems;
}

function badLimit({ counterLimit }: ZabOptions): string[] {
  const { counterLimit: most } = defaultZabOptions;
  const isLimit = Number.isSafeInteger(counterLimit) && counterLimit >= 1 && counterLimit <= most;
  return isLimit ? [] : [`counterLimit is ${counterLimit} (allowed: 1 … ${most})`];
}

const maxTimeMs = 3_600_000;
