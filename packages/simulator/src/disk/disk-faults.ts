import { failure } from '@quorate/interface';
import type { Failure } from '@quorate/interface';

/** How long an operation takes: `ms`, and up to `spreadMs` more. */
export interface Latency {
  ms: number;
  spreadMs: number;
}

/**
 * What one coming sync does wrong. `clean` and `reverted` fail with EIO after some of the sectors reached the disk: the cache then
 * keeps the bytes and calls them clean (ext4, XFS), or shows what the disk has (Btrfs). `lost` and `misdirected` report success: nothing
 * was written, or it went to another place of the same file.
 */
export type SyncFaultKind = 'clean' | 'reverted' | 'lost' | 'misdirected';

/** Hits the `after`-th sync from now (1 is the next), of any file or of files whose path begins with `path`. */
export interface SyncFault {
  readonly kind: SyncFaultKind;
  after: number;
  readonly path?: string;
}

/** Reads that touch these bytes of files whose path begins with `path` fail with EIO. */
export interface UnreadableRange {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with a medium at the moment. A fault schedule changes the fields during a run. */
export interface DiskFaults {
  readonly write: Latency;
  readonly sync: Latency;
  readonly read: Latency;
  /** Nothing completes until `SimMedium.release`. */
  stuck: boolean;
  /** Bytes by which files may still grow. A write that meets the limit is short first; the next one fails. Removed files give back theirs. */
  freeBytes: number;
  syncFault: SyncFault | undefined;
  unreadable: UnreadableRange[];
  /** Probability that a write takes only part of its bytes, without an error. */
  shortWrites: number;
  /** Files that may be open at once (EMFILE above). */
  openFiles: number;
  /** Mounted for reading only: all that changes anything fails with EROFS. */
  readOnly: boolean;
  /** Probability that a sector which a power loss interrupts holds the first part of its new bytes and the rest of its old ones. */
  tornSectors: number;
}

/** A sound disk that takes no time. */
export function soundDisk(): DiskFaults {
  return {
    write: { ms: 0, spreadMs: 0 },
    sync: { ms: 0, spreadMs: 0 },
    read: { ms: 0, spreadMs: 0 },
    stuck: false,
    freeBytes: Number.POSITIVE_INFINITY,
    syncFault: undefined,
    unreadable: [],
    shortWrites: 0,
    openFiles: Number.POSITIVE_INFINITY,
    readOnly: false,
    tornSectors: 0,
  };
}

// The names and exit codes that Node's disk gives to the same errors.
const causes = {
  EIO: { code: 'E_DISK_IO', advice: 'Check the disk, then restart.', exit: 74 },
  ENOSPC: { code: 'E_DISK_FULL', advice: 'Free space, then restart.', exit: 74 },
  EMFILE: { code: 'E_DISK_FILES', advice: 'Raise the limit on open files, then restart.', exit: 74 },
  EROFS: { code: 'E_DISK_ACCESS', advice: 'Mount the file system for writing.', exit: 74 },
  ENOENT: { code: 'E_DISK_MISSING', advice: 'Put it back, or correct the path.', exit: 74 },
  EEXIST: { code: 'E_DISK_TYPE', advice: 'Correct the path.', exit: 78 },
  ENOTDIR: { code: 'E_DISK_TYPE', advice: 'Correct the path.', exit: 78 },
} as const;

/** A failure as Node's disk words it. */
export function diskFailure(cause: keyof typeof causes, operation: string, path: string): Failure {
  const { code, advice, exit } = causes[cause];
  return failure(code, `cannot ${operation} ${path} (got ${cause}). ${advice}`, exit);
}

/** The path is held by a life that goes on. */
export function lockedPath(path: string): Failure {
  const what = `the data directory is in use by a running process (${path}, got another life, allowed none)`;
  return failure('E_DATA_LOCKED', `${what}. Stop that process, or use another directory.`, 78);
}
