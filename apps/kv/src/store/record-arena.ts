import { invariant } from '@quorate/interface';
import type { Version } from './version.ts';

const firstChunkBytes = 4 * 1024;
const chunkBytes = 64 * 1024;
// A larger record has a chunk of its own: it closes none that has room, and goes as soon as it is dropped.
const ownChunkBytes = chunkBytes / 16;

/** A stretch of memory that holds records, one behind the other. Bytes that were written never change. */
export class RecordChunk {
  readonly bytes: Uint8Array;
  used = 0;
  /** Bytes of records that are kept. */
  live = 0;
  /** Nothing is written behind what it holds any more. */
  full = false;
  /** Versions whose records were written here, in the order of their records; some are not kept any more, or moved away. */
  residents: Version[] = [];

  constructor(bytes: number) {
    this.bytes = new Uint8Array(bytes);
  }
}

/** Where versions without a record are. */
export const noChunk: RecordChunk = new RecordChunk(0);

/**
 * Where the records of all versions lie. An array of its own for each record costs the garbage collector more than the store spends on the
 * puts themselves: a quarter of all CPU of three members with values of 1 KiB. Records of versions that go leave holes; a full chunk that is
 * half holes is emptied by copying what is left of it, so that at most about half of the memory is holes, and each byte that is dropped
 * costs at most one that is copied.
 */
export class RecordArena {
  private chunk = noChunk;
  private readonly sparse: RecordChunk[] = [];

  /** The chunk that has room for `bytes` behind what it uses. The caller writes them there and calls `admit`. */
  roomFor(bytes: number): RecordChunk {
    const { chunk } = this;
    if (chunk.used + bytes <= chunk.bytes.length) return chunk;
    if (bytes > ownChunkBytes) return ownChunk(bytes);
    if (chunk !== noChunk) this.close(chunk);
    // A small store has small chunks.
    this.chunk = new RecordChunk(Math.max(firstChunkBytes, bytes, Math.min(chunkBytes, chunk.bytes.length * 2)));
    return this.chunk;
  }

  /** The record of `version` was written behind what its chunk used. */
  admit(version: Version): void {
    const { chunk, recordBytes } = version;
    if (recordBytes === 0) return;
    invariant(version.start === chunk.used, 'records lie one behind the other');
    chunk.used += recordBytes;
    chunk.live += recordBytes;
    chunk.residents.push(version);
  }

  /** The version is not kept any more. Whoever still has it can read it. */
  drop(version: Version): void {
    const { chunk, recordBytes } = version;
    invariant(version.kept && chunk.live >= recordBytes, 'a version is dropped once');
    version.kept = false;
    if (recordBytes === 0) return;
    const wasSparse = isSparse(chunk);
    chunk.live -= recordBytes;
    // Only the drop that crosses the half lists it. What is all holes needs no tidying.
    if (chunk.full && !wasSparse && isSparse(chunk) && chunk.live > 0) this.sparse.push(chunk);
  }

  /** Chunks that are mostly holes. Whoever drops on regardless holds memory that nobody needs. */
  get sparseChunks(): number {
    return this.sparse.length;
  }

  /** Empties one chunk that is mostly holes, if there is one: at most 32 KiB are copied. */
  tidy(): void {
    let chunk = this.sparse.pop();
    // Some became all holes meanwhile.
    while (chunk !== undefined && chunk.live === 0) chunk = this.sparse.pop();
    if (chunk === undefined) return;
    for (const version of chunk.residents) if (version.kept && version.chunk === chunk) this.move(version);
    invariant(chunk.live === 0, 'the residents of a chunk are all that it holds');
    chunk.residents = [];
  }

  private move(version: Version): void {
    const { chunk, start, recordBytes } = version;
    const target = this.roomFor(recordBytes);
    target.bytes.set(chunk.bytes.subarray(start, start + recordBytes), target.used);
    version.moveTo(target, target.used);
    chunk.live -= recordBytes;
    this.admit(version);
  }

  private close(chunk: RecordChunk): void {
    chunk.full = true;
    if (chunk.live > 0 && isSparse(chunk)) this.sparse.push(chunk);
  }
}

function ownChunk(bytes: number): RecordChunk {
  const chunk = new RecordChunk(bytes);
  chunk.full = true;
  return chunk;
}

function isSparse({ live, used }: RecordChunk): boolean {
  return live * 2 < used;
}
