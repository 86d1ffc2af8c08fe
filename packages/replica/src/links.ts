import { frameHead, frameTypes, parseFrame } from '@quorate/interface';
import type { Config, Lane, LinkId, MemberId, RuntimeMessage, Send, TransportHandlers, WriteNumber } from '@quorate/interface';
import type { AdmissionDesk } from './admission.ts';
import { decodeEntries, encodeEntries } from './entry-section.ts';
import type { Member } from './member.ts';
import { Outbox } from './outbox.ts';
import type { LinkStatus, LinkTrouble } from './replica-status.ts';

/** One link to another member. */
interface MemberLink {
  readonly link: LinkId;
  readonly peer: MemberId;
  /** The core and the rest of the member know of it. */
  up: boolean;
  /** What arrived before. */
  held: Uint8Array[];
  heldBytes: number;
}

/** Who takes what the links bring, beside the core. */
export interface LinkListener {
  /** False: a correct member cannot have sent this. */
  message(link: LinkId, peer: MemberId, message: RuntimeMessage, raw: Uint8Array): boolean;
  up(peer: MemberId): void;
  down(peer: MemberId, link: LinkId): void;
}

/** The links to the other members: admitted, held until the peer's disk is remembered, and cut where a peer talks nonsense. */
export class Links<M> {
  readonly outbox: Outbox;
  /** Set by the assembly. */
  listener: LinkListener | undefined;
  private readonly member: Member<M>;
  private readonly desk: AdmissionDesk<M>;
  private readonly byLink = new Map<LinkId, MemberLink>();
  private readonly byPeer = new Map<MemberId, MemberLink>();
  private readonly sentByKind = new Map<string, number>();
  private readonly lastTroubles = new Map<MemberId, LinkTrouble>();
  private toldWiped = false;
  private ending: { readonly link: LinkId; readonly reason: string }[] = [];
  private unflushed = false;

  constructor(member: Member<M>, desk: AdmissionDesk<M>) {
    this.member = member;
    this.desk = desk;
    this.outbox = new Outbox(
      {
        send: (link, lane, chunks) => this.transmit(link, lane, chunks),
        overflow: (link) => this.endLater(link, 'E_OVERLOADED: too much waits for the disk'),
      },
      member.options.limits.gatedBytes,
    );
  }

  /** Everything that the transport reports goes through the inbox, in the order it came. */
  handlers(receive: (link: LinkId, frame: Uint8Array) => void): TransportHandlers {
    const { member } = this;
    return {
      hello: this.desk.hello(),
      self: member.options.self,
      admit: (hello) => this.desk.admit(hello, 'member'),
      linkUp: (peer, link) => member.post(() => this.linkUp(peer, link)),
      linkDown: (_peer, link, reason) => member.post(() => this.linkDown(link, reason)),
      frame: receive,
      drained: () => {},
      trouble: (peer, text) => this.trouble(peer, text),
    };
  }

  setPeers(config: Config): void {
    const urls = new Map<MemberId, readonly string[]>();
    for (const info of [...config.members, ...(config.next?.members ?? [])]) urls.set(info.id, info.peerUrls);
    urls.delete(this.member.options.self);
    for (const peer of this.lastTroubles.keys()) if (!urls.has(peer)) this.lastTroubles.delete(peer);
    this.member.options.transport.setPeers([...urls].map(([id, peerUrls]) => ({ id, urls: peerUrls })));
  }

  /** The link to a member, where it is up. */
  linkOf(peer: MemberId): LinkId | undefined {
    const state = this.byPeer.get(peer);
    return state?.up === true ? state.link : undefined;
  }

  peerOf(link: LinkId): MemberId | undefined {
    return this.byLink.get(link)?.peer;
  }

  /** The members whose link is up. */
  peers(): readonly MemberId[] {
    return [...this.byPeer.values()].filter(({ up }) => up).map(({ peer }) => peer);
  }

  private trouble(peer: MemberId | undefined, text: string): void {
    const { member } = this;
    const wiped = this.desk.namesOwnDisk(text);
    if (peer !== undefined) this.lastTroubles.set(peer, { peer, code: codeOf(text), wiped });
    if (wiped && !this.toldWiped) {
      this.toldWiped = true;
      member.log('error', wipedText);
    }
    member.log(wiped ? 'error' : 'warn', text, peer);
    if (wiped) member.post(() => this.standAside());
  }

  /**
   * A wiped member may find others that never met its old disk, or were wiped like it: with them it would be a majority that has forgotten
   * what the old one promised. One that holds committed entries is beyond that, and a single peer's word must not stop it.
   */
  private standAside(): void {
    const { desk, member } = this;
    if (desk.outcast || (member.core?.status().commit ?? 0) > 0) return;
    desk.outcast = true;
    for (const link of this.byLink.keys()) this.end(link, wipedReason);
  }

  private linkUp(peer: MemberId, link: LinkId): void {
    if (this.desk.outcast) {
      // Admitted before this member knew.
      this.member.options.transport.closeLink(link, wipedReason);
      return;
    }
    const old = this.byPeer.get(peer);
    if (old !== undefined) this.end(old.link, 'superseded by a newer link');
    this.lastTroubles.delete(peer);
    const state: MemberLink = { link, peer, up: false, held: [], heldBytes: 0 };
    this.byLink.set(link, state);
    this.byPeer.set(peer, state);
    // A newer link may wait for the same disk id by the time it is durable.
    const known = this.desk.remember(peer, () => {
      const waiting = this.byPeer.get(peer);
      if (waiting !== undefined && !waiting.up) this.open(waiting);
    });
    if (known) this.open(state);
  }

  private open(state: MemberLink): void {
    state.up = true;
    const { held } = state;
    state.held = [];
    this.member.emit({ type: 'link', stage: 'up', peer: state.peer, link: state.link, reason: undefined });
    this.member.step({ type: 'linkUp', peer: state.peer, link: state.link });
    this.listener?.up(state.peer);
    for (const frame of held) this.frame(state.link, frame);
  }

  private linkDown(link: LinkId, reason: string): void {
    const state = this.byLink.get(link);
    if (state === undefined) return; // We ended it ourselves.
    this.byLink.delete(link);
    if (this.byPeer.get(state.peer) === state) this.byPeer.delete(state.peer);
    this.outbox.drop(link);
    // The transport is silent about what it told a moment ago; that the link is gone must not wait for it.
    if (this.desk.isMember(state.peer))
      this.lastTroubles.set(state.peer, { peer: state.peer, code: codeOf(reason), wiped: false });
    if (!state.up) return;
    state.up = false;
    this.member.emit({ type: 'link', stage: 'down', peer: state.peer, link, reason });
    this.member.step({ type: 'linkDown', peer: state.peer, link });
    this.listener?.down(state.peer, link);
  }

  /** Ends a link now. Not while the core's effects are being carried out: the core is told at once. */
  end(link: LinkId, reason: string): void {
    if (!this.byLink.has(link)) return;
    this.linkDown(link, reason);
    this.member.options.transport.closeLink(link, reason);
  }

  endLater(link: LinkId, reason: string): void {
    this.ending.push({ link, reason });
  }

  endDue(): void {
    if (this.ending.length === 0) return;
    const { ending } = this;
    this.ending = [];
    for (const { link, reason } of ending) this.end(link, reason);
  }

  /** One frame of the inbox. */
  frame(link: LinkId, bytes: Uint8Array): void {
    const state = this.byLink.get(link);
    if (state === undefined) return;
    if (!state.up) {
      state.heldBytes += bytes.length;
      if (state.heldBytes > this.member.options.limits.heldBytes)
        this.end(link, 'E_OVERLOADED: too much before the first contact is over');
      else state.held.push(bytes);
      return;
    }
    this.member.counters.framesIn += 1;
    if (this.take(state, bytes)) return;
    this.member.counters.malformed += 1;
    this.end(link, 'E_DECODE: a malformed frame');
  }

  private take({ link, peer }: MemberLink, bytes: Uint8Array): boolean {
    const frame = parseFrame(bytes);
    if (frame === undefined || frame.group !== 0) return false;
    if (frame.type === frameTypes.core) {
      const message = this.member.options.codec.decode(frame.head);
      const entries = decodeEntries(frame.rest);
      if (message === undefined || entries === undefined) return false;
      this.member.step({ type: 'message', from: peer, link, message, entries });
      return true;
    }
    const message = this.member.options.runtimeCodec.decode(frame.head);
    return message !== undefined && this.listener?.message(link, peer, message, frame.rest) === true;
  }

  /** A message of the core: its head is encoded once for all links, the entries' bytes not at all. */
  sendCore(send: Send<M>): void {
    const head = frameHead(frameTypes.core, 0, this.member.options.codec.encode(send.message));
    const chunks: Uint8Array[] = [head];
    encodeEntries(send.entries, chunks);
    let receivers = 0;
    for (const link of send.links) {
      if (!this.byLink.has(link)) continue;
      receivers += 1;
      this.outbox.send(link, send.lane, send.gate, chunks);
    }
    const kind = kindOf(send.message);
    this.sentByKind.set(kind, (this.sentByKind.get(kind) ?? 0) + receivers);
  }

  sendRuntime(link: LinkId, lane: Lane, message: RuntimeMessage, raw: readonly Uint8Array[]): void {
    const head = frameHead(frameTypes.runtime, 0, this.member.options.runtimeCodec.encode(message));
    this.transmit(link, lane, [head, ...raw]);
  }

  private transmit(link: LinkId, lane: Lane, chunks: readonly Uint8Array[]): void {
    if (!this.byLink.has(link)) return;
    this.unflushed = true;
    const { counters } = this.member;
    counters.framesOut += 1;
    for (let i = 0; i < chunks.length; i++) counters.memberBytesOut += (chunks[i] as Uint8Array).length;
    // False means that the link is over; its `linkDown` is on the way.
    this.member.options.transport.send(link, lane, chunks);
  }

  release(durable: WriteNumber): void {
    this.outbox.release(durable);
  }

  /** Hands what was queued to the network. */
  flush(): void {
    if (!this.unflushed) return;
    this.unflushed = false;
    this.member.options.transport.flush();
  }

  messagesOut(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.sentByKind);
  }

  troubles(): readonly LinkTrouble[] {
    return [...this.lastTroubles.values()];
  }

  status(): readonly LinkStatus[] {
    const { transport } = this.member.options;
    return [...this.byLink.values()]
      .filter(({ up }) => up)
      .map(({ link, peer }) => ({
        peer,
        kind: 'member',
        queuedBytes: transport.queuedBytes(link),
        gatedBytes: this.outbox.gatedBytes(link),
      }));
  }
}

function codeOf(text: string): string | undefined {
  return /^E_[A-Z_]+/u.exec(text)?.[0];
}

const wipedReason = 'E_MEMBER_WIPED: this member was wiped, and takes no part';

const wipedText =
  'E_MEMBER_WIPED: the data directory is not the one that the other members met: it was wiped or exchanged, and with it went what this ' +
  'member had promised them. They refuse it, and it takes no part. Stop it and put its earlier data directory back, or replace it by a membership change.';

/** All cores of this repository name what a message is in `kind`; one that does not has its messages counted together. */
function kindOf(message: unknown): string {
  const kind = typeof message === 'object' && message !== null && 'kind' in message ? message.kind : undefined;
  return typeof kind === 'string' ? kind : 'message';
}
