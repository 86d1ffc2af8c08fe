import { failure, invariant, isFailure, joinCrc32 } from '@quorate/interface';
import type { Failure, SnapshotMeta, SnapshotWriter } from '@quorate/interface';
import { inOrder, loop } from './loop.ts';
import { blockBytes, encodeTrailer } from './snapshot-file.ts';
import type { SnapshotContext } from './snapshot-file.ts';
import { writeAll } from './whole-file.ts';
import type { Done } from './whole-file.ts';

const readBackBytes = 1_048_576;
// Synced little by little: one sync of a large file at its end would keep the journal's syncs waiting for as long as it takes.
const syncEveryBytes = 4_194_304;

/** What is to be written. `ended` is called once, when the writer is over. */
export interface WriterRequest {
  readonly meta: SnapshotMeta;
  readonly resume: boolean;
  readonly ended: (finished: boolean) => void;
}

/** Opens `ID.partial`: a new one, or the one that an earlier writer left, whose checksums are computed again. */
export function openSnapshotWriter(
  context: SnapshotContext,
  request: WriterRequest,
  done: (writer: SnapshotWriter | Failure) => void,
): void {
  const { disk, directory } = context;
  const path = `${directory}/${request.meta.id}.partial`;
  const create = (): void =>
    disk.remove(path, () =>
      disk.open(path, 'create', (file) => done(isFailure(file) ? file : new FileSnapshotWriter(context, request, file))),
    );
  if (!request.resume) return create();
  disk.open(path, 'write', (file) => {
    if (isFailure(file)) return create();
    const writer = new FileSnapshotWriter(context, request, file);
    writer.readBack((failed) => {
      if (failed === undefined) return done(writer);
      disk.close(file);
      done(failed);
    });
  });
}

class FileSnapshotWriter implements SnapshotWriter {
  offset = 0;
  readonly #context: SnapshotContext;
  readonly #request: WriterRequest;
  readonly #file: number;
  #over = false;
  /** A write is under way, of which the disk may take a piece at a time. */
  #writing = false;
  /** A write failed. */
  #failed = false;
  /** Of all blocks that are complete. */
  #crc = 0;
  #blockCrc = 0;
  #unsynced = 0;
  readonly #blocks: number[] = [];

  constructor(context: SnapshotContext, request: WriterRequest, file: number) {
    this.#context = context;
    this.#request = request;
    this.#file = file;
  }

  /** Continues behind what the file holds. Bytes that a crash left wrong are found by `finish`. */
  readBack(done: Done): void {
    const { disk } = this.#context;
    const limit = this.#request.meta.bytes;
    loop((again) => {
      const bytes = Math.min(readBackBytes, limit - this.offset);
      // What lies behind the snapshot's bytes is the trailer of a `finish` that a crash interrupted.
      if (bytes <= 0) return disk.truncate(this.#file, this.offset, done);
      disk.read(this.#file, this.offset, bytes, (data) => {
        if (isFailure(data)) return done(data);
        if (data.length === 0) return done();
        this.#digest(data);
        again();
      });
    });
  }

  write(chunk: Uint8Array, done: Done): void {
    invariant(!this.#over && !this.#writing, 'the writer of a snapshot is over, or busy');
    this.#writing = true;
    const settle: Done = (failed) => {
      this.#writing = false;
      if (failed !== undefined) this.#failed = true;
      if (this.#over) this.#close();
      done(failed);
    };
    writeAll(this.#context.disk, { file: this.#file, offset: this.offset, chunks: [chunk] }, (failed) => {
      if (failed !== undefined) return settle(failed);
      this.#digest(chunk);
      this.#unsynced += chunk.length;
      if (this.#over || this.#unsynced < syncEveryBytes) return settle();
      this.#unsynced = 0;
      this.#context.disk.sync(this.#file, settle);
    });
  }

  finish(checksum: number, done: (result: SnapshotMeta | Failure) => void): void {
    invariant(!this.#over, 'the writer of a snapshot is over');
    this.#over = true;
    const { disk, directory } = this.#context;
    const { id } = this.#request.meta;
    const partial = `${directory}/${id}.partial`;
    this.#endBlock();
    if (checksum !== this.#crc) {
      this.#end(false);
      // Resuming it would only fail again.
      return disk.remove(partial, () => done(wrongChecksum(partial, this.#crc, checksum)));
    }
    const meta = { ...this.#request.meta, bytes: this.offset };
    const trailer = encodeTrailer(meta, this.#blocks, disk.crc32);
    inOrder(
      [
        (next) => writeAll(disk, { file: this.#file, offset: this.offset, chunks: [trailer] }, next),
        (next) => disk.sync(this.#file, next),
        (next) => disk.rename(partial, `${directory}/${id}.snap`, next),
        (next) => disk.syncDirectory(directory, next),
      ],
      (failed) => {
        this.#end(failed === undefined);
        if (failed === undefined) done(meta);
        else disk.remove(partial, () => done(failed));
      },
    );
  }

  /** A write that is under way has its end first: another piece of it must not meet a file that is closed. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#request.ended(false);
    if (!this.#writing) this.#close();
  }

  #close(): void {
    const { disk, directory } = this.#context;
    disk.close(this.#file);
    // On a full disk the half of a snapshot must not eat the last bytes.
    if (this.#failed) disk.remove(`${directory}/${this.#request.meta.id}.partial`, () => undefined);
  }

  #end(finished: boolean): void {
    this.#context.disk.close(this.#file);
    this.#request.ended(finished);
  }

  // Each byte is looked at once: the checksum of the whole is joined from those of the blocks.
  #digest(bytes: Uint8Array): void {
    const { crc32 } = this.#context.disk;
    let at = 0;
    while (at < bytes.length) {
      const count = Math.min(bytes.length - at, blockBytes - (this.offset % blockBytes));
      this.#blockCrc = crc32(bytes.subarray(at, at + count), this.#blockCrc);
      at += count;
      this.offset += count;
      if (this.offset % blockBytes === 0) this.#pushBlock(blockBytes);
    }
  }

  #endBlock(): void {
    const rest = this.offset % blockBytes;
    if (rest > 0) this.#pushBlock(rest);
  }

  #pushBlock(bytes: number): void {
    this.#crc = joinCrc32(this.#crc, this.#blockCrc, bytes);
    this.#blocks.push(this.#blockCrc);
    this.#blockCrc = 0;
  }
}

function wrongChecksum(path: string, got: number, allowed: number): Failure {
  const what = `the bytes of a snapshot do not match its checksum (file ${path}, got ${got}, allowed ${allowed})`;
  return failure('E_SNAP_CHECKSUM', `${what}. It is removed and fetched again.`, 65);
}
