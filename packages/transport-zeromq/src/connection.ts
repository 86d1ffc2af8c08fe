import { decodeText, encodeText, type Admission, type Lane, type LinkId, type LinkKind, type MemberId } from '@quorate/interface';
import { frameKinds, laneOf, type FrameKind } from './frame-format.ts';
import { MessageStream } from './message-stream.ts';
import type { Network, SendResult, Socket, SocketHandlers } from './network.ts';
import type { ZeromqOptions } from './options.ts';

/** Who decides about connections: the table of links. */
export interface ConnectionOwner {
  readonly network: Network;
  readonly options: ZeromqOptions;
  readonly hello: Uint8Array;
  /** Judges the other end's hello; `refuse` has the form `E_NAME: text`. */
  judge(connection: Connection, hello: Uint8Array): Admission;
  /** Both ends admitted each other. Returns the new link, or why there is none. */
  opened(connection: Connection): LinkId | string;
  /** The end of whatever the network said: the owner's handlers are called now, never from within a call of theirs. */
  settle(): void;
  frame(link: LinkId, payload: Uint8Array): void;
  drained(connection: Connection): void;
  /** The link or attempt is over. `report`: worth a line in the log. The connection may stay a while, to say why. */
  ended(connection: Connection, reason: string, report: boolean): void;
  /** The last call: nothing of it is left. */
  gone(connection: Connection): void;
}

/** `connecting` → `hello` (awaits the other's) → `welcome` (the accepting end awaits the last word) → `up` → `leaving` → `over`. */
export type ConnectionState = 'connecting' | 'hello' | 'welcome' | 'up' | 'leaving' | 'over';

/** How a connection ends. */
export interface Ending {
  /** The other end is told the reason in a last frame. */
  readonly say?: FrameKind;
  readonly report?: boolean;
  /** The connection is gone already: there is nobody to tell. */
  readonly silent?: boolean;
  /** What is queued leaves first. */
  readonly flush?: boolean;
}

/** The refusal of a connection that lost against another one of the same two members: not worth a line in any log. */
export const superseded = 'E_SUPERSEDED: another connection between the two members took its place';

// How long the other end may take to hear a last word before the connection is dropped.
const lingerMs = 1_000;

/**
 * One connection from its first message to its last. The dialling end sends its hello; the accepting end judges it and answers with
 * its own; the dialling end judges that and sends a welcome. Only then is the link up at both ends, so a refusal never flaps a link.
 *
 * Only the dialling end can cut a connection. So the accepting end ends every one with a last word, on which the other end cuts it; and
 * the dialling end, after a last word of its own, waits for the answer, for what ZeroMQ has not sent when a socket closes is lost.
 */
export class Connection implements SocketHandlers {
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

  private readonly owner: ConnectionOwner;
  private socketOrNone: Socket | undefined;
  private readonly stream: MessageStream;
  private receivedMs: number;
  private aboveHalf = false;
  private lingering: { cancel(): void } | undefined;

  constructor(owner: ConnectionOwner, dialled: boolean, expected: MemberId | undefined) {
    this.owner = owner;
    this.dialled = dialled;
    this.expected = expected;
    this.state = dialled ? 'connecting' : 'hello';
    this.startedMs = owner.network.monotonicMs();
    this.receivedMs = this.startedMs;
    this.stream = new MessageStream(owner.network, owner.options.maxFrameBytes);
  }

  get socket(): Socket | undefined {
    return this.socketOrNone;
  }

  set socket(socket: Socket) {
    this.socketOrNone = socket;
    this.stream.socket = socket;
  }

  /** Bytes that ZeroMQ has not taken. */
  get queuedBytes(): number {
    return this.isOver ? 0 : this.stream.queuedBytes;
  }

  get isUp(): boolean {
    return this.state === 'up';
  }

  get isOver(): boolean {
    return this.state === 'leaving' || this.state === 'over';
  }

  /** Queues a frame. Returns false where that ends the link or it had ended. */
  send(lane: Lane, chunks: readonly Uint8Array[], length: number): boolean {
    if (this.state !== 'up') return false;
    this.stream.push(lane === 'control' ? 0 : lane === 'log' ? 1 : 2, { kind: frameKinds[lane], chunks, length });
    const queued = this.queuedBytes;
    if (queued * 2 > this.owner.options.queueBytes) this.aboveHalf = true;
    if (queued <= this.owner.options.queueBytes) return true;
    this.end(`E_OVERFLOW: ${queued} bytes are queued (allowed ${this.owner.options.queueBytes})`, { report: true });
    return false;
  }

  /** Hands the queue to ZeroMQ, as far as the window allows. */
  flush(): void {
    this.stream.flush();
  }

  /** Ends the link or attempt. What is queued is dropped, unless `flush` is asked for. */
  end(reason: string, how: Ending = {}): void {
    if (this.isOver) return;
    const say = how.say ?? (this.dialled ? undefined : frameKinds.bye);
    const tells = say !== undefined && how.silent !== true && this.state !== 'connecting';
    if (how.flush !== true) this.stream.clear();
    this.state = 'leaving';
    this.owner.ended(this, reason, how.report ?? false);
    if (!tells) {
      this.finish();
      return;
    }
    this.stream.farewell(say, encodeText(reason));
    this.lingering = this.owner.network.after(lingerMs, () => this.finish());
    this.stream.flush();
  }

  /** Drops what is left of it. */
  finish(): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.lingering?.cancel();
    this.stream.stop();
    this.socketOrNone?.destroy();
    this.owner.gone(this);
  }

  /** Sends something, to find out whether the connection is still there. */
  probe(): void {
    this.stream.probe();
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
      else if (now - this.stream.sentMs >= idleMs / 3) this.stream.probe();
    } else if (!this.isOver && now - this.startedMs >= connectTimeoutMs) {
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

  message(message: Uint8Array): void {
    if (this.state === 'over') return;
    this.receivedMs = this.owner.network.monotonicMs();
    const problem = this.stream.take(message, (kind, payload) => this.frame(kind, payload));
    if (problem !== undefined) this.fail(problem);
    else this.stream.flush();
    this.checkDrained();
    this.owner.settle();
  }

  sent(result: SendResult): void {
    if (this.state === 'over') return;
    if (result === 'gone') this.closed('');
    else this.stream.sent(result === 'taken');
    this.checkDrained();
    this.owner.settle();
  }

  closed(error: string): void {
    if (this.state === 'leaving') this.finish();
    else if (this.state === 'connecting')
      this.end(`E_UNREACHABLE: no connection (${error}). Start the member there, or correct the address.`, {
        report: true,
        silent: true,
      });
    else if (this.state === 'up') this.end(error === '' ? 'closed by the other end' : `E_CONNECTION: ${error}`, { silent: true });
    // An accepted one that goes away before it is admitted is a probe or a scanner.
    else this.end(`E_CONNECTION: closed before the link was up (${error || 'in order'})`, { report: this.dialled, silent: true });
    this.owner.settle();
  }

  private frame(kind: number, payload: Uint8Array): boolean {
    if (this.state === 'up' && laneOf(kind) !== undefined) this.owner.frame(this.link, payload);
    else this.control(kind, payload);
    return this.state !== 'over';
  }

  private control(kind: number, payload: Uint8Array): void {
    const isLast = kind === frameKinds.refusal || kind === frameKinds.bye;
    if (this.state === 'leaving') {
      // Both ends have said their last word, or the other one heard ours: the dialling end cuts.
      if (isLast && this.dialled) this.finish();
    } else if (kind === frameKinds.ping && this.state === 'up') return;
    else if (kind === frameKinds.hello && this.state === 'hello') this.takeHello(payload);
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
  }

  private refuse(text: string): void {
    this.end(text, { say: frameKinds.refusal, report: text !== superseded });
  }

  private takeRefusal(payload: Uint8Array): void {
    const text = readable(payload);
    if (text.startsWith('E_SUPERSEDED:')) this.end(superseded);
    else this.end(`${text} (refused by the other end)`, { report: true });
  }

  /** What came is not what was sent: nothing that the other end says from now on can be believed. */
  private fail(problem: string): void {
    if (this.state === 'leaving') this.finish();
    else this.end(problem, { report: true });
  }

  private say(kind: FrameKind, payload: Uint8Array): void {
    this.stream.push(0, { kind, chunks: [payload], length: payload.length });
    this.stream.flush();
  }

  private checkDrained(): void {
    if (!this.aboveHalf || this.state !== 'up' || this.queuedBytes * 2 > this.owner.options.queueBytes) return;
    this.aboveHalf = false;
    this.owner.drained(this);
  }
}

// A payload for frames that say all by their kind: a payload is never empty.
const one = Uint8Array.of(1);

/** A stranger's text, fit for a log line. */
function readable(payload: Uint8Array): string {
  const text = decodeText(payload) ?? 'E_UNREADABLE: the reason is not valid UTF-8';
  return text.slice(0, 500).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}
