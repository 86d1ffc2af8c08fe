/** What all failure detectors made of heartbeats that were recorded in one run. */
export interface DetectorStudy {
  /** Length of the recording. */
  readonly seconds: number;
  /** How many pairs of a sender and a watcher were recorded. */
  readonly peers: number;
  /** What went on meanwhile. */
  readonly load: string;
  readonly rows: readonly DetectorRow[];
}

/**
 * What one failure detector does under one scenario: a row of `tradeOff` of `@quorate/failure-detector`. In JSON an infinite figure is null:
 * it did not happen within the trace.
 */
export interface DetectorRow {
  readonly scenario: string;
  readonly strategy: string;
  readonly intervalMs: number;
  readonly detectionP50Ms: number | null;
  readonly detectionP99Ms: number | null;
  readonly mistakes: number;
  readonly mistakesPerHour: number;
  readonly mistakeDurationMs: number;
  /** The part of a peer's life in which it is trusted. */
  readonly accuracy: number;
  readonly messagesPerSecond: number;
  /** Life of all peers in which mistakes could be made. Undefined: nobody says. */
  readonly hours?: number;
}
