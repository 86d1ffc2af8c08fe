import { frameKinds, LaneQueues, onePayload, type FrameKind, type LinkHost, type QueuedFrame } from '@quorate/links';
import { frameHeadBytes } from './frame-format.ts';
import { layOut, readFrames, readHead } from './message.ts';
import { MessageFiller } from './message-filler.ts';
import type { Socket } from './network.ts';

// ZeroMQ's own limits count messages, whatever their size, and it says nothing of how many it holds. So each end tells how far it has
// received, and no more than this is under way: what a heartbeat must wait for, and what a peer that does not read costs.
const windowBytes = 1_048_576;
// Told by a message of its own only after this much; less rides on whatever is sent anyway.
const acknowledgeBytes = windowBytes / 4;
// ZeroMQ holds a thousand messages and not even a window of bytes: they are tiny, and the peer has stopped reading.
const retryMs = 5;

const none: readonly QueuedFrame[] = [];
const ping: QueuedFrame = { kind: frameKinds.ping, chunks: [onePayload], length: 1 };

/**
 * The messages of one connection, both ways. ZeroMQ loses a message without a word when a queue is full or a connection comes back; every message names
 * its position, so the first one behind a loss, or one that comes twice, is noticed.
 */
export class MessageStream {
  socket!: Socket;
  /** When something was sent last. */
  sentMs: number;
  private readonly host: LinkHost;
  private readonly maxFrameBytes: number;
  private readonly queue = new LaneQueues(frameHeadBytes);
  private readonly filler = new MessageFiller();
  private lastWord: QueuedFrame | undefined;
  // Given to the socket, and not known to be taken.
  private pending: Uint8Array | undefined;
  private retry: { cancel(): void } | undefined;
  private stopped = false;
  // Positions, modulo 2^32.
  private sentTo = 0;
  private heardTo = 0;
  private receivedTo = 0;
  private acknowledgedTo = 0;

  constructor(host: LinkHost, maxFrameBytes: number) {
    this.host = host;
    this.maxFrameBytes = maxFrameBytes;
    this.sentMs = host.monotonicMs();
  }

  /** Bytes that ZeroMQ has not taken. */
  get queuedBytes(): number {
    return this.queue.bytes + (this.pending?.length ?? 0);
  }

  /** `lane`: 0 control, 1 log, 2 bulk. */
  push(lane: number, frame: QueuedFrame): void {
    this.queue.push(lane, frame);
  }

  /** Forgets what is queued. */
  clear(): void {
    this.queue.clear();
  }

  /** The last frame, sent once the queue is empty. */
  farewell(kind: FrameKind, payload: Uint8Array): void {
    this.lastWord = { kind, chunks: [payload], length: payload.length };
  }

  /** Nothing is sent from now on. */
  stop(): void {
    this.stopped = true;
    this.retry?.cancel();
    this.queue.clear();
    this.pending = undefined;
  }

  /** Sends the next message, if there is anything to say and room for it. `sent` comes back here for more. */
  flush(): void {
    if (this.stopped || this.pending !== undefined) return;
    const frames = distance(this.heardTo, this.sentTo) < windowBytes || this.isLast ? this.next() : none;
    // An acknowledgement does not wait for the window: where both ends' are full, nothing else could open them.
    if (frames.length > 0 || distance(this.acknowledgedTo, this.receivedTo) >= acknowledgeBytes) this.post(frames);
  }

  /** Sends a ping, whatever the window says, unless something is being sent. */
  probe(): void {
    if (!this.stopped && this.pending === undefined) this.post([ping]);
  }

  /** The socket took the pending message, or is full. */
  sent(taken: boolean): void {
    const { pending } = this;
    if (pending === undefined || this.stopped) return;
    if (taken) {
      this.pending = undefined;
      this.sentMs = this.host.monotonicMs();
      this.flush();
    } else {
      this.retry = this.host.after(retryMs, () => this.socket.send(pending));
    }
  }

  /** Takes in a message. Returns `E_NAME: text` where it is malformed, or not the one that had to come. */
  take(message: Uint8Array, sink: (kind: number, payload: Uint8Array) => boolean): string | undefined {
    const head = readHead(message, this.host.crc32);
    if (typeof head === 'string') return head;
    if (head.position !== this.receivedTo) return gapError(this.receivedTo, head.position);
    const heard = distance(this.heardTo, head.acknowledged);
    if (heard > distance(this.heardTo, this.sentTo)) return aheadError(head.acknowledged, this.sentTo);
    this.heardTo = head.acknowledged;
    this.receivedTo = (this.receivedTo + message.length) >>> 0;
    return readFrames(message, this.maxFrameBytes, sink);
  }

  /** Only the last word is left. It does not wait for the window, which a peer that does not read never opens. */
  private get isLast(): boolean {
    return this.lastWord !== undefined && this.queue.bytes === 0;
  }

  private next(): readonly QueuedFrame[] {
    if (this.queue.bytes > 0) return this.filler.take(this.queue);
    if (this.lastWord === undefined) return none;
    const frames = [this.lastWord];
    this.lastWord = undefined;
    return frames;
  }

  private post(frames: readonly QueuedFrame[]): void {
    const message = layOut(frames, { position: this.sentTo, acknowledged: this.receivedTo }, this.host);
    this.sentTo = (this.sentTo + message.length) >>> 0;
    this.acknowledgedTo = this.receivedTo;
    this.pending = message;
    this.socket.send(message);
  }
}

/** How far it is from one position to a later one. */
function distance(from: number, to: number): number {
  return (to - from) >>> 0;
}

function gapError(expected: number, got: number): string {
  return `E_GAP: a message was lost or came twice (position, got=${got}, expected=${expected}). The link starts anew.`;
}

function aheadError(got: number, sent: number): string {
  return `E_GAP: the other end acknowledges what was never sent (got=${got}, sent=${sent}). The link starts anew.`;
}
