import { invariant } from '@quorate/interface';
import type { Lane, LinkId, WriteNumber } from '@quorate/interface';

/** One frame that waits for its gate. */
interface Gated {
  readonly gate: WriteNumber;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
}

/** What waits in one lane of one link, oldest first. */
interface Queue {
  readonly link: LinkId;
  readonly lane: Lane;
  readonly items: Gated[];
  head: number;
  bytes: number;
}

/** Where frames go once their gate is open. */
export interface OutboxEnds {
  send(link: LinkId, lane: Lane, chunks: readonly Uint8Array[]): void;
  /** The link holds more than its bound: it must end. */
  overflow(link: LinkId): void;
}

/**
 * THE rule of order: within a link and lane frames leave in the order they were emitted, each after the write that it names,
 * and a closed gate holds back what is behind it. A link that ended drops its frames.
 */
export class Outbox {
  private readonly ends: OutboxEnds;
  private readonly boundBytes: number;
  private durable: WriteNumber = 0;
  /** Only queues that hold something, so that releasing costs nothing for idle links. */
  private waiting: Queue[] = [];

  constructor(ends: OutboxEnds, boundBytes: number) {
    this.ends = ends;
    this.boundBytes = boundBytes;
  }

  send(link: LinkId, lane: Lane, gate: WriteNumber, chunks: readonly Uint8Array[]): void {
    let queue = this.waiting.length === 0 ? undefined : this.find(link, lane);
    if (queue === undefined) {
      if (gate <= this.durable) {
        this.ends.send(link, lane, chunks);
        return;
      }
      queue = { link, lane, items: [], head: 0, bytes: 0 };
      this.waiting.push(queue);
    }
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    queue.items.push({ gate, chunks, bytes });
    queue.bytes += bytes;
    if (this.gatedBytes(link) > this.boundBytes) this.ends.overflow(link);
  }

  /** Everything up to `durable` is on disk. */
  release(durable: WriteNumber): void {
    invariant(durable >= this.durable, 'a durable write cannot be undone');
    this.durable = durable;
    if (this.waiting.length === 0) return;
    const still: Queue[] = [];
    for (const queue of this.waiting) {
      this.releaseQueue(queue);
      if (queue.head < queue.items.length) still.push(queue);
    }
    this.waiting = still;
  }

  private releaseQueue(queue: Queue): void {
    while (queue.head < queue.items.length) {
      const item = queue.items[queue.head] as Gated;
      if (item.gate > this.durable) break;
      queue.head += 1;
      queue.bytes -= item.bytes;
      this.ends.send(queue.link, queue.lane, item.chunks);
    }
    // Half of the array is behind us: moving the rest costs less than keeping the frames that left.
    if (queue.head * 2 > queue.items.length) {
      queue.items.splice(0, queue.head);
      queue.head = 0;
    }
  }

  /** The link ended: what it held is gone. */
  drop(link: LinkId): void {
    if (this.waiting.length > 0) this.waiting = this.waiting.filter((queue) => queue.link !== link);
  }

  gatedBytes(link: LinkId): number {
    let bytes = 0;
    for (const queue of this.waiting) if (queue.link === link) bytes += queue.bytes;
    return bytes;
  }

  /** Of the link that holds most. */
  get mostGatedBytes(): number {
    let most = 0;
    for (const { link } of this.waiting) most = Math.max(most, this.gatedBytes(link));
    return most;
  }

  private find(link: LinkId, lane: Lane): Queue | undefined {
    for (const queue of this.waiting) if (queue.link === link && queue.lane === lane) return queue;
    return undefined;
  }
}
