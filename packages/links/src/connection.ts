import { decodeText, type Admission, type Lane, type LinkId, type LinkKind, type MemberId } from '@quorate/interface';
import type { Wire } from './binding.ts';
import { frameKinds, laneOf, onePayload, type FrameKind } from './frame-kinds.ts';
import type { LinkHost } from './link-host.ts';
import type { LinkOptions } from './link-options.ts';

/** Who decides about connections: the table of links. */
export interface ConnectionOwner {
  readonly host: LinkHost;
  readonly options: LinkOptions;
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

/** How a connection ends. */
export interface Ending {
  /** The other end is told the reason in a last frame. */
  readonly say?: FrameKind;
  /** Worth a line in the log. */
  readonly report?: boolean;
  /** What is queued leaves first: for an orderly stop. */
  readonly flush?: boolean;
}

/** The refusal of a connection that lost against another one of the same two members: not worth a line in any log. */
export const superseded = 'E_SUPERSEDED: another connection between the two members took its place';

/**
 * One connection from its first frame to its last, whatever {@link Wire} carries it. The dialling end sends its hello; the accepting end
 * judges it and answers with its own; the dialling end judges that and sends a welcome. Only then is the link up at both ends, so a
 * refusal never flaps a link.
 */
export class Connection {
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
  /** Set before anything happens. */
  wire!: Wire;

  private readonly owner: ConnectionOwner;
  private receivedMs: number;
  private aboveHalf = false;

  constructor(owner: ConnectionOwner, dialled: boolean, expected: MemberId | undefined) {
    this.owner = owner;
    this.dialled = dialled;
    this.expected = expected;
    this.state = dialled ? 'connecting' : 'hello';
    this.startedMs = owner.host.monotonicMs();
    this.receivedMs = this.startedMs;
  }

  /** Bytes that the network has not taken. */
  get queuedBytes(): number {
    return this.state === 'over' ? 0 : this.wire.queuedBytes;
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
    this.wire.push(lane === 'control' ? 0 : lane === 'log' ? 1 : 2, { kind: frameKinds[lane], chunks, length });
    const queued = this.wire.queuedBytes;
    if (queued * 2 > this.owner.options.queueBytes) this.aboveHalf = true;
    if (queued <= this.owner.options.queueBytes) return true;
    this.end(`E_OVERFLOW: ${queued} bytes are queued (allowed ${this.owner.options.queueBytes})`, { report: true });
    return false;
  }

  /** Hands what is queued to the network, as far as it takes it. */
  flush(): void {
    this.wire.flush();
  }

  /** Ends the link or attempt; what is queued is dropped, unless `flush` is asked for. */
  end(reason: string, how: Ending = {}): void {
    if (this.state === 'over') return;
    const say = this.state === 'connecting' ? undefined : how.say;
    this.state = 'over';
    this.wire.end(reason, say, how.flush ?? false);
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
      else if (now - this.wire.sentMs >= idleMs / 3) this.wire.ping();
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

  // ── what the wire tells ────────────────────────────────────────────────────────────────────────────────

  /** The dialled end: there is a connection. */
  opened(): void {
    if (this.state !== 'connecting') return;
    this.state = 'hello';
    this.wire.say(frameKinds.hello, this.owner.hello);
    this.owner.settle();
  }

  /** Something came, whatever it is. */
  heard(): void {
    this.receivedMs = this.owner.host.monotonicMs();
  }

  /** A frame came. False where it was the last one. */
  frame(kind: number, payload: Uint8Array): boolean {
    if (this.state === 'up' && laneOf(kind) !== undefined) this.owner.frame(this.link, payload);
    else this.control(kind, payload);
    return this.state !== 'over';
  }

  /** The network took something: a queue that was long may be short again. */
  checkDrained(): void {
    if (!this.aboveHalf || this.state !== 'up' || this.wire.queuedBytes * 2 > this.owner.options.queueBytes) return;
    this.aboveHalf = false;
    this.owner.drained(this);
    this.owner.settle();
  }

  /** The connection is gone. `error` is empty where the other end closed it in order. */
  closed(error: string): void {
    if (this.state === 'connecting')
      this.end(`E_UNREACHABLE: no connection (${error}). Start the member there, or correct the address.`, { report: true });
    else if (this.state === 'up') this.end(error === '' ? 'closed by the other end' : `E_CONNECTION: ${error}`);
    // An accepted one that goes away before it is admitted is a probe or a scanner.
    else this.end(`E_CONNECTION: closed before the link was up (${error || 'in order'})`, { report: this.dialled });
  }

  /** The end of whatever the network said. */
  settle(): void {
    this.owner.settle();
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
      this.wire.say(frameKinds.welcome, onePayload);
      this.goUp();
    } else {
      this.wire.say(frameKinds.hello, this.owner.hello);
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
    this.startedMs = this.owner.host.monotonicMs();
    this.wire.linked();
  }

  private refuse(text: string): void {
    this.end(text, { say: frameKinds.refusal, report: text !== superseded });
  }

  private takeRefusal(payload: Uint8Array): void {
    const text = readable(payload);
    if (text.startsWith('E_SUPERSEDED:')) this.end(superseded);
    else this.end(`${text} (refused by the other end)`, { report: true });
  }
}

/** A stranger's text, fit for a log line. */
function readable(payload: Uint8Array): string {
  const text = decodeText(payload) ?? 'E_UNREADABLE: the reason is not valid UTF-8';
  return text.slice(0, 500).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}
