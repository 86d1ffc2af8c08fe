import type { Crc32 } from './crc32.ts';
import type { Failure } from './errors.ts';

/** The only source of time, chance and scheduling inside a member. Node's is one file of `server`, the simulator has its own. */
export interface Host {
  /** Milliseconds with fractions; never falls. */
  monotonicMs(): number;
  /** For display only. */
  wallMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Runs once after every input of this turn of the event loop; what it starts may ask for another turn. */
  endOfTurn(run: () => void): void;
  /** Runs at or after a monotonic deadline, never before it and never within this call. */
  at(deadlineMs: number, run: () => void): { cancel(): void };
  readonly crc32: Crc32;
}

/**
 * Files, as the journal needs them; the simulator tears, loses, rots and fails them under the production journal.
 * Completions may arrive before the call returns. Paths use `/`.
 */
export interface Disk {
  /** `read`: must exist. `write`: must exist, read and write. `create`: new and empty, private to its owner; an existing file is a failure. */
  open(path: string, mode: 'read' | 'write' | 'create', done: (file: number | Failure) => void): void;
  /** May write fewer bytes than asked, without a failure: check the count. */
  write(file: number, offset: number, chunks: readonly Uint8Array[], done: (written: number | Failure) => void): void;
  /** Fewer bytes than asked only at the end of the file. */
  read(file: number, offset: number, bytes: number, done: (data: Uint8Array | Failure) => void): void;
  /** Data and what is needed to read it back. After a failure the file's unsynced content is unknown, whatever a later sync says. */
  sync(file: number, done: (failure?: Failure) => void): void;
  syncDirectory(path: string, done: (failure?: Failure) => void): void;
  truncate(file: number, bytes: number, done: (failure?: Failure) => void): void;
  size(file: number, done: (bytes: number | Failure) => void): void;
  close(file: number): void;
  rename(from: string, to: string, done: (failure?: Failure) => void): void;
  remove(path: string, done: (failure?: Failure) => void): void;
  /** Names without the path, in any order. */
  list(path: string, done: (names: readonly string[] | Failure) => void): void;
  /** Makes the directory and its parents where they are missing. The parents that it makes are durable; the directory's own name is once its parent is synced. */
  makeDirectory(path: string, done: (failure?: Failure) => void): void;
  /** Holds the path against other processes until `unlock` or the process ends; a stale lock is taken over. */
  lock(path: string, done: (failure?: Failure) => void): void;
  unlock(path: string, done: (failure?: Failure) => void): void;
  /** `inline` where syncs run in the event loop because they are fast, `pool` where they would hold it up. For metrics. */
  readonly syncMode: 'inline' | 'pool';
  readonly crc32: Crc32;
}
