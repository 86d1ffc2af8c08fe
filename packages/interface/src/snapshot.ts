import type { Config } from './config.ts';
import type { Failure } from './errors.ts';
import type { Epoch, Index } from './vocabulary.ts';

/** Names a snapshot and what it stands for. Small: it travels in the core's own messages and in the journal's mark. */
export interface SnapshotMeta {
  /** Unique in the cluster, and a safe file name: letters, digits and dashes. */
  readonly id: string;
  readonly index: Index;
  readonly epoch: Epoch;
  /** Commands delivered up to `index`. */
  readonly ordinal: number;
  /** All configurations that may govern positions after `index`, oldest first. */
  readonly configs: readonly Config[];
  /** Opaque, the core's own: ZAB's first index of each epoch. */
  readonly core: Uint8Array;
  /** Name and version of the state machine that wrote it. */
  readonly stateMachine: string;
  readonly version: number;
  readonly bytes: number;
}

/** Keeps snapshots by id. A snapshot counts only once a journal batch marks it. */
export interface SnapshotStore {
  /** Finished snapshots, newest index first. */
  list(done: (metas: readonly SnapshotMeta[] | Failure) => void): void;
  /** `resume`: continue where an interrupted write of the same id ended, also before a restart. */
  writer(meta: SnapshotMeta, resume: boolean, done: (writer: SnapshotWriter | Failure) => void): void;
  /** At most `maxBytes` from `offset`; empty at the end. */
  read(id: string, offset: number, maxBytes: number, done: (chunk: Uint8Array | Failure) => void): void;
  removeAllBut(ids: readonly string[]): void;
}

/** Writes one snapshot. One call at a time. */
export interface SnapshotWriter {
  /** Bytes held so far: where to go on. */
  readonly offset: number;
  /** The bytes are the caller's again once `done` is called. */
  write(chunk: Uint8Array, done: (failure?: Failure) => void): void;
  /** Checks the CRC-32 over all bytes, and completes only when file and directory are synced. `bytes` of the meta is what was written. */
  finish(checksum: number, done: (result: SnapshotMeta | Failure) => void): void;
  /** Stops; what was written may be resumed. */
  abort(): void;
}
