import { failure, invariant } from '@quorate/interface';
import type { Failure, SnapshotMeta, SnapshotStore, SnapshotWriter } from '@quorate/interface';
import type { MemoryContent } from './memory-medium.ts';

/** Snapshots in the content of a medium. */
export function createMemorySnapshots(content: MemoryContent): SnapshotStore {
  return {
    list(done): void {
      const metas = [...content.snapshots.values()].map(({ meta }) => meta);
      done(metas.sort((a, b) => b.index - a.index));
    },
    writer(meta, resume, done): void {
      const chunks = resume ? (content.partials.get(meta.id) ?? []) : [];
      content.partials.set(meta.id, chunks);
      done(new MemorySnapshotWriter(content, meta, chunks));
    },
    read(id, offset, maxBytes, done): void {
      const stored = content.snapshots.get(id);
      if (stored === undefined)
        done(failure('E_SNAP_MISSING', `there is no such snapshot (id, got ${id}). Ask another member.`, 65));
      else done(stored.bytes.subarray(offset, offset + maxBytes));
    },
    removeAllBut(ids): void {
      for (const id of content.snapshots.keys()) if (!ids.includes(id)) content.snapshots.delete(id);
    },
  };
}

class MemorySnapshotWriter implements SnapshotWriter {
  offset = 0;
  readonly #content: MemoryContent;
  readonly #meta: SnapshotMeta;
  readonly #chunks: Uint8Array[];
  #over = false;

  constructor(content: MemoryContent, meta: SnapshotMeta, chunks: Uint8Array[]) {
    this.#content = content;
    this.#meta = meta;
    this.#chunks = chunks;
    for (const chunk of chunks) this.offset += chunk.length;
  }

  write(chunk: Uint8Array, done: (failed?: Failure) => void): void {
    invariant(!this.#over, 'the writer of a snapshot is over');
    this.#chunks.push(chunk.slice());
    this.offset += chunk.length;
    done();
  }

  finish(checksum: number, done: (result: SnapshotMeta | Failure) => void): void {
    invariant(!this.#over, 'the writer of a snapshot is over');
    this.#over = true;
    const { partials, snapshots, crc32 } = this.#content;
    partials.delete(this.#meta.id);
    const bytes = new Uint8Array(this.offset);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const got = crc32(bytes, 0);
    if (got !== checksum) {
      const what = `the bytes of a snapshot do not match its checksum (id ${this.#meta.id}, got ${got}, allowed ${checksum})`;
      return done(failure('E_SNAP_CHECKSUM', `${what}. It is removed and fetched again.`, 65));
    }
    const meta = { ...this.#meta, bytes: bytes.length };
    snapshots.set(meta.id, { meta, bytes });
    partials.clear();
    done(meta);
  }

  abort(): void {
    this.#over = true;
  }
}
