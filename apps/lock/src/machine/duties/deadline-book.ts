/** One deadline for each of many, by number. Setting one anew costs no search: entries of the heap go stale and are put right when they come up. */
export class DeadlineBook {
  private readonly deadlines = new Map<number, number>();
  /** A binary heap of numbers by the time at which they are looked at: at their deadline, or before it. */
  private readonly heap: { readonly id: number; readonly atMs: number }[] = [];
  /** What is in the heap, and when it is looked at. */
  private readonly queued = new Map<number, number>();

  get size(): number {
    return this.deadlines.size;
  }

  set(id: number, deadlineMs: number): void {
    this.deadlines.set(id, deadlineMs);
    const queuedMs = this.queued.get(id);
    if (queuedMs === undefined || deadlineMs < queuedMs) this.push(id, deadlineMs);
  }

  delete(id: number): void {
    this.deadlines.delete(id);
  }

  clear(): void {
    this.deadlines.clear();
    this.queued.clear();
    this.heap.length = 0;
  }

  /** When `due` should be asked next, or a little too early; `Infinity`: nothing is open. */
  nextMs(): number {
    return this.heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** At most `limit` whose deadline has passed, earliest first; they have none any more. */
  due(nowMs: number, limit: number): readonly number[] {
    const due: number[] = [];
    for (let first = this.heap[0]; first !== undefined && first.atMs <= nowMs && due.length < limit; first = this.heap[0]) {
      this.pop();
      // An entry that another one, for an earlier time, took the place of.
      if (this.queued.get(first.id) !== first.atMs) continue;
      this.queued.delete(first.id);
      const deadlineMs = this.deadlines.get(first.id);
      if (deadlineMs === undefined) continue;
      if (deadlineMs > nowMs) {
        this.push(first.id, deadlineMs);
        continue;
      }
      this.deadlines.delete(first.id);
      due.push(first.id);
    }
    return due;
  }

  private push(id: number, atMs: number): void {
    const { heap } = this;
    this.queued.set(id, atMs);
    const entry = { id, atMs };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.atMs <= atMs) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const smaller = right !== undefined && left !== undefined && right.atMs < left.atMs ? right : left;
      if (smaller === undefined || smaller.atMs >= last.atMs) break;
      heap[place] = smaller;
      place = 2 * place + (smaller === right ? 2 : 1);
    }
    heap[place] = last;
  }
}
