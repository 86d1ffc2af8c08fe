import { at } from '@quorate/interface';
import { frameHeadBytes, headBytes, type FrameKind } from './frame-format.ts';

/** A frame that waits for the network. */
export interface QueuedFrame {
  readonly kind: FrameKind;
  readonly chunks: readonly Uint8Array[];
  /** Bytes of payload. */
  readonly length: number;
}

// What a lane may put into one message, in bytes: a lane stops at the first frame that reaches its share.
const urgentShares = [131_072, 131_072] as const;
const bulkShare = 65_536;
const bulkLane = urgentShares.length;

/** The largest message that {@link SendQueue.take} makes up: every lane may go beyond its share by one frame. */
export function maxMessageBytes(maxFrameBytes: number): number {
  let bytes = headBytes;
  for (const share of urgentShares) bytes += share + frameHeadBytes + maxFrameBytes;
  return bytes;
}

/** Frames that have not been made into a message yet: one list per lane, each in order. */
export class SendQueue {
  /** Bytes, heads of frames included. */
  bytes = 0;
  // A frame that was taken leaves its place empty, until the rest moves up.
  private readonly lanes: (QueuedFrame | undefined)[][] = [[], [], []];
  // The first frame of each lane that was not taken.
  private readonly heads: number[] = [0, 0, 0];
  private isBulkNext = false;

  /** `lane`: 0 control, 1 log, 2 bulk. */
  push(lane: number, frame: QueuedFrame): void {
    at(this.lanes, lane).push(frame);
    this.bytes += frameHeadBytes + frame.length;
  }

  /**
   * The frames of the next message: control, then log, of each at least one frame if it has any; or bulk, which gets every other message
   * while the others have something to send, so that none starves. Bulk goes alone: a heartbeat would arrive only with the last byte of
   * it, and the receiver of a log entry would hold the chunk of a snapshot in memory for as long as the entry.
   */
  take(): readonly QueuedFrame[] {
    const taken: QueuedFrame[] = [];
    const isBulkWaiting = at(this.heads, bulkLane) < at(this.lanes, bulkLane).length;
    if (!isBulkWaiting || !this.isBulkNext) {
      for (const [lane, share] of urgentShares.entries()) this.bytes -= this.takeFrom(lane, share, taken);
    }
    this.isBulkNext = isBulkWaiting && taken.length > 0;
    if (taken.length === 0) this.bytes -= this.takeFrom(bulkLane, bulkShare, taken);
    return taken;
  }

  clear(): void {
    for (const lane of this.lanes.keys()) this.forget(lane, at(this.lanes, lane).length);
    this.bytes = 0;
  }

  private takeFrom(lane: number, share: number, taken: QueuedFrame[]): number {
    const frames = at(this.lanes, lane);
    let next = at(this.heads, lane);
    let bytes = 0;
    for (; next < frames.length && bytes < share; next++) {
      const frame = frames[next] as QueuedFrame;
      // Or thousands of frames that left long ago were held until the rest moves up.
      frames[next] = undefined;
      taken.push(frame);
      bytes += frameHeadBytes + frame.length;
    }
    this.forget(lane, next);
    return bytes;
  }

  /** Frames before `next` are gone. Moving the rest up is left until it costs less than what was taken. */
  private forget(lane: number, next: number): void {
    const frames = at(this.lanes, lane);
    if (next > 0 && (next === frames.length || (next > 1_024 && next * 2 > frames.length))) {
      this.lanes[lane] = frames.slice(next);
      this.heads[lane] = 0;
    } else {
      this.heads[lane] = next;
    }
  }
}
