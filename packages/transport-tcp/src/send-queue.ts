import { at } from '@quorate/interface';
import { headerBytes, type FrameKind } from './frame-format.ts';

/** A frame that waits for the network. */
export interface QueuedFrame {
  readonly kind: FrameKind;
  readonly chunks: readonly Uint8Array[];
  /** Bytes of payload. */
  readonly length: number;
}

/** What a link has not handed to the network yet: three lanes, each in order. */
export interface SendQueue {
  /** Bytes, headers included. */
  readonly bytes: number;
  /** `lane`: 0 control, 1 log, 2 bulk. */
  push(lane: number, frame: QueuedFrame): void;
  /**
   * Takes the next batch: control ahead of log ahead of bulk, each up to its share and at least one frame, so that bulk
   * cannot delay the others by more than a batch, and they cannot starve it.
   */
  take(): readonly QueuedFrame[];
  clear(): void;
}

// Bytes per batch. Their sum is about what a socket's kernel buffer takes at once.
const shares = [131_072, 131_072, 65_536] as const;

interface LaneQueue {
  frames: (QueuedFrame | undefined)[];
  head: number;
}

/** An empty queue. */
export function createSendQueue(): SendQueue {
  return new LanedQueue();
}

class LanedQueue implements SendQueue {
  bytes = 0;
  private readonly lanes: readonly LaneQueue[] = shares.map(() => ({ frames: [], head: 0 }));

  push(lane: number, frame: QueuedFrame): void {
    at(this.lanes, lane).frames.push(frame);
    this.bytes += headerBytes + frame.length;
  }

  take(): readonly QueuedFrame[] {
    const batch: QueuedFrame[] = [];
    for (let lane = 0; lane < shares.length; lane++) {
      this.bytes -= takeFrom(at(this.lanes, lane), at(shares, lane), batch);
    }
    return batch;
  }

  clear(): void {
    for (const lane of this.lanes) {
      lane.frames = [];
      lane.head = 0;
    }
    this.bytes = 0;
  }
}

function takeFrom(lane: LaneQueue, share: number, batch: QueuedFrame[]): number {
  let bytes = 0;
  while (lane.head < lane.frames.length && bytes < share) {
    const frame = lane.frames[lane.head] as QueuedFrame;
    // Or thousands of frames that left long ago were held until the rest moves up.
    lane.frames[lane.head++] = undefined;
    batch.push(frame);
    bytes += headerBytes + frame.length;
  }
  if (lane.head === lane.frames.length && lane.head > 0) {
    lane.frames = [];
    lane.head = 0;
  } else if (lane.head > 1024 && lane.head * 2 > lane.frames.length) {
    lane.frames = lane.frames.slice(lane.head);
    lane.head = 0;
  }
  return bytes;
}
