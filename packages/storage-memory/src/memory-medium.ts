import { crc32 } from '@quorate/interface';
import type { Crc32, Identity, Index, JournalBatch, SnapshotMeta } from '@quorate/interface';
import { payloadBytes } from '@quorate/interface';
import { createMemoryLog } from './memory-log.ts';
import type { MemoryLog } from './memory-log.ts';

/** What a "disk" holds: durable content only. It outlives the storage objects that are made over it. */
export interface MemoryMedium {
  /** @internal */
  readonly content: MemoryContent;
  /**
   * Ends the life of the owner, as a crash does: what was not durable is lost, nothing that was under way completes, and the
   * medium can be opened again.
   */
  crash(): void;
}

/** What only the storage over a medium sees. The package does not export it; declarations of other files name it. */
export interface MemoryContent {
  /** Raised with every life: what belongs to an older one is dead. */
  life: number;
  locked: boolean;
  identity: Identity | undefined;
  formatVersion: number;
  hardState: Uint8Array | undefined;
  snapshot: SnapshotMeta | undefined;
  commit: Index;
  grownBytes: number;
  readonly log: MemoryLog;
  readonly snapshots: Map<string, StoredSnapshot>;
  readonly partials: Map<string, Uint8Array[]>;
  readonly crc32: Crc32;
}

/** A finished snapshot. */
export interface StoredSnapshot {
  readonly meta: SnapshotMeta;
  readonly bytes: Uint8Array;
}

/** An empty medium. */
export function memoryMedium(): MemoryMedium {
  const content: MemoryContent = {
    life: 0,
    locked: false,
    identity: undefined,
    formatVersion: 0,
    hardState: undefined,
    snapshot: undefined,
    commit: 0,
    grownBytes: 0,
    log: createMemoryLog(),
    snapshots: new Map(),
    partials: new Map(),
    crc32,
  };
  return {
    content,
    crash(): void {
      content.life++;
      content.locked = false;
    },
  };
}

/** A batch becomes durable. The shared bytes are not copied: nobody writes into them. */
export function applyBatch(content: MemoryContent, batch: JournalBatch): void {
  const { log } = content;
  if (batch.snapshotMark !== undefined) {
    content.snapshot = batch.snapshotMark;
    content.commit = Math.max(content.commit, batch.snapshotMark.index);
    content.grownBytes = 0;
  }
  if (batch.truncateFrom !== undefined) log.truncate(batch.truncateFrom);
  if (batch.hardState !== undefined) content.hardState = batch.hardState;
  for (const run of batch.entries) {
    log.put(run);
    content.grownBytes += payloadBytes(run) + 8 * run.count;
  }
  if (batch.commit > content.commit) content.commit = batch.commit;
  if (batch.compactBelow !== undefined) log.compact(batch.compactBelow);
}
