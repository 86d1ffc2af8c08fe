import { encodeText } from '@quorate/interface';
import {
  frameKinds,
  LaneQueues,
  maxHelloBytes,
  onePayload,
  type Connection,
  type FrameKind,
  type LinkHost,
  type QueuedFrame,
  type Wire,
} from '@quorate/links';
import { layOut, takeBatch } from './frame-batch.ts';
import { createFrameDecoder, type FrameDecoder } from './frame-decoder.ts';
import { headerBytes } from './frame-format.ts';
import type { Socket, SocketHandlers } from './network.ts';

/** One connection as a stream of frames. The kernel tells of its end, so nothing of it is left once the link is over. */
export class StreamWire implements Wire, SocketHandlers {
  sentMs: number;
  socket!: Socket;
  private readonly connection: Connection;
  private readonly host: LinkHost;
  private readonly maxFrameBytes: number;
  private readonly decoder: FrameDecoder;
  private readonly queue = new LaneQueues(headerBytes);
  private blocked = false;

  constructor(connection: Connection, host: LinkHost, maxFrameBytes: number) {
    this.connection = connection;
    this.host = host;
    this.maxFrameBytes = maxFrameBytes;
    this.sentMs = host.monotonicMs();
    // A stranger cannot make us collect more than a hello.
    this.decoder = createFrameDecoder(Math.min(maxHelloBytes, maxFrameBytes), host.crc32);
  }

  get remote(): string {
    return this.socket.remote;
  }

  get queuedBytes(): number {
    return this.queue.bytes + this.socket.pendingBytes;
  }

  push(lane: number, frame: QueuedFrame): void {
    this.queue.push(lane, frame);
  }

  flush(): void {
    while (!this.blocked && this.queue.bytes > 0) this.write(takeBatch(this.queue));
  }

  say(kind: FrameKind, payload: Uint8Array): void {
    this.write([{ kind, chunks: [payload], length: payload.length }]);
  }

  ping(): void {
    if (!this.blocked) this.say(frameKinds.ping, onePayload);
  }

  linked(): void {
    this.decoder.maxFrameBytes = this.maxFrameBytes;
  }

  end(reason: string, say: FrameKind | undefined, flush: boolean): void {
    if (!flush) this.queue.clear();
    while (this.queue.bytes > 0) this.write(takeBatch(this.queue));
    if (say === undefined) {
      this.socket.destroy();
      return;
    }
    this.say(say, encodeText(reason));
    this.socket.end();
  }

  // ── what the socket tells ──────────────────────────────────────────────────────────────────────────────

  opened(): void {
    this.connection.opened();
  }

  data(chunk: Uint8Array): void {
    if (this.connection.isOver) return;
    this.connection.heard();
    const problem = this.decoder.push(chunk, this.connection);
    if (problem !== undefined) this.connection.end(problem, { report: true });
    this.connection.settle();
  }

  written(): void {
    this.blocked = false;
    this.flush();
    this.connection.checkDrained();
  }

  closed(error: string): void {
    const within = error === '' ? this.decoder.end() : undefined;
    if (within === undefined) this.connection.closed(error);
    else this.connection.end(within, { report: true });
    this.connection.settle();
  }

  private write(frames: readonly QueuedFrame[]): void {
    this.socket.write(layOut(frames, this.host));
    this.blocked = this.socket.pendingBytes > 0;
    this.sentMs = this.host.monotonicMs();
  }
}
