import { at, type SnapshotReader } from '@quorate/interface';
import type { KeyHistory } from './key-history.ts';
import { encodeMember } from './member-attributes.ts';
import type { MvccStore } from './mvcc-store.ts';
import { Item, snapshotMagic } from './snapshot-format.ts';
import type { Version } from './version.ts';
import { copyBytes, putVarint } from './wire.ts';

const noBytes = new Uint8Array(0);
const successor = new Uint8Array(1);
// Keys looked up at a time: one descent of the tree for all of them.
const keysAtATime = 256;

/**
 * Reads the store as it is now, slice by slice, while writes go on: versions are immutable, newer ones are left out by their
 * revision, and the store carries out no compaction until `close`.
 */
export function snapshotSource(store: MvccStore): SnapshotReader {
  store.retain();
  const items = new ItemStream(store);
  let open = true;
  return {
    next: (maxBytes) => (open ? items.next(maxBytes) : undefined),
    close() {
      if (open) store.release();
      open = false;
    },
  };
}

class ItemStream {
  private readonly store: MvccStore;
  private readonly revision: number;
  private readonly compacted: number;
  private keys: KeyHistory[] = [];
  private nextKey = 0;
  private lastKey: Uint8Array | undefined;
  private history: KeyHistory | undefined;
  private nextVersion = 0;
  private versions = 0;
  private ended = false;
  // Bytes that are made and not yet handed out.
  private readonly queue: Uint8Array[] = [];
  private queued = 0;

  constructor(store: MvccStore) {
    this.store = store;
    this.revision = store.revision;
    this.compacted = store.compacted;
    this.push(Uint8Array.from(snapshotMagic));
    this.push(numbers([this.revision, this.compacted + 1]));
    for (const [id, attributes] of store.members) {
      const member = encodeMember(id, attributes);
      this.push(numbers([Item.member, member.length]));
      this.push(member);
    }
  }

  next(maxBytes: number): Uint8Array | undefined {
    while (this.queued < maxBytes && !this.ended) this.produce();
    if (this.queued === 0) return undefined;
    const slice = new Uint8Array(Math.min(maxBytes, this.queued));
    let filled = 0;
    while (filled < slice.length) {
      const piece = at(this.queue, 0);
      const taken = piece.subarray(0, slice.length - filled);
      slice.set(taken, filled);
      filled += taken.length;
      if (taken.length === piece.length) this.queue.shift();
      else this.queue[0] = piece.subarray(taken.length);
    }
    this.queued -= filled;
    return slice;
  }

  // One version, one key, or the end.
  private produce(): void {
    const version = this.takeVersion();
    if (version !== undefined) {
      const { modRevision, sub, createRevision, value } = version;
      this.push(numbers([Item.version, modRevision, sub, createRevision, version.version, value.length]));
      this.push(value);
      this.versions++;
      return;
    }
    const history = this.takeKey();
    if (history === undefined) {
      this.push(numbers([Item.end, this.versions]));
      this.ended = true;
      return;
    }
    this.history = history;
    // What nobody may read any more is left out, whether or not it was swept here: snapshots of equal states are equal.
    this.nextVersion = history.obsolete(this.compacted);
    if (this.peekVersion() === undefined) return;
    this.push(numbers([Item.key, history.key.length]));
    this.push(history.key);
  }

  private peekVersion(): Version | undefined {
    if (this.history === undefined || this.nextVersion >= this.history.length) return undefined;
    const version = this.history.at(this.nextVersion);
    return version.modRevision <= this.revision ? version : undefined;
  }

  private takeVersion(): Version | undefined {
    const version = this.peekVersion();
    if (version !== undefined) this.nextVersion++;
    return version;
  }

  // The tree may have changed since the last keys were taken, so it is entered again right after the last one.
  private takeKey(): KeyHistory | undefined {
    if (this.nextKey >= this.keys.length) {
      const start = this.lastKey === undefined ? noBytes : concat(this.lastKey, successor);
      const keys: KeyHistory[] = [];
      this.store.tree.scan(start, undefined, (history) => {
        keys.push(history);
        return keys.length < keysAtATime;
      });
      this.keys = keys;
      this.nextKey = 0;
      this.lastKey = keys[keys.length - 1]?.key;
    }
    return this.keys[this.nextKey++];
  }

  private push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.queue.push(bytes);
    this.queued += bytes.length;
  }
}

function numbers(values: readonly number[]): Uint8Array {
  const scratch = new Uint8Array(values.length * 8);
  let end = 0;
  for (const value of values) end = putVarint(scratch, end, value);
  return scratch.subarray(0, end);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  copyBytes(both, 0, a);
  both.set(b, a.length);
  return both;
}
