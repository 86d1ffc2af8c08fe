import { isFailure } from '@quorate/interface';
import type { Disk, Failure } from '@quorate/interface';

const windowBytes = 262_144;

/** Reads a file from front to back in large pieces. */
export interface FileWindow {
  /** The bytes at `offset`: a view, valid until the next call, shorter only at the end of the file. */
  at(offset: number, bytes: number, done: (view: Uint8Array | Failure) => void): void;
}

/** A window on an open file. */
export function createFileWindow(disk: Disk, file: number): FileWindow {
  let start = 0;
  let held = new Uint8Array(0);
  return {
    at(offset, bytes, done): void {
      const from = offset - start;
      if (from >= 0 && from + bytes <= held.length) return done(held.subarray(from, from + bytes));
      disk.read(file, offset, Math.max(bytes, windowBytes), (data) => {
        if (isFailure(data)) return done(data);
        start = offset;
        held = new Uint8Array(data.buffer, data.byteOffset, data.length) as Uint8Array<ArrayBuffer>;
        done(held.subarray(0, Math.min(bytes, held.length)));
      });
    },
  };
}
