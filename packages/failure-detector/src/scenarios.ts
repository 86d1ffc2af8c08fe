/** How heartbeats travel, and who is late: what {@link generateTrace} plays. */
export interface Scenario {
  readonly name: string;
  /** What every heartbeat takes … */
  readonly delayMs: number;
  /** … and a random time more, exponential with this mean. */
  readonly jitterMs: number;
  /** The part of the heartbeats that never arrive. */
  readonly loss: number;
  /** Times in which all are lost. */
  readonly lossBursts: Pauses | undefined;
  /** Times in which the sender is stopped. It sends once when it goes on, and then as if nothing had been. */
  readonly senderPauses: Pauses | undefined;
  /** Times in which the watching process is stopped, and takes in what arrives when it goes on. */
  readonly ownPauses: Pauses | undefined;
  /** Whether the watching process tells its detector so. */
  readonly ownPausesTold: boolean;
}

/** Pauses at random times. */
export interface Pauses {
  /** From the end of one to the beginning of the next: exponential with this mean. */
  readonly everyMs: number;
  /** How long one is: uniform. */
  readonly leastMs: number;
  readonly mostMs: number;
}

const lan: Scenario = {
  name: 'steady LAN',
  delayMs: 0.5,
  jitterMs: 0.5,
  loss: 0,
  lossBursts: undefined,
  senderPauses: undefined,
  ownPauses: undefined,
  ownPausesTold: true,
};
const pauses: Pauses = { everyMs: 60_000, leastMs: 1000, mostMs: 3000 };

/** What detectors are compared under. In all of them every peer crashes in the end. */
export const standardScenarios: readonly Scenario[] = Object.freeze([
  lan,
  { ...lan, name: 'jitter 20 ms', delayMs: 5, jitterMs: 20 },
  { ...lan, name: 'loss 1 %', loss: 0.01 },
  { ...lan, name: 'loss 5 %', loss: 0.05 },
  { ...lan, name: 'loss bursts', lossBursts: { everyMs: 30_000, leastMs: 200, mostMs: 600 } },
  { ...lan, name: 'sender pauses', senderPauses: pauses },
  { ...lan, name: 'own pauses', ownPauses: pauses },
  { ...lan, name: 'own pauses, untold', ownPauses: pauses, ownPausesTold: false },
]);
