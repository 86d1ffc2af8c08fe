import { invariant } from '@quorate/interface';
import type { Version } from './version.ts';

/** All changes above the compaction that was carried out, in the order in which they were made. */
export class ChangeLog {
  private changes: Version[] = [];
  private head = 0;

  get length(): number {
    return this.changes.length - this.head;
  }

  push(change: Version): void {
    this.changes.push(change);
  }

  first(): Version | undefined {
    return this.changes[this.head];
  }

  /** Forgets the first change. */
  shift(): void {
    invariant(this.head < this.changes.length, 'there is a change to forget');
    this.head++;
    // Moving the rest costs as much as it frees, so it waits until half is free.
    if (this.head >= 1024 && this.head * 2 >= this.changes.length) {
      this.changes = this.changes.slice(this.head);
      this.head = 0;
    }
  }

  /** Calls `visit` for the newest `count` changes, oldest first. */
  newest(count: number, visit: (change: Version) => void): void {
    for (let place = this.changes.length - count; place < this.changes.length; place++) visit(this.changes[place] as Version);
  }
}
