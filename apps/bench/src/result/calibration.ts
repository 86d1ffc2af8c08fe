/** What the machine itself can do, measured with nothing but Node between. Results are also printed as fractions of these. */
export interface Calibration {
  readonly sync: readonly SyncCalibration[];
  readonly loopback: readonly LoopbackCalibration[];
  readonly codec: readonly CodecCalibration[];
  /** One empty turn of the event loop (`setImmediate`), microseconds. */
  readonly eventLoopTurnUs: number;
}

/** One write and one sync of a journal, one after the other. */
export interface SyncCalibration {
  /** `fresh`: the file grows. `recycled`: written over zero-filled space that was synced before, as the journal's segments are. */
  readonly segment: 'fresh' | 'recycled';
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly syncsPerSecond: number;
}

/** Between two processes over loopback. */
export interface LoopbackCalibration {
  readonly transport: string;
  readonly roundTripBytes: number;
  readonly roundTripP50Ms: number;
  readonly roundTripP99Ms: number;
  readonly bytesPerSecond: number;
}

/** Heads of replication messages, as members send them. */
export interface CodecCalibration {
  readonly protocol: string;
  readonly encodesPerSecond: number;
  readonly decodesPerSecond: number;
}
