import fs from 'node:fs';
import path from 'node:path';
import { crc32, failure } from '@quorate/interface';
import type { Failure, SnapshotMeta, SnapshotStore, SnapshotWriter } from '@quorate/interface';

/** A file of bytes and a file of facts for each snapshot; it exists once the second one has its name. */
export function oneFileSnapshots(directory: string): SnapshotStore {
  const placeOf = (id: string, ending: string): string => path.join(directory, `${id}.${ending}`);
  const finished = (): SnapshotMeta[] =>
    fs
      .readdirSync(directory)
      .filter((name) => name.endsWith('.meta'))
      .map((name) => decodeMeta(fs.readFileSync(path.join(directory, name), 'utf8')));
  return {
    list: (done) => done(finished().sort((a, b) => b.index - a.index)),
    writer: (meta, resume, done) =>
      done(
        new OneFileWriter(
          { meta, partial: placeOf(meta.id, 'partial'), bytes: placeOf(meta.id, 'bytes'), facts: placeOf(meta.id, 'meta') },
          resume,
        ),
      ),
    read(id, offset, maxBytes, done) {
      if (!fs.existsSync(placeOf(id, 'meta')))
        return done(failure('E_SNAP_MISSING', `there is no such snapshot (id, got ${id}). Ask another member.`, 65));
      const all = fs.readFileSync(placeOf(id, 'bytes'));
      done(new Uint8Array(all.subarray(offset, offset + maxBytes)));
    },
    removeAllBut(ids) {
      for (const { id } of finished())
        // The facts first: bytes that nobody names are no snapshot.
        if (!ids.includes(id)) for (const ending of ['meta', 'bytes']) fs.rmSync(placeOf(id, ending), { force: true });
    },
  };
}

interface Places {
  readonly meta: SnapshotMeta;
  readonly partial: string;
  readonly bytes: string;
  readonly facts: string;
}

class OneFileWriter implements SnapshotWriter {
  offset: number;
  readonly #places: Places;
  readonly #file: number;
  #isOver = false;

  constructor(places: Places, resume: boolean) {
    this.#places = places;
    this.#file = fs.openSync(places.partial, resume ? 'a' : 'w');
    this.offset = fs.fstatSync(this.#file).size;
  }

  write(chunk: Uint8Array, done: (failed?: Failure) => void): void {
    fs.writeSync(this.#file, chunk);
    this.offset += chunk.length;
    done();
  }

  finish(checksum: number, done: (result: SnapshotMeta | Failure) => void): void {
    const { partial, bytes, facts } = this.#places;
    fs.fsyncSync(this.#file);
    this.abort();
    const got = crc32(fs.readFileSync(partial), 0);
    if (got !== checksum) {
      fs.rmSync(partial);
      const what = `the bytes of a snapshot do not match its checksum (got ${got}, allowed ${checksum})`;
      return done(failure('E_SNAP_CHECKSUM', `${what}. It is removed and fetched again.`, 65));
    }
    const meta = { ...this.#places.meta, bytes: this.offset };
    fs.renameSync(partial, bytes);
    fs.writeFileSync(`${facts}.new`, encodeMeta(meta), { flush: true });
    fs.renameSync(`${facts}.new`, facts);
    syncDirectory(path.dirname(facts));
    done(meta);
  }

  abort(): void {
    if (!this.#isOver) fs.closeSync(this.#file);
    this.#isOver = true;
  }
}

/** A name is durable once its directory is. */
export function syncDirectory(directory: string): void {
  const handle = fs.openSync(directory, 'r');
  fs.fsyncSync(handle);
  fs.closeSync(handle);
}

function encodeMeta(meta: SnapshotMeta): string {
  return JSON.stringify({ ...meta, core: [...meta.core] });
}

function decodeMeta(text: string): SnapshotMeta {
  const meta = JSON.parse(text) as SnapshotMeta & { readonly core: readonly number[] };
  return { ...meta, core: Uint8Array.from(meta.core) };
}
