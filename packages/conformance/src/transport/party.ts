import { decodeText, encodeText } from '@quorate/interface';
import type { Admission, Lane, LinkId, LinkKind, MemberId, TransportHandlers, TransportPeer } from '@quorate/interface';
import { fingerprint } from '../difference.ts';
import { expectEqual, expectPresent, expectThat } from '../expectation.ts';
import type { TransportEnd } from './transport-harness.ts';

/** Who a party is, and whom it turns away. */
export interface PartySetup {
  readonly incarnation?: number;
  /** The refusal of a hello, `E_NAME: text`; undefined admits. */
  readonly refuse?: (peer: MemberId, incarnation: number) => string | undefined;
  readonly dialsOnly?: boolean;
  readonly place?: Party;
  /** Called from within `linkUp`. */
  readonly onLinkUp?: (party: Party, link: LinkId) => void;
}

/** A frame as it was handed over: the very bytes, and what they were at that moment. */
interface Arrival {
  readonly link: LinkId;
  readonly bytes: Uint8Array;
  readonly fingerprint: string;
}

interface KnownLink {
  readonly peer: MemberId;
  readonly kind: LinkKind;
  isUp: boolean;
}

/** One end in a case: drives its transport, and holds everything that its handlers were told against the contract. */
export class Party implements TransportHandlers {
  readonly self: MemberId;
  readonly hello: Uint8Array;
  readonly end: TransportEnd;
  /** `up 2`, `up client 0`, `down 2: reason`, `frame text`, `drained`, in order. */
  readonly calls: string[] = [];
  readonly arrivals: Arrival[] = [];
  readonly troubles: string[] = [];
  /** `id incarnation` of every hello that was judged. */
  readonly judged: string[] = [];
  /** A receiver that writes into its frames. */
  scribbles = false;
  private readonly setup: PartySetup;
  private readonly links: Map<LinkId, KnownLink> = new Map();
  private newestLink = 0;
  private inCall = false;
  private closed = false;
  private readonly broken: string[] = [];

  constructor(self: MemberId, end: TransportEnd, setup: PartySetup) {
    this.self = self;
    this.end = end;
    this.setup = setup;
    this.hello = encodeText(`${self} ${setup.incarnation ?? 1}`);
  }

  // ── what a case does ───────────────────────────────────────────────────────────────────────────────────

  /** Calls the transport. No handler may be called before this returns. */
  call<T>(run: (transport: TransportEnd['transport']) => T): T {
    const outer = this.inCall;
    this.inCall = true;
    try {
      return run(this.end.transport);
    } finally {
      this.inCall = outer;
    }
  }

  setPeers(peers: readonly TransportPeer[]): void {
    this.call((transport) => transport.setPeers(peers));
  }

  /** This party as someone to dial. */
  asPeer(id: MemberId = this.self): TransportPeer {
    return { id, urls: this.end.urls() };
  }

  dial(...others: readonly Party[]): void {
    this.setPeers(others.map((other) => other.asPeer()));
  }

  /** Queues a frame of one text on the link to a peer. */
  send(peer: MemberId, text: string, lane: Lane = 'log'): boolean {
    return this.sendBytes(this.linkTo(peer), [encodeText(text)], lane);
  }

  sendBytes(link: LinkId, chunks: readonly Uint8Array[], lane: Lane = 'log'): boolean {
    return this.call((transport) => transport.send(link, lane, chunks));
  }

  flush(): void {
    this.call((transport) => transport.flush());
  }

  queued(link: LinkId): number {
    const bytes = this.call((transport) => transport.queuedBytes(link));
    expectThat(Number.isFinite(bytes) && bytes >= 0, () => `queuedBytes is a count of bytes (got ${bytes})`);
    return bytes;
  }

  // ── what a case sees ───────────────────────────────────────────────────────────────────────────────────

  /** The link to a peer, which must be up. */
  linkTo(peer: MemberId): LinkId {
    return expectPresent(this.upLink(peer), `member ${this.self} has no link to ${peer}; it saw ${this.calls.join(', ')}`);
  }

  upLink(peer: MemberId): LinkId | undefined {
    let newest: LinkId | undefined;
    for (const [link, known] of this.links) if (known.isUp && known.peer === peer) newest = link;
    return newest;
  }

  get upLinks(): number {
    return [...this.links.values()].filter(({ isUp }) => isUp).length;
  }

  has(text: string): boolean {
    return this.calls.includes(`frame ${text}`);
  }

  count(start: string): number {
    return this.calls.filter((call) => call.startsWith(start)).length;
  }

  /** The texts of all frames that begin with `start`, in order. */
  texts(start: string): string[] {
    return this.calls.filter((call) => call.startsWith(`frame ${start}`)).map((call) => call.slice('frame '.length));
  }

  /** Fails where a handler was called against the contract, or where a frame changed after it was handed over. */
  verify(): void {
    expectEqual(this.broken, [], `what member ${this.self} was told must follow the contract`);
    for (const arrival of this.scribbles ? [] : this.arrivals)
      expectThat(
        fingerprint(arrival.bytes) === arrival.fingerprint,
        `a frame belongs to its receiver: nobody writes into it afterwards (member ${this.self})`,
      );
  }

  // ── handlers ───────────────────────────────────────────────────────────────────────────────────────────

  admit(hello: Uint8Array): Admission {
    const [peer, incarnation] = (decodeText(hello) ?? '').split(' ').map(Number);
    if (peer === undefined || incarnation === undefined || !Number.isSafeInteger(peer)) {
      this.broken.push('a hello is handed to admit as it was given');
      return { refuse: 'E_PROTOCOL: this is not a hello' };
    }
    this.judged.push(`${peer} ${incarnation}`);
    const refuse = this.setup.refuse?.(peer, incarnation);
    return refuse === undefined ? { peer, kind: peer === 0 ? 'client' : 'member', incarnation } : { refuse };
  }

  linkUp(peer: MemberId, link: LinkId, kind: LinkKind): void {
    this.told(`linkUp ${peer}`);
    this.require(link > this.newestLink, `link numbers rise and are never reused (${link} after ${this.newestLink})`);
    this.require(
      this.self === 0 || kind === 'client' || this.upLink(peer) === undefined,
      `at most one link to a member is up: linkDown of the old one comes first (peer ${peer})`,
    );
    this.newestLink = Math.max(this.newestLink, link);
    this.links.set(link, { peer, kind, isUp: true });
    this.calls.push(kind === 'client' ? `up client ${peer}` : `up ${peer}`);
    this.setup.onLinkUp?.(this, link);
  }

  linkDown(peer: MemberId, link: LinkId, reason: string): void {
    this.told(`linkDown ${peer}`);
    const known = this.links.get(link);
    this.require(
      known?.isUp === true && known.peer === peer,
      `linkDown follows the linkUp of the same link and peer, once (${link})`,
    );
    if (known !== undefined) known.isUp = false;
    this.calls.push(`down ${peer}: ${reason}`);
  }

  frame(link: LinkId, frame: Uint8Array): void {
    this.told('frame');
    this.require(this.links.get(link)?.isUp === true, `frames arrive between linkUp and linkDown of their link (${link})`);
    this.arrivals.push({ link, bytes: frame, fingerprint: fingerprint(frame) });
    this.calls.push(`frame ${decodeText(frame.subarray(0, 40)) ?? ''}`);
    if (this.scribbles) frame.fill(0);
  }

  drained(link: LinkId): void {
    this.told('drained');
    this.require(this.links.get(link)?.isUp === true, `drained is of a link that is up (${link})`);
    this.calls.push('drained');
  }

  trouble(peer: MemberId | undefined, text: string): void {
    this.told('trouble');
    this.require(/^E_[A-Z_]+: ./u.test(text), `trouble has the form "E_NAME: text" (got ${text})`);
    this.require(peer === undefined || Number.isSafeInteger(peer), 'trouble names a member or nobody');
    this.troubles.push(text);
  }

  /** The transport was closed and has said so: it is silent from now on. */
  markClosed(): void {
    this.closed = true;
  }

  private told(what: string): void {
    this.require(!this.inCall, `no handler is called from within a call of the transport (${what})`);
    this.require(!this.closed, `no handler is called after close completed (${what})`);
  }

  private require(condition: boolean, text: string): void {
    if (!condition) this.broken.push(text);
  }
}
