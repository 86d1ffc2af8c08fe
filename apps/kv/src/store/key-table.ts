import { at } from '@quorate/interface';
import type { KeyHistory } from './key-history.ts';

// Each part grows by itself, so that no single command pays for moving all keys.
const parts = 256;
const firstSlots = 8;

/**
 * Keys by hash, beside the tree that orders them: most reads and writes name one key, and finding it in the tree costs a cache miss
 * per comparison (a get of one among 100 000 keys took 4.0 µs through the tree and 1.7 µs through this). Open addressing, linear probing.
 */
export class KeyTable {
  private readonly parts: (TablePart | undefined)[] = Array.from({ length: parts }, () => undefined);

  find(key: Uint8Array): KeyHistory | undefined {
    const hash = hashOf(key);
    return this.parts[hash & (parts - 1)]?.find(key, hash);
  }

  /** Adds a key that is not there. */
  add(history: KeyHistory): void {
    const hash = hashOf(history.key);
    const part = (this.parts[hash & (parts - 1)] ??= new TablePart());
    part.add(history, hash);
  }

  /** Removes a key that is there. */
  remove(history: KeyHistory): void {
    const hash = hashOf(history.key);
    at(this.parts as readonly TablePart[], hash & (parts - 1)).remove(history, hash);
  }
}

class TablePart {
  private hashes = new Int32Array(firstSlots);
  private slots: (KeyHistory | undefined)[] = emptySlots(firstSlots);
  private count = 0;

  find(key: Uint8Array, hash: number): KeyHistory | undefined {
    const { hashes, slots } = this;
    const mask = slots.length - 1;
    for (let slot = home(hash, mask); ; slot = (slot + 1) & mask) {
      const history = slots[slot];
      if (history === undefined) return undefined;
      if (hashes[slot] === hash && equalBytes(history.key, key)) return history;
    }
  }

  add(history: KeyHistory, hash: number): void {
    if (this.count * 4 >= this.slots.length * 3) this.grow();
    this.place(history, hash);
    this.count++;
  }

  remove(history: KeyHistory, hash: number): void {
    const { hashes, slots } = this;
    const mask = slots.length - 1;
    let gap = home(hash, mask);
    while (slots[gap] !== history) gap = (gap + 1) & mask;
    // What was pushed beyond the gap moves back into it, so that no probe stops early (Knuth, vol. 3, §6.4, algorithm R).
    for (let slot = (gap + 1) & mask; slots[slot] !== undefined; slot = (slot + 1) & mask) {
      const wanted = home(at(hashes, slot), mask);
      if (((slot - wanted) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot];
      hashes[gap] = at(hashes, slot);
      gap = slot;
    }
    slots[gap] = undefined;
    this.count--;
  }

  private grow(): void {
    const { hashes, slots } = this;
    this.hashes = new Int32Array(slots.length * 2);
    this.slots = emptySlots(slots.length * 2);
    for (let slot = 0; slot < slots.length; slot++) {
      const history = slots[slot];
      if (history !== undefined) this.place(history, at(hashes, slot));
    }
  }

  private place(history: KeyHistory, hash: number): void {
    const mask = this.slots.length - 1;
    let slot = home(hash, mask);
    while (this.slots[slot] !== undefined) slot = (slot + 1) & mask;
    this.slots[slot] = history;
    this.hashes[slot] = hash;
  }
}

function emptySlots(length: number): (KeyHistory | undefined)[] {
  return Array.from({ length }, () => undefined);
}

// The low bits chose the part.
function home(hash: number, mask: number): number {
  return (hash >>> 8) & mask;
}

// FNV-1a with a final mix (Murmur3's), because its high bits alone spread badly.
function hashOf(key: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ (key[i] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
