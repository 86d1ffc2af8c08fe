import { invariant } from '@quorate/interface';
import { ChangeLog } from './change-log.ts';
import type { KeyHistory } from './key-history.ts';
import { KeyTree } from './key-tree.ts';
import { RecordArena } from './record-arena.ts';
import { Version } from './version.ts';

const noBytes = new Uint8Array(0);
// Changes examined per command while a compaction is carried out: about 0.1 µs each, so that no command waits for a large one.
const sweepPerCommand = 64;

/** A range of keys. `end` is exclusive; undefined: no end. */
export interface KeyRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array | undefined;
}

/** The member attributes that travel through the log. */
export interface MemberAttributes {
  readonly name: string;
  readonly clientUrls: readonly string[];
}

/**
 * Keys with all their versions since the last compaction. One command is `begin`, any number of `put` and `deleteRange`, and
 * `commit`: all its changes share one revision, and a command without changes has none.
 */
export class MvccStore {
  readonly tree: KeyTree = new KeyTree();
  readonly changes: ChangeLog = new ChangeLog();
  /** Holds the records of all versions in the tree. */
  readonly arena: RecordArena = new RecordArena();
  /** What is no part of the keyspace and takes no revision. */
  readonly members: Map<number, MemberAttributes> = new Map();
  /** The revision of the last committed command: 1 before the first, and rising by 1. */
  private committed = 1;
  /** Reads below this revision are refused. −1 before the first compaction, as in etcd, where compacting at 0 works once. */
  private compactedAt = -1;
  private pending = 0;
  private recordBytes = 0;
  private readers = 0;

  get revision(): number {
    return this.committed;
  }

  get compacted(): number {
    return this.compactedAt;
  }

  /** The revision that reads within the running command see: its own once it changed something. */
  get visible(): number {
    return this.pending > 0 ? this.committed + 1 : this.committed;
  }

  /** Bytes of all records that are kept. Differs between members, because compactions are carried out lazily. */
  get bytes(): number {
    return this.recordBytes;
  }

  begin(): void {
    invariant(this.pending === 0, 'one command at a time');
  }

  /** Ends the command and returns the number of its changes; they are the newest in `changes`. */
  commit(): number {
    const changed = this.pending;
    if (changed > 0) this.committed++;
    this.pending = 0;
    if (this.compactedAt >= 0) this.sweep(sweepPerCommand);
    return changed;
  }

  /** Gives a key a new value, which is copied. */
  put(key: Uint8Array, value: Uint8Array): Version {
    const history = this.tree.findOrInsert(key);
    const old = history.current();
    const modRevision = this.committed + 1;
    const createRevision = old === undefined ? modRevision : old.createRevision;
    const version = old === undefined ? 1 : old.version + 1;
    const added = new Version(this.arena, history, { modRevision, sub: this.pending, createRevision, version }, value);
    history.append(added);
    if (old === undefined) this.tree.adjustLive(key, 1);
    this.pending++;
    this.admit(added);
    return added;
  }

  /** Deletes what exists in the range, and returns the versions that were current. */
  deleteRange(range: KeyRange): Version[] {
    const found: Version[] = [];
    this.tree.scan(range.start, range.end, (history) => {
      const current = history.current();
      if (current !== undefined) found.push(current);
      return true;
    });
    for (const version of found) this.delete(version.owner);
    return found;
  }

  /** Deletes a key that exists. */
  delete(history: KeyHistory): void {
    invariant(history.current() !== undefined, 'only what exists is deleted');
    const place = { modRevision: this.committed + 1, sub: this.pending, createRevision: 0, version: 0 };
    const tombstone = new Version(this.arena, history, place, noBytes);
    history.append(tombstone);
    this.tree.adjustLive(history.key, -1);
    this.pending++;
    this.admit(tombstone);
  }

  /** Refuses reads below `revision` from now on; the space is freed little by little. */
  compact(revision: number): void {
    invariant(revision > this.compactedAt && revision <= this.committed, 'compactions rise, up to the newest revision');
    this.compactedAt = revision;
  }

  /** Keeps every version that is readable now readable to the owner of a snapshot, until `release`. */
  retain(): void {
    this.readers++;
  }

  release(): void {
    invariant(this.readers > 0, 'what is released was retained');
    this.readers--;
  }

  /** Takes a version from a snapshot, in the order of keys and revisions. The change log is filled by `finishRestore`. */
  restoreVersion(version: Version): void {
    version.owner.append(version);
    this.recordBytes += version.recordBytes;
  }

  /** Ends a restore: `newestFirst` are all restored versions above the compaction, in the order of the log. */
  finishRestore(marks: { readonly revision: number; readonly compacted: number }, changes: readonly Version[]): void {
    this.committed = marks.revision;
    this.compactedAt = marks.compacted;
    for (const change of changes) this.changes.push(change);
    this.tree.recountLive();
  }

  private admit(version: Version): void {
    this.changes.push(version);
    this.recordBytes += version.recordBytes;
  }

  // Every version that a compaction makes obsolete was replaced by a change up to it, so that looking at those keys finds them all.
  private sweep(limit: number): void {
    if (this.readers > 0) return;
    this.arena.tidy();
    // It waits where more chunks became sparse than one command tidies.
    for (let left = limit; left > 0 && this.arena.sparseChunks === 0; left--) {
      const change = this.changes.first();
      if (change === undefined || change.modRevision > this.compactedAt) return;
      this.changes.shift();
      const history = change.owner;
      const obsolete = history.obsolete(this.compactedAt);
      if (obsolete === 0) continue;
      for (const version of history.drop(obsolete)) {
        this.recordBytes -= version.recordBytes;
        this.arena.drop(version);
      }
      if (history.length === 0) this.tree.remove(history);
    }
  }
}
