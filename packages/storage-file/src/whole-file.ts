import { failure, isFailure } from '@quorate/interface';
import type { Disk, Failure } from '@quorate/interface';
import { loop } from './loop.ts';

/** Completes with nothing, or with why not. */
export type Done = (failed?: Failure) => void;

/** A file taken whole: small ones only. */
export function readFile(disk: Disk, path: string, done: (bytes: Uint8Array | Failure) => void): void {
  disk.open(path, 'read', (file) => {
    if (isFailure(file)) return done(file);
    const finish = (result: Uint8Array | Failure): void => {
      disk.close(file);
      done(result);
    };
    disk.size(file, (size) => {
      if (isFailure(size)) finish(size);
      else if (size === 0) finish(new Uint8Array(0));
      else disk.read(file, 0, size, finish);
    });
  });
}

/** Puts `bytes` into the place of `name` in one step: a crash leaves the old content or the new, never a mixture. */
export function replaceFile(disk: Disk, place: { directory: string; name: string }, bytes: Uint8Array, done: Done): void {
  const { directory, name } = place;
  const temporary = `${directory}/${name}.tmp`;
  writeNew(disk, temporary, bytes, (failed) => {
    if (failed !== undefined) return done(failed);
    disk.rename(temporary, `${directory}/${name}`, (unnamed) => {
      if (unnamed !== undefined) done(unnamed);
      else disk.syncDirectory(directory, done);
    });
  });
}

/** Makes a file with exactly these bytes, synced; what an earlier life left there is removed first. Its name is not durable yet. */
export function writeNew(disk: Disk, path: string, bytes: Uint8Array, done: Done): void {
  disk.remove(path, () => {
    disk.open(path, 'create', (file) => {
      if (isFailure(file)) return done(file);
      const finish = (failed?: Failure): void => {
        disk.close(file);
        // On a full disk the half of a file must not eat the last bytes.
        if (failed === undefined) done();
        else disk.remove(path, () => done(failed));
      };
      writeAll(disk, { file, offset: 0, chunks: [bytes] }, (failed) => {
        if (failed === undefined) disk.sync(file, finish);
        else finish(failed);
      });
    });
  });
}

/** Writes all the bytes, however many the disk takes at a time. */
export function writeAll(disk: Disk, place: { file: number; offset: number; chunks: readonly Uint8Array[] }, done: Done): void {
  let { offset, chunks } = place;
  loop((again) => {
    disk.write(place.file, offset, chunks, (written) => {
      if (isFailure(written)) return done(written);
      const left = skipBytes(chunks, written);
      if (left.length === 0) return done();
      if (written === 0) return done(stuckWrite(offset));
      offset += written;
      chunks = left;
      again();
    });
  });
}

/** What is left of `chunks` behind the first `count` bytes. */
export function skipBytes(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = count;
  for (const chunk of chunks) {
    if (skip >= chunk.length) skip -= chunk.length;
    else {
      left.push(skip === 0 ? chunk : chunk.subarray(skip));
      skip = 0;
    }
  }
  return left;
}

/** A disk that takes nothing and names no reason. */
export function stuckWrite(offset: number): Failure {
  return failure(
    'E_DISK_IO',
    `the disk takes no more bytes (offset ${offset}, got 0). Free space or replace the disk, then restart.`,
    74,
  );
}
