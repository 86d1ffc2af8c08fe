import type { Disk } from '@quorate/interface';
import type { SimProcess } from '../process.ts';

/** Counts the calls of one process to its disk, and may end the process before one of them: a crash at any boundary. */
export interface DiskWatch {
  /** Called before each call that changes the disk. */
  beforeChange(): void;
}

/**
 * A disk as one process sees it: completions that come later are inputs of its event loop, and what it calls after its end does
 * nothing. (A process that is ended in the middle of a turn still runs that turn's code to the end; nobody may see that.)
 */
export function routedDisk(disk: Disk, process: SimProcess, watch: DiskWatch): Disk {
  const routed =
    <A extends unknown[]>(done: (...result: A) => void) =>
    (...result: A): void =>
      process.complete(() => done(...result));
  const change = (run: () => void): void => {
    if (process.alive) watch.beforeChange();
    if (process.alive) run();
  };
  const look = (run: () => void): void => {
    if (process.alive) run();
  };
  return {
    crc32: disk.crc32,
    get syncMode() {
      return disk.syncMode;
    },
    open: (path, mode, done) => (mode === 'create' ? change : look)(() => disk.open(path, mode, routed(done))),
    write: (file, offset, chunks, done) => change(() => disk.write(file, offset, chunks, routed(done))),
    read: (file, offset, bytes, done) => look(() => disk.read(file, offset, bytes, routed(done))),
    sync: (file, done) => change(() => disk.sync(file, routed(done))),
    syncDirectory: (path, done) => change(() => disk.syncDirectory(path, routed(done))),
    truncate: (file, bytes, done) => change(() => disk.truncate(file, bytes, routed(done))),
    size: (file, done) => look(() => disk.size(file, routed(done))),
    close: (file) => look(() => disk.close(file)),
    rename: (from, to, done) => change(() => disk.rename(from, to, routed(done))),
    remove: (path, done) => change(() => disk.remove(path, routed(done))),
    list: (path, done) => look(() => disk.list(path, routed(done))),
    makeDirectory: (path, done) => change(() => disk.makeDirectory(path, routed(done))),
    lock: (path, done) => look(() => disk.lock(path, routed(done))),
    unlock: (path, done) => look(() => disk.unlock(path, routed(done))),
  };
}
