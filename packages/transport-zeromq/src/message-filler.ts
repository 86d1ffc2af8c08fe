import type { LaneQueues, QueuedFrame } from '@quorate/links';
import { frameHeadBytes, headBytes } from './frame-format.ts';

// What a lane may put into one message, in bytes: a lane stops at the first frame that reaches its share.
const urgentShares = [131_072, 131_072] as const;
const bulkShare = 65_536;
const bulkLane = urgentShares.length;

/** The largest message that {@link MessageFiller.take} makes up: every lane may go beyond its share by one frame. */
export function maxMessageBytes(maxFrameBytes: number): number {
  let bytes = headBytes;
  for (const share of urgentShares) bytes += share + frameHeadBytes + maxFrameBytes;
  return bytes;
}

/** Says which frames of a queue go into the next message. */
export class MessageFiller {
  private isBulkNext = false;

  /**
   * Control, then log, of each at least one frame if it has any; or bulk, which gets every other message while the others have
   * something to send, so that none starves. Bulk goes alone: a heartbeat would arrive only with the last byte of it, and the
   * receiver of a log entry would hold the chunk of a snapshot in memory for as long as the entry.
   */
  take(queue: LaneQueues): readonly QueuedFrame[] {
    const taken: QueuedFrame[] = [];
    const isBulkWaiting = queue.isWaiting(bulkLane);
    if (!isBulkWaiting || !this.isBulkNext) {
      for (const [lane, share] of urgentShares.entries()) queue.take(lane, share, taken);
    }
    this.isBulkNext = isBulkWaiting && taken.length > 0;
    if (taken.length === 0) queue.take(bulkLane, bulkShare, taken);
    return taken;
  }
}
