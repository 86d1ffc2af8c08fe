import type { SnapshotReader } from '@quorate/interface';
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
// The kind and the numbers of an item take no more: six varints of safe integers.
const headRoom = 48;

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
  private buffer: Uint8Array = noBytes;
  private slice: Uint8Array = noBytes;
  private filled = 0;
  // What an item has that the slice had no room for.
  private overhang: Uint8Array = noBytes;

  constructor(store: MvccStore) {
    this.store = store;
    this.revision = store.revision;
    this.compacted = store.compacted;
    this.overhang = this.opening();
  }

  private opening(): Uint8Array {
    const members = [...this.store.members].map(([id, attributes]) => encodeMember(id, attributes));
    const bytes = members.reduce((sum, member) => sum + member.length + headRoom, snapshotMagic.length + headRoom);
    this.slice = new Uint8Array(bytes);
    for (const byte of snapshotMagic) this.number(byte);
    this.number(this.revision);
    this.number(this.compacted + 1);
    for (const member of members) {
      this.number(Item.member);
      this.bytes(member);
    }
    return this.slice.subarray(0, this.filled);
  }

  next(maxBytes: number): Uint8Array | undefined {
    if (this.ended && this.overhang.length === 0) return undefined;
    // The same memory each time: a snapshot of a large store would otherwise be garbage of the same size.
    if (this.buffer.length !== maxBytes) this.buffer = new Uint8Array(maxBytes);
    const slice = this.buffer;
    this.slice = slice;
    this.filled = Math.min(maxBytes, this.overhang.length);
    slice.set(this.overhang.subarray(0, this.filled));
    this.overhang = this.overhang.subarray(this.filled);
    while (!this.ended && this.filled < maxBytes) this.produce();
    return this.filled === maxBytes ? slice : slice.subarray(0, this.filled);
  }

  // One version, one key, or the end.
  private produce(): void {
    const version = this.takeVersion();
    if (version !== undefined) {
      this.versions++;
      return this.item(version.valueBytes, () => this.version(version));
    }
    const history = this.takeKey();
    if (history === undefined) {
      this.ended = true;
      return this.item(0, () => {
        this.number(Item.end);
        this.number(this.versions);
      });
    }
    this.history = history;
    // What nobody may read any more is left out, whether or not it was swept here: snapshots of equal states are equal.
    this.nextVersion = history.obsolete(this.compacted);
    if (this.peekVersion() === undefined) return;
    this.item(history.key.length, () => {
      this.number(Item.key);
      this.bytes(history.key);
    });
  }

  /** Writes an item with `bytes` beside its numbers into the slice, or where it is too long for it, as much as fits. */
  private item(bytes: number, write: () => void): void {
    const { slice, filled } = this;
    if (filled + headRoom + bytes <= slice.length) return write();
    this.slice = new Uint8Array(headRoom + bytes);
    this.filled = 0;
    write();
    const whole = this.slice.subarray(0, this.filled);
    const fits = Math.min(whole.length, slice.length - filled);
    slice.set(whole.subarray(0, fits), filled);
    this.slice = slice;
    this.filled = filled + fits;
    this.overhang = whole.subarray(fits);
  }

  private version(version: Version): void {
    this.number(Item.version);
    this.number(version.modRevision);
    this.number(version.sub);
    this.number(version.createRevision);
    this.number(version.version);
    this.bytes(version.value);
  }

  private number(value: number): void {
    this.filled = putVarint(this.slice, this.filled, value);
  }

  private bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    copyBytes(this.slice, this.filled, bytes);
    this.filled += bytes.length;
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
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  copyBytes(both, 0, a);
  both.set(b, a.length);
  return both;
}
