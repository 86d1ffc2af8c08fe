import { encodeText } from '@quorate/interface';
import { frameKinds, type Connection, type FrameKind, type LinkHost, type QueuedFrame, type Wire } from '@quorate/links';
import { MessageStream } from './message-stream.ts';
import type { SendResult, Socket, SocketHandlers } from './network.ts';

/** Who keeps wires until the other end has heard the last word. */
export interface WireOwner {
  readonly host: LinkHost;
  /** The link or attempt is over. The wire may stay a while, to say why. */
  left(wire: MessageWire): void;
  /** The last call: nothing of it is left. */
  gone(wire: MessageWire): void;
}

// How long the other end may take to hear a last word before the connection is dropped.
const lingerMs = 1_000;

/**
 * One connection as a stream of messages. Only the dialling end can cut it. So the accepting end ends every one with a last word, on
 * which the other end cuts it; and the dialling end, after a last word of its own, waits for the answer, for what ZeroMQ has not sent
 * when a socket closes is lost.
 */
export class MessageWire implements Wire, SocketHandlers {
  private readonly connection: Connection;
  private readonly owner: WireOwner;
  private readonly stream: MessageStream;
  private state: 'carries' | 'leaving' | 'over' = 'carries';
  /** The connection is gone already: there is nobody to tell. */
  private isCut = false;
  private lingering: { cancel(): void } | undefined;

  constructor(connection: Connection, owner: WireOwner, maxFrameBytes: number) {
    this.connection = connection;
    this.owner = owner;
    this.stream = new MessageStream(owner.host, maxFrameBytes);
  }

  set socket(socket: Socket) {
    this.stream.socket = socket;
  }

  get remote(): string {
    return this.stream.socket.remote;
  }

  get queuedBytes(): number {
    return this.stream.queuedBytes;
  }

  get sentMs(): number {
    return this.stream.sentMs;
  }

  push(lane: number, frame: QueuedFrame): void {
    this.stream.push(lane, frame);
  }

  flush(): void {
    this.stream.flush();
  }

  say(kind: FrameKind, payload: Uint8Array): void {
    this.stream.push(0, { kind, chunks: [payload], length: payload.length });
    this.stream.flush();
  }

  /** Also finds out whether the connection is still there. */
  ping(): void {
    this.stream.probe();
  }

  /** The first message of a stranger was looked at before there was a wire: nothing changes. */
  linked(): void {}

  end(reason: string, say: FrameKind | undefined, flush: boolean): void {
    if (!flush) this.stream.clear();
    this.state = 'leaving';
    this.owner.left(this);
    const lastWord = say ?? (this.connection.dialled ? undefined : frameKinds.bye);
    if (lastWord === undefined || this.isCut) {
      this.finish();
      return;
    }
    this.stream.farewell(lastWord, encodeText(reason));
    this.lingering = this.owner.host.after(lingerMs, () => this.finish());
    this.stream.flush();
  }

  /** Drops what is left of it. */
  finish(): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.lingering?.cancel();
    this.stream.stop();
    this.stream.socket.destroy();
    this.owner.gone(this);
  }

  // ── what the socket tells ──────────────────────────────────────────────────────────────────────────────

  opened(): void {
    this.connection.opened();
  }

  message(message: Uint8Array): void {
    if (this.state === 'over') return;
    this.connection.heard();
    const problem = this.stream.take(message, (kind, payload) => this.frame(kind, payload));
    if (problem !== undefined) this.fail(problem);
    else this.stream.flush();
    this.connection.checkDrained();
    this.connection.settle();
  }

  sent(result: SendResult): void {
    if (this.state === 'over') return;
    if (result === 'gone') this.closed('');
    else this.stream.sent(result === 'taken');
    this.connection.checkDrained();
    this.connection.settle();
  }

  closed(error: string): void {
    this.isCut = true;
    if (this.state === 'leaving') this.finish();
    else this.connection.closed(error);
    this.connection.settle();
  }

  private frame(kind: number, payload: Uint8Array): boolean {
    if (this.state === 'carries') this.connection.frame(kind, payload);
    // Both ends have said their last word, or the other one heard ours: the dialling end cuts.
    else if (this.connection.dialled && (kind === frameKinds.refusal || kind === frameKinds.bye)) this.finish();
    return this.state !== 'over';
  }

  /** What came is not what was sent: nothing that the other end says from now on can be believed. */
  private fail(problem: string): void {
    if (this.state === 'leaving') this.finish();
    else this.connection.end(problem, { report: true });
  }
}
