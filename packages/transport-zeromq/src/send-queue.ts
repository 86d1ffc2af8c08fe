import { at } from '@quorate/interface';
import { frameHeadBytes, headBytes, type FrameKind } from './frame-format.ts';

/** A frame that waits for the network. */
export interface QueuedFrame {
  readonly kind: FrameKind;
  readonly chunks: readonly Uint8Array[];
  /** Bytes of payload. */
  readonly length: number;
}

// What a lane may put into one message, in bytes: a lane stops at the first frame that reaches its share. Bulk gets the least, so that
// a message that carries some of it does not hold up a heartbeat for long.
const shares = [131_072, 131_072, 65_536] as const;

/** The largest message that {@link SendQueue.take} makes up: every lane may go beyond its share by one frame. */
export function maxMessageBytes(maxFrameBytes: number): number {
  let bytes = headBytes;
  for (const share of shares) bytes += share + frameHeadBytes + maxFrameBytes;
  return bytes;
}

/** Frames that have not been made into a message yet: one list per lane, each in order. */
export class SendQueue {
  /** Bytes, heads of frames included. */
  bytes = 0;
  private readonly lanes: QueuedFrame[][] = shares.map(() => []);
  // The first frame of each lane that was not taken.
  private readonly heads: number[] = shares.map(() => 0);

  /** `lane`: 0 control, 1 log, 2 bulk. */
  push(lane: number, frame: QueuedFrame): void {
    at(this.lanes, lane).push(frame);
    this.bytes += frameHeadBytes + frame.length;
  }

  /** The frames of the next message: control, then log, then bulk, at least one of each lane that has any, so that none starves. */
  take(): readonly QueuedFrame[] {
    const taken: QueuedFrame[] = [];
    for (const [lane, share] of shares.entries()) this.bytes -= this.takeFrom(lane, share, taken);
    return taken;
  }

  clear(): void {
    for (const lane of shares.keys()) this.forget(lane, at(this.lanes, lane).length);
    this.bytes = 0;
  }

  private takeFrom(lane: number, share: number, taken: QueuedFrame[]): number {
    const frames = at(this.lanes, lane);
    let next = at(this.heads, lane);
    let bytes = 0;
    for (; next < frames.length && bytes < share; next++) {
      const frame = at(frames, next);
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
