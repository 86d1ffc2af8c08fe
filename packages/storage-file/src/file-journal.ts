import { at, failure, invariant, isFailure, lastOf } from '@quorate/interface';
import type { EntryBatch, Failure, IndexRange, Journal, JournalBatch, Recovered, WriteNumber } from '@quorate/interface';
import { createBatchEncoder, sizeOf } from './batch-encoder.ts';
import type { BatchContent, EncodedBatch } from './batch-encoder.ts';
import { headerBytes, markBytes } from './batch-format.ts';
import { writeCleanMarker } from './clean-marker.ts';
import { readEntriesOf } from './journal-reader.ts';
import type { ReadDone } from './journal-reader.ts';
import { recoverJournal } from './journal-recovery.ts';
import type { FoundJournal } from './journal-recovery.ts';
import { applyDurable, belowOf, commitOf, createJournalState } from './journal-state.ts';
import { loop } from './loop.ts';
import { createSegmentSupply } from './segment-supply.ts';
import type { SegmentSupply } from './segment-supply.ts';
import type { JournalContext, Segment } from './segment.ts';
import { skipBytes, stuckWrite } from './whole-file.ts';

/** Logical batches are merged into one physical batch up to this size; a larger one travels alone. */
const mergedBytes = 1_048_576;
/** The fixed part of a physical batch (header, mark, state record, padding), and a bound of what the start of a segment restates. */
const fixedBytes = headerBytes + markBytes + 48;
const tailReadBytes = 1_048_576;

// `writing`: from the choice of the batches until their sync returned, or while that waits for a segment.
type Phase = 'new' | 'opening' | 'idle' | 'writing' | 'failed' | 'closed';

/** The journal of one group in one directory: batches are merged per flush, written at once, and synced once. */
export function createFileJournal(context: JournalContext): Journal {
  return new FileJournal(context);
}

class FileJournal implements Journal {
  onDurable: (write: WriteNumber) => void = () => undefined;
  onFailure: (failed: Failure) => void = () => undefined;

  readonly #context: JournalContext;
  readonly #encode: ReturnType<typeof createBatchEncoder>;
  #phase: Phase = 'new';
  #state = createJournalState();
  /** With batches, oldest first; the last one is written to. Empty before the first batch. */
  #segments: Segment[] = [];
  #supply: SegmentSupply | undefined;

  // Appended and not yet written; batches `#queue[0 … #taken − 1]` are in flight.
  #queue: JournalBatch[] = [];
  #taken: JournalBatch[] = [];
  #lastWrite: WriteNumber = 0;
  #durableWrite: WriteNumber = 0;
  #pumping = false;
  #again = false;
  #wanted = false;
  #whenIdle: (() => void) | undefined;
  /** Reads under way: their files stay open. */
  #reading = 0;
  /** What `onFailure` was told. */
  #failure: Failure | undefined;

  // Of the batch in flight.
  #encoded: EncodedBatch | undefined;
  #chunks: readonly Uint8Array[] = [];
  #writeOffset = 0;
  #firstGeneration = 1;
  /** Whether segments may have become free since that was looked at last. */
  #compacted = true;
  #syncBegan = 0;

  readonly #counts = {
    batches: 0,
    syncs: 0,
    bytes: 0,
    lastSyncMs: 0,
    maxSyncMs: 0,
    segmentWaits: 0,
    tornBatches: 0,
    rewrites: 0,
  };

  constructor(context: JournalContext) {
    this.#context = context;
    this.#encode = createBatchEncoder(context.owner, context.disk.crc32);
  }

  open(done: (result: Recovered | Failure) => void): void {
    invariant(this.#phase === 'new', 'a journal is opened once');
    this.#phase = 'opening';
    const finish = (result: Recovered | Failure): void => {
      this.#phase = isFailure(result) ? 'failed' : 'idle';
      done(result);
      this.#rested();
    };
    recoverJournal(this.#context, (found) => {
      if (isFailure(found)) return finish(found);
      this.#adopt(found);
      this.#firstSegment((failed) => {
        if (failed === undefined) this.#describe(finish);
        else finish(failed);
      });
    });
  }

  append(batch: JournalBatch): WriteNumber {
    invariant(this.#phase === 'idle' || this.#phase === 'writing' || this.#phase === 'failed', 'append needs an open journal');
    if (this.#phase !== 'failed') this.#queue.push(batch);
    return ++this.#lastWrite;
  }

  flush(): void {
    if (this.#phase === 'idle') this.#pump();
    else this.#wanted = true;
  }

  read(range: IndexRange, maxBytes: number, done: ReadDone): void {
    const source = { index: this.#state.index, segment: (generation: number): Segment => this.#segmentOf(generation) };
    this.#reading++;
    readEntriesOf(this.#context, source, { range, maxBytes }, (result) => {
      this.#reading--;
      done(result);
      if (this.#reading === 0) this.#rested();
    });
  }

  grownBytes(): number {
    return this.#state.grownBytes;
  }

  stats(): Readonly<Record<string, number | string>> {
    const { disk } = this.#context;
    const { grownBytes, index } = this.#state;
    return { ...this.#counts, syncMode: disk.syncMode, segments: this.#segments.length, grownBytes, indexRows: index.count };
  }

  close(done: (failed?: Failure) => void): void {
    if (this.#phase === 'closed') return done();
    // A repair that is under way must not go on without the lock of the directory.
    const busy = this.#phase === 'opening' || this.#phase === 'writing' || this.#reading > 0;
    if (busy || (this.#phase === 'idle' && this.#queue.length > 0)) {
      this.#whenIdle = () => this.close(done);
      if (this.#queue.length > 0) this.flush();
      return;
    }
    const clean = this.#phase === 'idle';
    this.#phase = 'closed';
    const finish = (failed?: Failure): void => {
      for (const segment of this.#segments) this.#context.disk.close(segment.file);
      done(failed ?? this.#failure);
    };
    const marked = (): void => (clean ? writeCleanMarker(this.#context, this.#state, finish) : finish());
    if (this.#supply === undefined) marked();
    else this.#supply.close(marked);
  }

  // ── start ──────────────────────────────────────────────────────────────────────────────────────────────

  #adopt(found: FoundJournal): void {
    this.#state = found.state;
    this.#segments = [...found.segments];
    this.#counts.tornBatches = found.tornBatches;
    this.#counts.rewrites = found.rewritten ? 1 : 0;
    const newest = found.prepared.at(-1) ?? found.segments.at(-1);
    const nextGeneration = (newest?.generation ?? 0) + 1;
    this.#supply = createSegmentSupply(this.#context, { nextGeneration, prepared: found.prepared });
    this.#supply.recycle(found.dropped);
  }

  /** A new journal has its first segment ready before it promises anything. */
  #firstSegment(done: (failed?: Failure) => void): void {
    if (this.#segments.length > 0) done();
    else this.#supplied().wait(done);
  }

  /** Reads what a core wants to hold: everything above the commit index, and all configurations. */
  #describe(done: (result: Recovered | Failure) => void): void {
    const { hardState, snapshot, commit, index } = this.#state;
    const tail: EntryBatch[] = [];
    const configs: EntryBatch[] = [];
    const ranges: { into: EntryBatch[]; from: number; to: number }[] = [];
    for (let place = 0; place < index.count; place++) {
      const row = index.row(place);
      if (row.kind === 'config') ranges.push({ into: configs, from: row.from, to: row.to });
    }
    ranges.push({ into: tail, from: Math.max(commit + 1, index.below), to: index.last });
    loop((again) => {
      const range = ranges[0];
      if (range === undefined) return done({ hardState, snapshot, commit, runs: index.runs(), tail, configs, damaged: [] });
      this.read(range, tailReadBytes, (entries) => {
        if (isFailure(entries)) return done(entries);
        invariant(entries !== 'compacted', 'a range of the index was compacted');
        range.into.push(...entries);
        const last = entries.at(-1);
        if (last === undefined || lastOf(last) >= range.to) ranges.shift();
        else range.from = lastOf(last) + 1;
        again();
      });
    });
  }

  // ── the path of a flush ────────────────────────────────────────────────────────────────────────────────

  /** Writes until nothing more is wanted. Completions that arrive at once come back to this loop instead of deepening the stack. */
  #pump(): void {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#again) {
      this.#again = false;
      this.#begin();
    }
    this.#pumping = false;
  }

  #begin(): void {
    if (this.#phase !== 'idle') return;
    this.#wanted = false;
    if (this.#queue.length === 0) return this.#rested();
    this.#phase = 'writing';
    const bytes = this.#take();
    const active = this.#segments.at(-1);
    const fresh = active === undefined || active.used === headerBytes;
    if (active !== undefined && (fresh || active.used + bytes <= active.bytes)) return this.#write(active);
    this.#rotate();
  }

  /** Moves what the next batch holds from the queue, and returns a bound of its size. */
  #take(): number {
    let bytes = fixedBytes;
    let count = 0;
    while (count < this.#queue.length) {
      const size = sizeOf(at(this.#queue, count));
      if (count > 0 && bytes + size > mergedBytes) break;
      bytes += size;
      count++;
    }
    this.#taken = count === this.#queue.length ? this.#queue : this.#queue.slice(0, count);
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count);
    return bytes;
  }

  #rotate(): void {
    const supply = this.#supplied();
    const next = supply.take();
    if (next !== undefined) {
      this.#segments.push(next);
      return this.#write(next);
    }
    this.#counts.segmentWaits++;
    supply.wait((failed) => {
      if (this.#phase !== 'writing') return;
      if (failed === undefined) this.#rotate();
      else this.#fail(failed);
    });
  }

  #write(segment: Segment): void {
    const state = this.#state;
    const { generation, used } = segment;
    const fresh = used === headerBytes;
    this.#firstGeneration = this.#oldestNeeded();
    const content: BatchContent = {
      batches: this.#taken,
      state: {
        commit: commitOf(state, this.#taken),
        below: belowOf(state, this.#taken),
        firstGeneration: this.#firstGeneration,
        grownBytes: state.grownBytes,
      },
      restate: fresh ? { hardState: state.hardState, mark: state.mark } : undefined,
    };
    const place = { generation, sequence: state.sequence + 1, chain: state.chain, offset: used, segmentBytes: segment.bytes };
    this.#encoded = this.#encode(content, place);
    this.#chunks = this.#encoded.chunks;
    this.#writeOffset = used;
    this.#context.disk.write(segment.file, used, this.#chunks, this.#written);
  }

  readonly #written = (written: number | Failure): void => {
    if (this.#phase !== 'writing') return;
    if (isFailure(written)) return this.#fail(written);
    const { disk, host } = this.#context;
    const { file } = this.#active();
    this.#chunks = skipBytes(this.#chunks, written);
    if (this.#chunks.length === 0) {
      this.#syncBegan = host.monotonicMs();
      disk.sync(file, this.#synced);
      return;
    }
    // A short write is no error: the next one tells why, or goes on.
    if (written === 0) return this.#fail(stuckWrite(this.#writeOffset));
    this.#writeOffset += written;
    disk.write(file, this.#writeOffset, this.#chunks, this.#written);
  };

  readonly #synced = (failed?: Failure): void => {
    if (this.#phase !== 'writing') return;
    if (failed !== undefined) return this.#fail(failed);
    const encoded = this.#encoded;
    invariant(encoded !== undefined, 'a sync without a batch');
    const segment = this.#active();
    const written = { encoded, generation: segment.generation, offset: segment.used, firstGeneration: this.#firstGeneration };
    const { below } = this.#state.index;
    applyDurable(this.#state, this.#taken, written);
    if (segment.used === headerBytes || this.#state.index.below > below) this.#compacted = true;
    segment.used += encoded.bytes;
    this.#durableWrite += this.#taken.length;
    this.#count(encoded);
    this.#taken = [];
    this.#tidy(segment);
    this.#phase = 'idle';
    // What gathered during the sync was meant to go; what is appended from here on waits for its own flush.
    const gathered = this.#queue.length > 0;
    this.onDurable(this.#durableWrite);
    if (gathered || this.#wanted) this.#pump();
    else this.#rested();
  };

  #count(encoded: EncodedBatch): void {
    const counts = this.#counts;
    const syncMs = this.#context.host.monotonicMs() - this.#syncBegan;
    counts.batches += this.#taken.length;
    counts.syncs++;
    counts.bytes += encoded.bytes;
    counts.lastSyncMs = syncMs;
    if (syncMs > counts.maxSyncMs) counts.maxSyncMs = syncMs;
  }

  /** Gives back segments once a durable batch says that they are no longer needed, and has the next one made in time. */
  #tidy(active: Segment): void {
    const supply = this.#supplied();
    let free = 0;
    while (at(this.#segments, free).generation < this.#firstGeneration && at(this.#segments, free).readers === 0) free++;
    if (free > 0) supply.recycle(this.#segments.splice(0, free));
    if (active.used * 4 > active.bytes) supply.prepare();
  }

  /** The oldest segment that recovery needs once the next batch is durable: the active one restates, or this very batch does. */
  #oldestNeeded(): number {
    const { index, firstGeneration } = this.#state;
    if (!this.#compacted) return firstGeneration;
    this.#compacted = false;
    const { generation } = this.#active();
    return Math.max(firstGeneration, Math.min(index.oldestGeneration() ?? generation, generation));
  }

  #fail(failed: Failure): void {
    this.#phase = 'failed';
    this.#queue = [];
    this.#taken = [];
    const text = `the journal cannot be written: ${failed.text}`;
    this.#failure = failure(failed.code, text, failed.exit);
    this.onFailure(this.#failure);
    this.#rested();
  }

  #rested(): void {
    const waiting = this.#whenIdle;
    this.#whenIdle = undefined;
    waiting?.();
  }

  #active(): Segment {
    return at(this.#segments, this.#segments.length - 1);
  }

  #segmentOf(generation: number): Segment {
    const segment = this.#segments.find((one) => one.generation === generation);
    invariant(segment !== undefined, 'the index names a segment that is gone');
    return segment;
  }

  #supplied(): SegmentSupply {
    invariant(this.#supply !== undefined, 'the journal is not open');
    return this.#supply;
  }
}
