import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import zlib from 'node:zlib';
import { at, failure, invariant } from '@quorate/interface';
import type { Crc32, Disk, Failure } from '@quorate/interface';
import { createSyncGauge, defaultSyncLimits } from './sync-mode.ts';
import type { SyncGauge, SyncLimits, SyncMode } from './sync-mode.ts';
import type { Done } from './whole-file.ts';

/** How {@link nodeDisk} behaves; milliseconds. */
export interface NodeDiskOptions {
  /** When syncs leave the event loop for the thread pool and come back; see `SyncLimits`. */
  readonly syncLimits?: Partial<SyncLimits>;
}

/** Writes and syncs of more than this, and syncs of a grown file, run in the pool in any case, and say nothing about the speed of others. */
const smallBytes = 524_288;

/** The files of this machine through `node:fs`. Writes are positional, syncs are fdatasync, and both run in the event loop while that is fast. */
export function nodeDisk(options: NodeDiskOptions = {}): Disk {
  return new NodeDisk(createSyncGauge({ ...defaultSyncLimits, ...options.syncLimits }));
}

/** An open file. The number that callers hold is never reused, so that a late call cannot reach another file. */
interface OpenFile {
  readonly fd: number;
  readonly path: string;
  /** Calls in the pool: the descriptor is closed after the last of them. */
  pending: number;
  closing: boolean;
  unsyncedBytes: number;
  bytes: number;
  /** Its size changed since the last sync, which then has metadata to write. */
  grown: boolean;
}

class NodeDisk implements Disk {
  readonly crc32: Crc32 = (bytes, seed) => zlib.crc32(bytes, seed);
  readonly #gauge: SyncGauge;
  readonly #files = new Map<number, OpenFile>();
  readonly #locks = new Map<string, string>();
  #nextFile = 1;

  constructor(gauge: SyncGauge) {
    this.#gauge = gauge;
  }

  get syncMode(): SyncMode {
    return this.#gauge.mode;
  }

  open(name: string, mode: 'read' | 'write' | 'create', done: (file: number | Failure) => void): void {
    const flags = mode === 'read' ? 'r' : mode === 'write' ? 'r+' : 'wx+';
    fs.open(name, flags, 0o600, (error, fd) => {
      if (error !== null) return done(failed('open', name, error));
      const { size } = fs.fstatSync(fd);
      const file = this.#nextFile++;
      this.#files.set(file, {
        fd,
        path: name,
        pending: 0,
        closing: false,
        unsyncedBytes: 0,
        bytes: size,
        grown: mode === 'create',
      });
      done(file);
    });
  }

  write(file: number, offset: number, chunks: readonly Uint8Array[], done: (written: number | Failure) => void): void {
    const open = this.#file(file);
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    open.unsyncedBytes += bytes;
    if (offset + bytes > open.bytes) {
      open.bytes = offset + bytes;
      open.grown = true;
    }
    if (this.#gauge.mode === 'pool' || bytes > smallBytes) {
      open.pending++;
      fs.writev(open.fd, chunks, offset, (error, written) => {
        this.#settle(open);
        done(error === null ? written : failed('write', open.path, error));
      });
      return;
    }
    let written: number;
    try {
      if (chunks.length === 1) written = fs.writeSync(open.fd, at(chunks, 0), 0, bytes, offset);
      else written = fs.writevSync(open.fd, chunks, offset);
    } catch (error) {
      return done(failed('write', open.path, error as NodeJS.ErrnoException));
    }
    done(written);
  }

  read(file: number, offset: number, bytes: number, done: (data: Uint8Array | Failure) => void): void {
    const open = this.#file(file);
    const buffer = new Uint8Array(bytes);
    open.pending++;
    let held = 0;
    const next = (): void =>
      fs.read(open.fd, buffer, held, bytes - held, offset + held, (error, count) => {
        if (error === null && count > 0 && held + count < bytes) {
          held += count;
          return next();
        }
        this.#settle(open);
        if (error !== null) return done(failed('read', open.path, error));
        held += count;
        done(held === bytes ? buffer : buffer.subarray(0, held));
      });
    next();
  }

  sync(file: number, done: Done): void {
    const open = this.#file(file);
    const small = !open.grown && open.unsyncedBytes <= smallBytes;
    open.unsyncedBytes = 0;
    open.grown = false;
    const began = performance.now();
    if (small && this.#gauge.mode === 'inline') {
      try {
        fs.fdatasyncSync(open.fd);
      } catch (error) {
        return done(failed('fdatasync', open.path, error as NodeJS.ErrnoException));
      }
      const now = performance.now();
      this.#gauge.record(now - began, now);
      return done();
    }
    open.pending++;
    fs.fdatasync(open.fd, (error) => {
      this.#settle(open);
      if (error !== null) return done(failed('fdatasync', open.path, error));
      const now = performance.now();
      if (small) this.#gauge.record(now - began, now);
      done();
    });
  }

  syncDirectory(name: string, done: Done): void {
    syncNames(name, (error) => done(error === null ? undefined : failed(error.syscall ?? 'fsync', name, error)));
  }

  truncate(file: number, bytes: number, done: Done): void {
    const open = this.#file(file);
    open.pending++;
    fs.ftruncate(open.fd, bytes, (error) => {
      this.#settle(open);
      done(error === null ? undefined : failed('truncate', open.path, error));
    });
  }

  size(file: number, done: (bytes: number | Failure) => void): void {
    const open = this.#file(file);
    open.pending++;
    fs.fstat(open.fd, (error, stats) => {
      this.#settle(open);
      done(error === null ? stats.size : failed('stat', open.path, error));
    });
  }

  close(file: number): void {
    const open = this.#files.get(file);
    if (open === undefined) return;
    this.#files.delete(file);
    open.closing = true;
    if (open.pending === 0) fs.close(open.fd, () => undefined);
  }

  rename(from: string, to: string, done: Done): void {
    fs.rename(from, to, (error) => done(error === null ? undefined : failed('rename', from, error)));
  }

  remove(name: string, done: Done): void {
    fs.unlink(name, (error) => done(error === null ? undefined : failed('remove', name, error)));
  }

  list(name: string, done: (names: readonly string[] | Failure) => void): void {
    fs.readdir(name, (error, names) => done(error === null ? names : failed('list', name, error)));
  }

  makeDirectory(name: string, done: Done): void {
    makeParentsFirst(name, (error) => {
      if (error !== null) return done(failed('make directory', name, error));
      fs.stat(name, (unread, stats) => {
        if (unread !== null) done(failed('stat', name, unread));
        else
          done(stats.isDirectory() ? undefined : failed('make directory', name, { code: 'ENOTDIR', message: 'not a directory' }));
      });
    });
  }

  lock(name: string, done: Done): void {
    let result: Failure | undefined;
    try {
      result = this.#takeLock(name);
    } catch (error) {
      result = failed('lock', name, error as NodeJS.ErrnoException);
    }
    done(result);
  }

  unlock(name: string, done: Done): void {
    const mine = this.#locks.get(name);
    this.#locks.delete(name);
    if (mine === undefined || readHolder(name) !== mine) return done();
    this.remove(name, done);
  }

  /**
   * A file made with O_EXCL that names its holder by process id, start time and boot, since a process id alone is reused. All
   * processes must see the same process ids: two containers do not exclude each other. A stale lock is moved away first, and moved
   * back if another process was quicker.
   */
  #takeLock(name: string): Failure | undefined {
    const mine = `${process.pid} ${startOf(process.pid)} ${bootOf()}\n`;
    const own = `${name}.${process.pid}`;
    for (let attempt = 0; attempt < 8; attempt++) {
      fs.rmSync(own, { force: true });
      // Written whole before it gets its name: no one ever reads half a holder.
      fs.writeFileSync(own, mine, { flag: 'wx', mode: 0o600 });
      const taken = linked(own, name);
      fs.rmSync(own, { force: true });
      if (taken) {
        this.#locks.set(name, mine);
        return undefined;
      }
      const holder = readHolder(name);
      if (holder !== undefined && isAlive(holder)) return lockedBy(path.dirname(name), holder);
      if (holder !== undefined) moveStale(name, holder, own);
    }
    return lockedBy(path.dirname(name), readHolder(name) ?? 'unknown');
  }

  #file(file: number): OpenFile {
    const open = this.#files.get(file);
    invariant(open !== undefined, 'the file is not open');
    return open;
  }

  #settle(open: OpenFile): void {
    open.pending--;
    if (open.closing && open.pending === 0) fs.close(open.fd, () => undefined);
  }
}

function linked(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function moveStale(name: string, stale: string, own: string): void {
  try {
    fs.renameSync(name, own);
  } catch {
    return; // Somebody else moved it: the next attempt sees what came of it.
  }
  if (readHolder(own) !== stale) linked(own, name);
  fs.rmSync(own, { force: true });
}

function readHolder(name: string): string | undefined {
  try {
    return fs.readFileSync(name, 'utf8');
  } catch {
    return undefined; // Gone, or unreadable: the attempt to take it says which.
  }
}

function isAlive(holder: string): boolean {
  const [pid, start, boot] = holder.trim().split(' ');
  const id = Number(pid);
  if (!Number.isInteger(id) || id < 1) return false;
  if (boot !== bootOf()) return false;
  try {
    process.kill(id, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(id) === start;
}

/** When a process began, in clock ticks since the boot; `-` where the system does not tell. */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may contain anything; the start is the 20th field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}

function bootOf(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '-';
  }
}

function lockedBy(directory: string, holder: string): Failure {
  const pid = holder.split(' ')[0] ?? '';
  const what = `the data directory is in use by a running process (${directory}, got process ${pid}, allowed none)`;
  return failure('E_DATA_LOCKED', `${what}. Stop that process, or use another directory.`, 78);
}

const codes: Readonly<Record<string, { code: string; advice: string; exit: 74 | 78 }>> = {
  ENOENT: { code: 'E_DISK_MISSING', advice: 'Put it back, or correct the path.', exit: 74 },
  EEXIST: { code: 'E_DISK_TYPE', advice: 'Correct the path.', exit: 78 },
  ENOTDIR: { code: 'E_DISK_TYPE', advice: 'Correct the path.', exit: 78 },
  EISDIR: { code: 'E_DISK_TYPE', advice: 'Correct the path.', exit: 78 },
  EACCES: { code: 'E_DISK_ACCESS', advice: 'Give this user the right to read and write it.', exit: 74 },
  EPERM: { code: 'E_DISK_ACCESS', advice: 'Give this user the right to read and write it.', exit: 74 },
  EROFS: { code: 'E_DISK_ACCESS', advice: 'Mount the file system for writing.', exit: 74 },
  ENOSPC: { code: 'E_DISK_FULL', advice: 'Free space, then restart.', exit: 74 },
  EDQUOT: { code: 'E_DISK_FULL', advice: 'Free space, then restart.', exit: 74 },
  EFBIG: { code: 'E_DISK_FULL', advice: 'Raise the limit on the size of files, then restart.', exit: 74 },
  EMFILE: { code: 'E_DISK_FILES', advice: 'Raise the limit on open files, then restart.', exit: 74 },
  ENFILE: { code: 'E_DISK_FILES', advice: 'Raise the limit on open files, then restart.', exit: 74 },
};
const otherwise = { code: 'E_DISK_IO', advice: 'Check the disk, then restart.', exit: 74 } as const;

function failed(
  operation: string,
  name: string,
  error: { readonly code?: string | undefined; readonly message: string },
): Failure {
  const { code, advice, exit } = codes[error.code ?? ''] ?? otherwise;
  return failure(code, `cannot ${operation} ${name} (got ${error.code ?? error.message}). ${advice}`, exit);
}

// Node's own recursive mkdir never ends where a parent exists and says that it does not, as /proc does: one try per level is enough.
function makeParentsFirst(name: string, done: (error: NodeJS.ErrnoException | null) => void): void {
  fs.mkdir(name, { mode: 0o700 }, (error) => {
    if (error === null || error.code === 'EEXIST') return done(null);
    const parent = path.dirname(name);
    if (error.code !== 'ENOENT' || parent === name) return done(error);
    makeParentsFirst(parent, (parentError) => {
      if (parentError !== null) return done(parentError);
      // The caller knows of one directory and syncs its name; nobody else knows of this one.
      syncNames(path.dirname(parent), (unsynced) => {
        if (unsynced !== null) return done(unsynced);
        fs.mkdir(name, { mode: 0o700 }, (again) => done(again?.code === 'EEXIST' ? null : again));
      });
    });
  });
}

function syncNames(directory: string, done: (error: NodeJS.ErrnoException | null) => void): void {
  fs.open(directory, 'r', (error, fd) => {
    if (error !== null) return done(error);
    fs.fsync(fd, (unsynced) => {
      fs.close(fd, () => done(unsynced));
    });
  });
}
