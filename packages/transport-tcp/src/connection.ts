import { decodeText, encodeText, type Admission, type Lane, type LinkId, type LinkKind, type MemberId } from '@quorate/interface';
import { layOut } from './frame-batch.ts';
import { createFrameDecoder, type FrameDecoder, type FrameSink } from './frame-decoder.ts';
import { frameKinds, laneOf, maxHelloBytes, type FrameKind } from './frame-format.ts';
import type { Network, Socket, SocketHandlers } from './network.ts';
import type { TcpOptions } from './options.ts';
import { createSendQueue, type SendQueue } from './send-queue.ts';

/** Who decides about connections: the table of links. */
export interface ConnectionOwner {
  readonly network: Network;
  readonly options: TcpOptions;
  readonly hello: Uint8Array;
  /** Judges the other end's hello; `refuse` has the form `E_NAME: text`. */
  judge(connection: Connection, hello: Uint8Array): Admission;
  /** Both ends admitted each other. Returns the new link, or why there is none. */
  opened(connection: Connection): LinkId | string;
  /** The end of whatever the network said: the owner's handlers are called now, never from within a call of theirs. */
  settle(): void;
  frame(link: LinkId, payload: Uint8Array): void;
  drained(connection: Connection): void;
  /** The last call. `report`: worth a line in the log. */
  ended(connection: Connection, reason: string, report: boolean): void;
}

/** `connecting` → `hello` (awaits the other's) → `welcome` (the accepting end awaits the last word) → `up` → `over`. */
export type ConnectionState = 'connecting' | 'hello' | 'welcome' | 'up' | 'over';

/** The refusal of a connection that lost against another one of the same two members: not worth a line in any log. */
export const superseded = 'E_SUPERSEDED: another connection between the two members took its place';

/**
 * One TCP connection from its first byte to its last. The dialling end sends its hello; the accepting end judges it and answers with
 * its own; the dialling end judges that and sends a welcome. Only then is the link up at both ends, so a refusal never flaps a link.
 */
export class Connection implements SocketHandlers, FrameSink {
  readonly dialled: boolean;
  /** The member that was dialled, or undefined where it must be learnt from the hello. */
  readonly expected: MemberId | undefined;
  state: ConnectionState;
  peer: MemberId | undefined;
  kind: LinkKind = 'member';
  incarnation = 0;
  /** 0 until the link is up. */
  link: LinkId = 0;
  /** When it began; once the link is up, when that was. */
  startedMs: number;
  socket!: Socket;

  private readonly owner: ConnectionOwner;
  private readonly decoder: FrameDecoder;
  private readonly queue: SendQueue = createSendQueue();
  private receivedMs: number;
  private sentMs: number;
  private blocked = false;
  private aboveHalf = false;

  constructor(owner: ConnectionOwner, dialled: boolean, expected: MemberId | undefined) {
    this.owner = owner;
    this.dialled = dialled;
    this.expected = expected;
    this.state = dialled ? 'connecting' : 'hello';
    const now = owner.network.monotonicMs();
    this.startedMs = now;
    this.receivedMs = now;
    this.sentMs = now;
    // A stranger cannot make us collect more than a hello.
    this.decoder = createFrameDecoder(Math.min(maxHelloBytes, owner.options.maxFrameBytes), owner.network.crc32);
  }

  /** Bytes that the kernel has not taken. */
  get queuedBytes(): number {
    return this.state === 'over' ? 0 : this.queue.bytes + this.socket.pendingBytes;
  }

  get isUp(): boolean {
    return this.state === 'up';
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  /** Queues a frame. Returns false where that ends the link or it had ended. */
  send(lane: Lane, chunks: readonly Uint8Array[], length: number): boolean {
    if (this.state !== 'up') return false;
    const place = lane === 'control' ? 0 : lane === 'log' ? 1 : 2;
    this.queue.push(place, { kind: frameKinds[lane], chunks, length });
    const queued = this.queuedBytes;
    if (queued * 2 > this.owner.options.queueBytes) this.aboveHalf = true;
    if (queued <= this.owner.options.queueBytes) return true;
    this.end(`E_OVERFLOW: ${queued} bytes are queued (allowed ${this.owner.options.queueBytes})`, { report: true });
    return false;
  }

  /** Hands the queue to the network, as far as the kernel takes it. */
  flush(): void {
    while (!this.blocked && this.state === 'up' && this.queue.bytes > 0) {
      this.socket.write(layOut(this.queue.take(), this.owner.network));
      this.blocked = this.socket.pendingBytes > 0;
      this.sentMs = this.owner.network.monotonicMs();
    }
  }

  /** Everything queued leaves, then the connection closes: for an orderly stop. */
  finish(reason: string): void {
    this.blocked = false;
    while (this.state === 'up' && this.queue.bytes > 0) this.socket.write(layOut(this.queue.take(), this.owner.network));
    this.end(reason, { say: frameKinds.bye });
  }

  /** Ends the connection; what is queued is dropped. `say`: the other end is told the reason in a last frame. */
  end(reason: string, how: { readonly say?: FrameKind; readonly report?: boolean } = {}): void {
    if (this.state === 'over') return;
    const wasOpen = this.state !== 'connecting';
    if (how.say !== undefined && wasOpen) this.say(how.say, encodeText(reason));
    this.state = 'over';
    this.queue.clear();
    if (how.say !== undefined && wasOpen) this.socket.end();
    else this.socket.destroy();
    this.owner.ended(this, reason, how.report ?? false);
  }

  /** Looks at the clock: deadlines, and a ping where nothing was sent for a while. */
  tick(now: number): void {
    const { connectTimeoutMs, idleMs } = this.owner.options;
    if (this.state === 'up') {
      const idle = now - this.receivedMs;
      if (idle >= idleMs)
        this.end(
          `E_IDLE: nothing came from the other end for ${Math.round(idle)} ms. It hangs, or the network drops data; the link starts anew.`,
          { report: true },
        );
      else if (!this.blocked && now - this.sentMs >= idleMs / 3) this.say(frameKinds.ping, one);
    } else if (this.state !== 'over' && now - this.startedMs >= connectTimeoutMs) {
      this.end(
        `E_HANDSHAKE_TIMEOUT: no link after ${connectTimeoutMs} ms (state ${this.state}). Check that a member is at the other end.`,
        { report: true },
      );
    }
  }

  /** After this process slept, what had arrived meanwhile has not been read yet: nobody is blamed for it. */
  forgive(now: number): void {
    this.receivedMs = now;
    if (this.state !== 'up') this.startedMs = now;
  }

  opened(): void {
    if (this.state !== 'connecting') return;
    this.state = 'hello';
    this.say(frameKinds.hello, this.owner.hello);
    this.owner.settle();
  }

  data(chunk: Uint8Array): void {
    if (this.state === 'over') return;
    this.receivedMs = this.owner.network.monotonicMs();
    const problem = this.decoder.push(chunk, this);
    if (problem !== undefined) this.end(problem, { report: true });
    this.owner.settle();
  }

  written(): void {
    this.blocked = false;
    this.flush();
    if (!this.aboveHalf || this.state !== 'up' || this.queuedBytes * 2 > this.owner.options.queueBytes) return;
    this.aboveHalf = false;
    this.owner.drained(this);
    this.owner.settle();
  }

  closed(error: string): void {
    const within = error === '' ? this.decoder.end() : undefined;
    if (within !== undefined) this.end(within, { report: true });
    else if (this.state === 'connecting')
      this.end(`E_UNREACHABLE: no connection (${error}). Start the member there, or correct the address.`, { report: true });
    else if (this.state === 'up') this.end(error === '' ? 'closed by the other end' : `E_CONNECTION: ${error}`);
    // An accepted one that goes away without a word is a probe or a scanner.
    else this.end(`E_CONNECTION: closed before the link was up (${error || 'in order'})`, { report: this.dialled });
    this.owner.settle();
  }

  frame(kind: number, payload: Uint8Array): boolean {
    if (this.state === 'up' && laneOf(kind) !== undefined) this.owner.frame(this.link, payload);
    else this.control(kind, payload);
    return !this.isOver;
  }

  private control(kind: number, payload: Uint8Array): void {
    if (kind === frameKinds.ping && this.state === 'up') return;
    if (kind === frameKinds.hello && this.state === 'hello') this.takeHello(payload);
    else if (kind === frameKinds.welcome && this.state === 'welcome') this.goUp();
    else if (kind === frameKinds.refusal) this.takeRefusal(payload);
    else if (kind === frameKinds.bye) this.end(`closed by the other end: ${readable(payload)}`);
    else
      this.end(`E_FRAME_KIND: a frame of kind ${kind} does not belong here (state ${this.state}). Upgrade the older member.`, {
        report: true,
      });
  }

  private takeHello(hello: Uint8Array): void {
    const admission = this.owner.judge(this, hello);
    if ('refuse' in admission) {
      this.refuse(admission.refuse);
      return;
    }
    this.peer = admission.peer;
    this.kind = admission.kind;
    this.incarnation = admission.incarnation;
    if (this.dialled) {
      this.say(frameKinds.welcome, one);
      this.goUp();
    } else {
      this.say(frameKinds.hello, this.owner.hello);
      this.state = 'welcome';
    }
  }

  private goUp(): void {
    const result = this.owner.opened(this);
    if (typeof result === 'string') {
      this.refuse(result);
      return;
    }
    this.link = result;
    this.state = 'up';
    this.startedMs = this.owner.network.monotonicMs();
    this.decoder.maxFrameBytes = this.owner.options.maxFrameBytes;
  }

  private refuse(text: string): void {
    this.end(text, { say: frameKinds.refusal, report: text !== superseded });
  }

  private takeRefusal(payload: Uint8Array): void {
    const text = readable(payload);
    if (text.startsWith('E_SUPERSEDED:')) this.end(superseded);
    else this.end(`${text} (refused by the other end)`, { report: true });
  }

  private say(kind: FrameKind, payload: Uint8Array): void {
    this.socket.write(layOut([{ kind, chunks: [payload], length: payload.length }], this.owner.network));
    this.blocked = this.socket.pendingBytes > 0;
    this.sentMs = this.owner.network.monotonicMs();
  }
}

// A payload for frames that say all by their kind: a payload is never empty.
const one = Uint8Array.of(1);

/** A stranger's text, fit for a log line. */
function readable(payload: Uint8Array): string {
  const text = decodeText(payload) ?? 'E_UNREADABLE: the reason is not valid UTF-8';
  return text.slice(0, 500).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}
