import { at } from '@quorate/interface';
import type { FrameKind } from './frame-kinds.ts';

/** A frame that waits for the network. */
export interface QueuedFrame {
  readonly kind: FrameKind;
  readonly chunks: readonly Uint8Array[];
  /** Bytes of payload. */
  readonly length: number;
}

interface LaneQueue {
  // A frame that was taken leaves its place empty, until the rest moves up.
  frames: (QueuedFrame | undefined)[];
  /** The first frame that was not taken. */
  head: number;
}

/** What a link has not handed to the network yet: three lanes (0 control, 1 log, 2 bulk), each in order. Who takes decides which is next. */
export class LaneQueues {
  /** Bytes, heads of frames included. */
  bytes = 0;
  private readonly headBytes: number;
  private readonly lanes: readonly LaneQueue[] = [0, 1, 2].map(() => ({ frames: [], head: 0 }));

  /** `headBytes`: what the head of a frame adds to its payload. */
  constructor(headBytes: number) {
    this.headBytes = headBytes;
  }

  push(lane: number, frame: QueuedFrame): void {
    at(this.lanes, lane).frames.push(frame);
    this.bytes += this.headBytes + frame.length;
  }

  isWaiting(lane: number): boolean {
    const { frames, head } = at(this.lanes, lane);
    return head < frames.length;
  }

  /** Moves frames of a lane to the end of `taken`, at least one if there is any, up to the first that reaches `shareBytes`. */
  take(lane: number, shareBytes: number, taken: QueuedFrame[]): void {
    const queue = at(this.lanes, lane);
    let bytes = 0;
    while (queue.head < queue.frames.length && bytes < shareBytes) {
      const frame = queue.frames[queue.head] as QueuedFrame;
      // Or thousands of frames that left long ago were held until the rest moves up.
      queue.frames[queue.head++] = undefined;
      taken.push(frame);
      bytes += this.headBytes + frame.length;
    }
    this.bytes -= bytes;
    if (queue.head === queue.frames.length) forget(queue);
    // Moving the rest up is left until it costs less than what was taken.
    else if (queue.head > 1_024 && queue.head * 2 > queue.frames.length) {
      queue.frames = queue.frames.slice(queue.head);
      queue.head = 0;
    }
  }

  clear(): void {
    for (const queue of this.lanes) forget(queue);
    this.bytes = 0;
  }
}

function forget(queue: LaneQueue): void {
  if (queue.frames.length > 0) queue.frames = [];
  queue.head = 0;
}
