import { lastOf, payloadBytes } from '@quorate/interface';
import type { Index, JournalBatch, SnapshotMeta } from '@quorate/interface';
import type { EncodedBatch } from './batch-encoder.ts';
import type { RecordVisitor, StateRecord } from './batch-records.ts';
import { createLogIndex } from './log-index.ts';
import type { LogIndex } from './log-index.ts';
import { decodeMeta, encodeMeta } from './snapshot-meta.ts';

/** All that the durable batches add up to, without payloads. Changed by recovery, and then by each batch once it is durable. */
export interface JournalState {
  hardState: Uint8Array | undefined;
  snapshot: SnapshotMeta | undefined;
  /** The snapshot's meta as recorded. */
  mark: Uint8Array | undefined;
  /** Never falls. */
  commit: Index;
  /** Segments of lower generations are no longer needed; never falls. */
  firstGeneration: number;
  /** Bytes written since the newest snapshot mark. */
  grownBytes: number;
  /** The sequence number and hash of the newest batch; both 0 before the first. */
  sequence: number;
  chain: number;
  readonly index: LogIndex;
}

/** The state of a journal that was never written. */
export function createJournalState(): JournalState {
  return {
    hardState: undefined,
    snapshot: undefined,
    mark: undefined,
    commit: 0,
    firstGeneration: 1,
    grownBytes: 0,
    sequence: 0,
    chain: 0,
    index: createLogIndex(),
  };
}

/** Applies the records of a batch that was read back. Entries lie in `generation`; `offset` and `payloadAt` are the batch's in its segment. */
export function recordsInto(
  state: JournalState,
  place: { readonly generation: number; readonly offset: number; readonly payloadAt: number; readonly bytes: number },
): RecordVisitor & { lastIndex: Index } {
  const { generation, offset, payloadAt, bytes } = place;
  return {
    lastIndex: 0,
    state({ commit, below, firstGeneration, grownBytes }: StateRecord): void {
      state.commit = Math.max(state.commit, commit);
      state.firstGeneration = Math.max(state.firstGeneration, firstGeneration);
      state.grownBytes = grownBytes + bytes;
      state.index.compact(below);
    },
    hardState(content): void {
      state.hardState = content;
    },
    mark(json, restated): boolean {
      const meta = decodeMeta(json);
      if (meta !== undefined) setMark(state, meta, json.slice());
      if (!restated) state.grownBytes = bytes;
      return meta !== undefined;
    },
    truncate(from): void {
      state.index.truncate(from);
    },
    entries({ first, count, round, owner, kind, at, payload, payloadBytes: length }): void {
      if (count === 0) return;
      const to = first + count - 1;
      this.lastIndex = Math.max(this.lastIndex, to);
      state.index.put({
        from: first,
        to,
        first,
        count,
        round,
        owner,
        kind,
        generation,
        head: offset + at,
        payload: payloadAt + payload,
        payloadBytes: length,
      });
    },
  };
}

/** Applies batches that have become durable at `offset` of segment `generation`. */
export function applyDurable(
  state: JournalState,
  batches: readonly JournalBatch[],
  written: {
    readonly encoded: EncodedBatch;
    readonly generation: number;
    readonly offset: number;
    readonly firstGeneration: number;
  },
): void {
  const { encoded, generation, offset } = written;
  state.sequence++;
  state.chain = encoded.hash;
  state.firstGeneration = written.firstGeneration;
  state.grownBytes += encoded.bytes;
  let run = 0;
  for (const batch of batches) {
    if (batch.snapshotMark !== undefined) {
      setMark(state, batch.snapshotMark, encodeMeta(batch.snapshotMark));
      state.grownBytes = encoded.bytes;
    }
    if (batch.truncateFrom !== undefined) state.index.truncate(batch.truncateFrom);
    if (batch.hardState !== undefined) state.hardState = batch.hardState;
    for (const entries of batch.entries) {
      const { first, count, kind, epoch } = entries;
      const head = offset + (encoded.heads[run] as number);
      const payload = offset + (encoded.payloads[run] as number);
      run++;
      if (count === 0) continue;
      const { round, owner } = epoch;
      const length = payloadBytes(entries);
      state.index.put({
        from: first,
        to: lastOf(entries),
        first,
        count,
        round,
        owner,
        kind,
        generation,
        head,
        payload,
        payloadBytes: length,
      });
    }
    if (batch.commit > state.commit) state.commit = batch.commit;
  }
  state.index.compact(belowOf(state, batches));
}

/** The compaction point once `batches` are applied. */
export function belowOf(state: JournalState, batches: readonly JournalBatch[]): Index {
  let below = state.index.below;
  for (const batch of batches) if (batch.compactBelow !== undefined && batch.compactBelow > below) below = batch.compactBelow;
  return below;
}

/** The commit index once `batches` are applied. */
export function commitOf(state: JournalState, batches: readonly JournalBatch[]): Index {
  let commit = state.commit;
  for (const batch of batches) {
    if (batch.commit > commit) commit = batch.commit;
    if (batch.snapshotMark !== undefined && batch.snapshotMark.index > commit) commit = batch.snapshotMark.index;
  }
  return commit;
}

function setMark(state: JournalState, meta: SnapshotMeta, json: Uint8Array): void {
  state.snapshot = meta;
  state.mark = json;
  state.commit = Math.max(state.commit, meta.index);
}
