import { at, invariant } from '@quorate/interface';
import type { Version } from './version.ts';

/** All versions of one key that are not compacted, oldest first. */
export class KeyHistory {
  readonly key: Uint8Array;
  private readonly versions: Version[] = [];

  /** `key` is kept: it must not be a view of someone's buffer. */
  constructor(key: Uint8Array) {
    this.key = key;
  }

  get length(): number {
    return this.versions.length;
  }

  /** The version at a place, 0 being the oldest. */
  at(place: number): Version {
    return at(this.versions, place);
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
    this.versions.push(version);
  }

  /** The live version that `version` replaced. */
  before(version: Version): Version | undefined {
    let place = this.placeAsOf(version.modRevision);
    while (place >= 0 && this.versions[place] !== version) place--;
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
    return this.versions.splice(0, count);
  }

  private newest(): Version | undefined {
    const { versions } = this;
    // Looking at place −1 of an empty array would make the lookup slow for all keys.
    return versions.length === 0 ? undefined : versions[versions.length - 1];
  }

  // The last place whose revision is not above `revision`; -1 where there is none.
  private placeAsOf(revision: number): number {
    let low = 0;
    let high = this.versions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.versions[middle] as Version).modRevision <= revision) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
