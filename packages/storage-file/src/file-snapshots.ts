import { failure, isFailure } from '@quorate/interface';
import type { Failure, SnapshotMeta, SnapshotStore, SnapshotWriter } from '@quorate/interface';
import { loop } from './loop.ts';
import { blockBytes, damagedSnapshot, readTrailer } from './snapshot-file.ts';
import type { SnapshotContext, SnapshotFile } from './snapshot-file.ts';
import { openSnapshotWriter } from './snapshot-writer.ts';

/** A store that can be closed. */
export interface FileSnapshotStore extends SnapshotStore {
  close(): void;
}

/** Snapshots as files `ID.snap`; one that is still being written is `ID.partial`. */
export function createFileSnapshots(context: SnapshotContext): FileSnapshotStore {
  return new FileSnapshots(context);
}

class FileSnapshots implements FileSnapshotStore {
  readonly #context: SnapshotContext;
  /** Ids that this process is writing. */
  readonly #writing = new Set<string>();
  /** The one that was read last: a peer pulls it chunk by chunk. */
  #reading: { readonly file: number; readonly snapshot: SnapshotFile } | undefined;

  constructor(context: SnapshotContext) {
    this.#context = context;
  }

  list(done: (metas: readonly SnapshotMeta[] | Failure) => void): void {
    const { disk, directory } = this.#context;
    disk.list(directory, (names) => {
      if (isFailure(names)) return done(names);
      const found: SnapshotMeta[] = [];
      const files = names.filter((name) => name.endsWith('.snap')).sort();
      loop((again) => {
        const name = files.shift();
        if (name === undefined) return done(found.sort((a, b) => b.index - a.index));
        this.#open(name.slice(0, -5), (opened) => {
          // A damaged one is no snapshot. If a mark names it, its owner misses it and says so.
          if (!isFailure(opened)) {
            disk.close(opened.file);
            found.push(opened.snapshot.meta);
          } else if (opened.code === 'E_VERSION') return done(opened);
          again();
        });
      });
    });
  }

  writer(meta: SnapshotMeta, resume: boolean, done: (writer: SnapshotWriter | Failure) => void): void {
    if (!isSafe(meta.id)) return done(badId(meta.id));
    this.#writing.add(meta.id);
    const ended = (finished: boolean): void => {
      this.#writing.delete(meta.id);
      if (finished) this.#removePartials();
    };
    openSnapshotWriter(this.#context, { meta, resume, ended }, (writer) => {
      if (isFailure(writer)) this.#writing.delete(meta.id);
      done(writer);
    });
  }

  read(id: string, offset: number, maxBytes: number, done: (chunk: Uint8Array | Failure) => void): void {
    if (!isSafe(id)) return done(badId(id));
    if (this.#reading?.snapshot.meta.id === id) return this.#readBlocks(this.#reading, { offset, maxBytes }, done);
    this.#open(id, (opened) => {
      if (isFailure(opened)) return done(opened);
      this.#stopReading();
      this.#reading = opened;
      this.#readBlocks(opened, { offset, maxBytes }, done);
    });
  }

  removeAllBut(ids: readonly string[]): void {
    const { disk, directory } = this.#context;
    const reading = this.#reading?.snapshot.meta.id;
    if (reading !== undefined && !ids.includes(reading)) this.#stopReading();
    disk.list(directory, (names) => {
      if (isFailure(names)) return;
      for (const name of names) {
        const id = name.endsWith('.snap') ? name.slice(0, -5) : undefined;
        if (id !== undefined && !ids.includes(id)) disk.remove(`${directory}/${name}`, () => undefined);
      }
    });
  }

  close(): void {
    this.#stopReading();
  }

  /** Unfinished ones stay over a restart, to be resumed, until another snapshot is finished. */
  #removePartials(): void {
    const { disk, directory } = this.#context;
    disk.list(directory, (names) => {
      if (isFailure(names)) return;
      for (const name of names) {
        const id = name.endsWith('.partial') ? name.slice(0, -8) : undefined;
        if (id !== undefined && !this.#writing.has(id)) disk.remove(`${directory}/${name}`, () => undefined);
      }
    });
  }

  #open(id: string, done: (opened: { file: number; snapshot: SnapshotFile } | Failure) => void): void {
    const { disk, directory } = this.#context;
    const path = `${directory}/${id}.snap`;
    disk.open(path, 'read', (file) => {
      if (isFailure(file)) return done(file);
      readTrailer(disk, { file, path }, (snapshot) => {
        if (!isFailure(snapshot)) return done({ file, snapshot });
        disk.close(file);
        done(snapshot);
      });
    });
  }

  /** Reads whole blocks, so that each is checked, and hands out the part that was asked for. */
  #readBlocks(
    reading: { readonly file: number; readonly snapshot: SnapshotFile },
    part: { readonly offset: number; readonly maxBytes: number },
    done: (chunk: Uint8Array | Failure) => void,
  ): void {
    const { disk } = this.#context;
    const { file, snapshot } = reading;
    const { bytes } = snapshot.meta;
    const stop = Math.min(bytes, part.offset + part.maxBytes);
    if (part.offset >= stop) return done(new Uint8Array(0));
    const first = Math.floor(part.offset / blockBytes);
    const start = first * blockBytes;
    const end = Math.min(bytes, Math.ceil(stop / blockBytes) * blockBytes);
    disk.read(file, start, end - start, (data) => {
      if (isFailure(data)) return done(data);
      if (data.length < end - start) return done(damagedSnapshot(snapshot.path, start + data.length));
      for (let at = 0; at < data.length; at += blockBytes) {
        const crc = disk.crc32(data.subarray(at, Math.min(at + blockBytes, data.length)), 0);
        if (crc !== snapshot.blocks[first + at / blockBytes]) return done(damagedSnapshot(snapshot.path, start + at));
      }
      done(data.subarray(part.offset - start, stop - start));
    });
  }

  #stopReading(): void {
    if (this.#reading !== undefined) this.#context.disk.close(this.#reading.file);
    this.#reading = undefined;
  }
}

/** An id may come from a peer, and becomes a file name. */
function isSafe(id: string): boolean {
  return /^[A-Za-z0-9-]{1,128}$/u.test(id);
}

function badId(id: string): Failure {
  const what = `the id of a snapshot is no file name (id, got ${JSON.stringify(id.slice(0, 64))}, allowed: letters, digits, dashes)`;
  return failure('E_SNAP_ID', `${what}. Ask the peer that sent it.`, 65);
}
