/** Bytes on the disk that are not what was written there. */
interface Damage {
  readonly from: number;
  /** What should be there. */
  readonly intended: Uint8Array;
}

/**
 * The pristine shadow of one file: for each place where the disk lies, what it was given. Everywhere else the disk is the shadow, so
 * a file without damage costs nothing.
 */
export class DamageList {
  private list: Damage[] = [];

  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  /** Says what should be at `from`. What is known about these bytes already holds: damage twice has the first original. */
  add(from: number, intended: Uint8Array): void {
    const copy = intended.slice();
    this.restore(copy, from);
    this.heal(from, from + copy.length);
    this.list.push({ from, intended: copy });
  }

  /** Says that bytes were written anew. */
  heal(from: number, to: number): void {
    if (this.list.length === 0) return;
    const left: Damage[] = [];
    for (const damage of this.list) {
      const end = damage.from + damage.intended.length;
      if (end <= from || damage.from >= to) {
        left.push(damage);
        continue;
      }
      if (damage.from < from) left.push({ from: damage.from, intended: damage.intended.subarray(0, from - damage.from) });
      if (end > to) left.push({ from: to, intended: damage.intended.subarray(to - damage.from) });
    }
    this.list = left;
  }

  /** Replaces what the disk says by what it should say, in `bytes` that begin at `from`. */
  restore(bytes: Uint8Array, from: number): void {
    for (const damage of this.list) {
      const start = Math.max(from, damage.from);
      const end = Math.min(from + bytes.length, damage.from + damage.intended.length);
      if (start < end) bytes.set(damage.intended.subarray(start - damage.from, end - damage.from), start - from);
    }
  }

  copy(): DamageList {
    const twin = new DamageList();
    twin.list = [...this.list];
    return twin;
  }
}
