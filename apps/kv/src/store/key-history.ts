import { invariant } from '@quorate/interface';
import type { Version } from './version.ts';

// An empty array that grows has room for 17, and most keys have one or two versions.
const none: Version[] = [];

// V8 keeps the bytes of arrays up to this size beside the object itself; longer ones cost a buffer and its bookkeeping each.
const ownKeyBytes = 64;

/** All versions of one key that are not compacted, oldest first. */
export class KeyHistory {
  /** A long one is a view of the oldest version's record, and takes no memory of its own. */
  key: Uint8Array;
  private oldest: Version | undefined;
  private newer: Version[] = none;

  /** Looks at `key` until the first version is there, which has to be before those bytes change. */
  constructor(key: Uint8Array) {
    this.key = key;
  }

  get length(): number {
    return this.oldest === undefined ? 0 : 1 + this.newer.length;
  }

  /** The version at a place, 0 being the oldest. */
  at(place: number): Version {
    const found = place === 0 ? this.oldest : this.newer[place - 1];
    invariant(found !== undefined, 'a version is looked up where there is one');
    return found;
  }

  /** The newest version, or undefined where the key does not exist now. */
  current(): Version | undefined {
    const newest = this.newest();
    return newest !== undefined && newest.version > 0 ? newest : undefined;
  }

  /** The version that was current at `revision`, or undefined where the key did not exist then. */
  asOf(revision: number): Version | undefined {
    const newest = this.newest();
    if (newest !== undefined && newest.modRevision <= revision) return newest.version > 0 ? newest : undefined;
    const place = this.placeAsOf(revision);
    if (place < 0) return undefined;
    const found = this.at(place);
    return found.version > 0 ? found : undefined;
  }

  append(version: Version): void {
    const newest = this.newest();
    invariant(newest === undefined || newest.modRevision <= version.modRevision, 'versions of a key rise');
    if (newest === undefined) {
      this.oldest = version;
      if (this.key.length <= ownKeyBytes) this.key = this.key.slice();
      this.moved(version);
    } else if (this.newer === none) this.newer = [version];
    else this.newer.push(version);
  }

  /** To be told where the record of one of its versions went. */
  moved(version: Version): void {
    if (version === this.oldest && this.key.length > ownKeyBytes) this.key = version.recordKey();
  }

  /** The live version that `version` replaced. */
  before(version: Version): Version | undefined {
    let place = this.placeAsOf(version.modRevision);
    while (place >= 0 && this.at(place) !== version) place--;
    const replaced = place > 0 ? this.at(place - 1) : undefined;
    return replaced !== undefined && replaced.version > 0 ? replaced : undefined;
  }

  /** How many of the oldest versions nobody can read at `revision` or above: replaced, or a deletion. */
  obsolete(revision: number): number {
    const place = this.placeAsOf(revision);
    if (place < 0) return 0;
    return this.at(place).version === 0 ? place + 1 : place;
  }

  /** Removes and returns the oldest `count` versions. */
  drop(count: number): readonly Version[] {
    const { oldest, newer } = this;
    if (oldest === undefined || count === 0) return none;
    const dropped = [oldest, ...newer.slice(0, count - 1)];
    this.oldest = newer[count - 1];
    this.newer = newer.length > count ? newer.slice(count) : none;
    if (this.oldest !== undefined) this.moved(this.oldest);
    return dropped;
  }

  private newest(): Version | undefined {
    const { newer } = this;
    // Looking at place −1 of an empty array would make the lookup slow for all keys.
    return newer.length === 0 ? this.oldest : newer[newer.length - 1];
  }

  // The last place whose revision is not above `revision`; -1 where there is none.
  private placeAsOf(revision: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).modRevision <= revision) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
