import type { KeyHistory } from './key-history.ts';

/**
 * A search for one key among sorted ones, on the way down a tree. Whatever lies between two neighbours shares with the key what both of them
 * share, so that these bytes are not looked at again (Manber and Myers, "Suffix arrays", 1993, §3): keys with a long common prefix
 * cost little more than short ones.
 */
export class KeySearch {
  private key: Uint8Array;
  // How many bytes the key shares with its nearest neighbours so far, below and above.
  private sharedBelow = 0;
  private sharedAbove = 0;

  constructor(key: Uint8Array) {
    this.key = key;
  }

  /** Which child of an inner node holds the key. Nodes are visited from the root downwards. */
  childPlace(bounds: readonly Uint8Array[]): number {
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isBelow(bounds[middle] as Uint8Array)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The place of the first entry that is not below the key. */
  lowerBound(entries: readonly KeyHistory[]): number {
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isAbove((entries[middle] as KeyHistory).key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private isBelow(other: Uint8Array): boolean {
    const { key } = this;
    const shared = this.sharedWith(other);
    const below =
      shared < key.length ? shared < other.length && byteAt(key, shared) < byteAt(other, shared) : shared < other.length;
    if (below) this.sharedAbove = shared;
    else this.sharedBelow = shared;
    return below;
  }

  private isAbove(other: Uint8Array): boolean {
    const { key } = this;
    const shared = this.sharedWith(other);
    const above =
      shared < other.length ? shared < key.length && byteAt(other, shared) < byteAt(key, shared) : shared < key.length;
    if (above) this.sharedBelow = shared;
    else this.sharedAbove = shared;
    return above;
  }

  private sharedWith(other: Uint8Array): number {
    const { key } = this;
    const end = Math.min(key.length, other.length);
    let place = Math.min(this.sharedBelow, this.sharedAbove, end);
    while (place < end && key[place] === other[place]) place++;
    return place;
  }
}

function byteAt(bytes: Uint8Array, place: number): number {
  return bytes[place] as number;
}
