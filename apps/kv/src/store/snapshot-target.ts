import type { SnapshotSink } from '@quorate/interface';
import { compareBytes } from './compare-bytes.ts';
import type { KeyHistory } from './key-history.ts';
import { decodeMember } from './member-attributes.ts';
import { MvccStore } from './mvcc-store.ts';
import { Item, snapshotMagic } from './snapshot-format.ts';
import { Version } from './version.ts';

/** Builds a store from the bytes of a snapshot; `done` gets it once it is complete. Throws where the bytes are malformed. */
export function snapshotTarget(done: (store: MvccStore) => void): SnapshotSink {
  const parser = new ItemParser();
  return {
    write: (chunk) => parser.write(chunk),
    finish: () => done(parser.finish()),
  };
}

// Thrown where an item continues in the next chunk.
const incomplete = new Error('the item is cut off');

class ItemParser {
  private readonly store = new MvccStore();
  private readonly changes: Version[] = [];
  private marks: { readonly revision: number; readonly compacted: number } | undefined;
  private history: KeyHistory | undefined;
  private versions = 0;
  private ended = false;
  private bytes: Uint8Array = new Uint8Array(0);
  private pos = 0;

  write(chunk: Uint8Array): void {
    const rest = this.bytes.length - this.pos;
    const joined = new Uint8Array(rest + chunk.length);
    joined.set(this.bytes.subarray(this.pos));
    joined.set(chunk, rest);
    this.bytes = joined;
    this.pos = 0;
    let before = 0;
    try {
      for (; this.pos < joined.length; before = this.pos) this.item();
    } catch (error) {
      if (error !== incomplete) throw error;
      this.pos = before;
    }
  }

  finish(): MvccStore {
    if (!this.ended || this.marks === undefined) throw malformed('it is cut off');
    this.changes.sort((a, b) => a.modRevision - b.modRevision || a.sub - b.sub);
    this.store.finishRestore(this.marks, this.changes);
    return this.store;
  }

  private item(): void {
    if (this.ended) throw malformed('bytes follow its end');
    if (this.marks === undefined) return this.head();
    const kind = this.number();
    switch (kind) {
      case Item.member:
        return this.member();
      case Item.key:
        return this.key();
      case Item.version:
        return this.version(this.marks);
      case Item.end:
        if (this.number() !== this.versions) throw malformed('versions are missing');
        this.ended = true;
        return undefined;
      default:
        throw malformed('it holds an unknown item');
    }
  }

  private head(): void {
    for (const byte of snapshotMagic) if (this.number() !== byte) throw malformed('it is not a snapshot of this version');
    const revision = this.number();
    const compacted = this.number() - 1;
    if (revision < 1 || compacted > revision) throw malformed('its revisions are impossible');
    this.marks = { revision, compacted };
  }

  private member(): void {
    const member = decodeMember(this.field());
    if (member === undefined) throw malformed('a member in it is malformed');
    this.store.members.set(member.id, member.attributes);
  }

  private key(): void {
    const key = this.field();
    if (key.length === 0) throw malformed('a key in it is empty');
    if (this.history !== undefined && compareBytes(this.history.key, key) >= 0) throw malformed('its keys are out of order');
    this.history = this.store.tree.findOrInsert(key);
  }

  private version(marks: { readonly revision: number; readonly compacted: number }): void {
    const modRevision = this.number();
    const sub = this.number();
    const createRevision = this.number();
    const count = this.number();
    const value = this.field();
    const { history } = this;
    if (history === undefined || modRevision > marks.revision) throw malformed('a version in it is out of place');
    const version = new Version(this.store.arena, history, { modRevision, sub, createRevision, version: count }, value);
    this.store.restoreVersion(version);
    this.versions++;
    if (modRevision > marks.compacted) this.changes.push(version);
  }

  private number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.pos++];
      if (byte === undefined) throw incomplete;
      value += (byte & 127) * scale;
      if (!Number.isSafeInteger(value)) throw malformed('a number in it is too large');
      if (byte < 128) return value;
    }
  }

  // A view, valid within the item.
  private field(): Uint8Array {
    const end = this.number() + this.pos;
    if (end > this.bytes.length) throw incomplete;
    const field = this.bytes.subarray(this.pos, end);
    this.pos = end;
    return field;
  }
}

function malformed(what: string): Error {
  return new Error(`E_SNAPSHOT_MALFORMED: the snapshot cannot be restored: ${what}. Take it from another member.`);
}
