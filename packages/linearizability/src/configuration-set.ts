/**
 * The configurations that a search has seen: which operations were placed, and the state they led to (Lowe's memo). A
 * configuration is stored in full and compared in full, so that two with one hash are never taken for one.
 *
 * Of two that differ only in the operations of unknown outcome, the one that used up fewer can go on in every way that the
 * other can, because nothing obliges it to use the rest. So it stands for the other.
 */
export class ConfigurationSet {
  private table = new Int32Array(1 << 10);
  private arena = new Uint32Array(1 << 12);
  private used = 1;
  private count = 0;
  private readonly unknownWords: number;

  constructor(unknownWords: number) {
    this.unknownWords = unknownWords;
  }

  /**
   * Adds a configuration; false if it, or one that stands for it, was there already. The hash is of the state and of `placed`
   * alone. Of `placed` only the words `from`…`to` are compared: all bits below
   * must be set in both or the difference show in `from`, and none above may be set.
   */
  add(hash: number, state: number, placed: Uint32Array, from: number, to: number, unknown: Uint32Array): boolean {
    const mask = this.table.length - 1;
    let slot = hash & mask;
    for (let offset = this.table[slot] as number; offset !== 0; offset = this.table[slot] as number) {
      if (this.holds(offset, hash, state, placed, from, to, unknown)) return false;
      slot = (slot + 1) & mask;
    }
    this.table[slot] = this.store(hash, state, placed, from, to, unknown);
    this.count++;
    if (this.count * 2 > this.table.length) this.grow();
    return true;
  }

  private holds(
    offset: number,
    hash: number,
    state: number,
    placed: Uint32Array,
    from: number,
    to: number,
    unknown: Uint32Array,
  ): boolean {
    const { arena } = this;
    if (arena[offset] !== hash >>> 0 || arena[offset + 1] !== state) return false;
    if (arena[offset + 2] !== from || arena[offset + 3] !== to) return false;
    let place = offset + 4;
    for (let word = from; word <= to; word++) if (arena[place++] !== placed[word]) return false;
    for (let word = 0; word < this.unknownWords; word++)
      if (((arena[place++] as number) & ~(unknown[word] as number)) !== 0) return false;
    return true;
  }

  private store(hash: number, state: number, placed: Uint32Array, from: number, to: number, unknown: Uint32Array): number {
    const offset = this.used;
    const end = offset + 4 + (to - from + 1) + this.unknownWords;
    if (end > this.arena.length) {
      const larger = new Uint32Array(Math.max(end, this.arena.length * 2));
      larger.set(this.arena);
      this.arena = larger;
    }
    const { arena } = this;
    arena[offset] = hash;
    arena[offset + 1] = state;
    arena[offset + 2] = from;
    arena[offset + 3] = to;
    let place = offset + 4;
    for (let word = from; word <= to; word++) arena[place++] = placed[word] as number;
    for (let word = 0; word < this.unknownWords; word++) arena[place++] = unknown[word] as number;
    this.used = end;
    return offset;
  }

  private grow(): void {
    const table = new Int32Array(this.table.length * 2);
    const mask = table.length - 1;
    for (const offset of this.table) {
      if (offset === 0) continue;
      let slot = (this.arena[offset] as number) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = offset;
    }
    this.table = table;
  }
}
