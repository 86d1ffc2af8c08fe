import {
  invariant,
  type Admission,
  type Lane,
  type LinkId,
  type MemberId,
  type TransportHandlers,
  type TransportPeer,
} from '@quorate/interface';
import type { Binding, Door, Wire } from './binding.ts';
import { Connection, superseded, type ConnectionOwner } from './connection.ts';
import { DialSlot, type SlotOwner } from './dial-slot.ts';
import { frameKinds } from './frame-kinds.ts';
import type { LinkHost } from './link-host.ts';
import type { LinkOptions } from './link-options.ts';
import { parseTcpUrl } from './tcp-address.ts';
import { createTroubleLog, type TroubleLog } from './trouble-log.ts';

const bye = { say: frameKinds.bye } as const;
const notPeer = 'E_NOT_MEMBER: no longer a peer';

/** All connections and links of one transport: who is dialled, who is let in, and which of two connections stays. */
export class LinkTable implements ConnectionOwner, SlotOwner, Door {
  readonly host: LinkHost;
  readonly options: LinkOptions;
  readonly hello: Uint8Array;
  /** {@link LinkTable.close} was called: nobody is let in or dialled any more. */
  isClosing = false;
  private readonly binding: Binding;
  private readonly handlers: TransportHandlers;
  private readonly log: TroubleLog;
  private readonly connections = new Set<Connection>();
  private readonly links = new Map<LinkId, Connection>();
  private readonly members = new Map<MemberId, Connection>();
  private slots = new Map<MemberId, DialSlot>();
  private inbound = 0;
  private lastLink = 0;
  // What the handlers have not been told yet, in order.
  private events: (() => void)[] = [];
  private settling = false;
  private settleAsked = false;
  private readonly dirty = new Set<Connection>();
  private ticker: { cancel(): void } | undefined;

  constructor(binding: Binding, options: LinkOptions, handlers: TransportHandlers) {
    this.binding = binding;
    this.host = binding.host;
    this.options = options;
    this.handlers = handlers;
    this.hello = handlers.hello;
    this.log = createTroubleLog(
      () => binding.host.monotonicMs(),
      (peer, text) => this.later(() => handlers.trouble(peer, text)),
    );
    this.tickIn(Math.min(options.idleMs, options.connectTimeoutMs) / 4);
  }

  accept<W extends Wire>(wrap: (connection: Connection) => W): W {
    const connection = new Connection(this, false, undefined);
    const wire = wrap(connection);
    connection.wire = wire;
    this.inbound++;
    this.connections.add(connection);
    if (this.inbound > this.options.maxInbound) this.makeRoom();
    this.settle();
    return wire;
  }

  trouble(text: string, where: string): void {
    if (this.isClosing) return;
    this.log.report(undefined, where, text);
    this.settle();
  }

  setPeers(peers: readonly TransportPeer[]): void {
    const old = this.slots;
    this.slots = new Map();
    for (const peer of peers) if (peer.id !== this.handlers.self) this.slots.set(peer.id, this.slotFor(peer, old.get(peer.id)));
    for (const slot of old.values()) {
      const current = this.slots.get(slot.peer.id);
      if (current === slot) continue;
      slot.close();
      if (current === undefined || current.connection !== slot.connection) slot.connection?.end(notPeer, bye);
    }
    for (const [id, connection] of this.members) if (!this.slots.has(id)) connection.end(notPeer, bye);
    for (const slot of this.slots.values()) slot.start();
    this.settleSoon();
  }

  send(link: LinkId, lane: Lane, chunks: readonly Uint8Array[]): boolean {
    const connection = this.links.get(link);
    if (connection === undefined) return false;
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    invariant(length > 0 && length <= this.options.maxFrameBytes, 'a frame is empty or larger than maxFrameBytes');
    const queued = connection.send(lane, chunks, length);
    if (queued) this.dirty.add(connection);
    else this.settleSoon();
    return queued;
  }

  flush(): void {
    if (this.dirty.size === 0) return;
    for (const connection of this.dirty) connection.flush();
    this.dirty.clear();
  }

  queuedBytes(link: LinkId): number {
    return this.links.get(link)?.queuedBytes ?? 0;
  }

  closeLink(link: LinkId, reason: string): void {
    this.links.get(link)?.end(reason, bye);
    this.settleSoon();
  }

  /** Sends what is queued, ends every link, and tells the handlers. */
  close(): void {
    this.isClosing = true;
    this.ticker?.cancel();
    for (const slot of this.slots.values()) slot.close();
    for (const connection of this.connections) connection.end('E_STOPPED: this member stops', { ...bye, flush: true });
    this.settleSoon();
  }

  judge(connection: Connection, hello: Uint8Array): Admission {
    const admission = this.handlers.admit(hello, undefined);
    if ('refuse' in admission || connection.expected === undefined || this.handlers.self === 0) return admission;
    if (admission.peer === connection.expected) return admission;
    return {
      refuse: `E_PEER_ID: another member answers at this address (got=${admission.peer.toString(16)}, allowed=${connection.expected.toString(16)}). Correct the peers' URLs.`,
    };
  }

  opened(connection: Connection): LinkId | string {
    const { peer, kind } = connection;
    invariant(peer !== undefined, 'a link came up before it was admitted');
    if (this.isLimited(connection)) {
      const other = this.members.get(peer);
      if (other !== undefined) {
        if (!this.wins(connection, other)) return superseded;
        other.end(superseded, { say: frameKinds.refusal });
      }
      this.members.set(peer, connection);
    }
    const link = ++this.lastLink;
    this.links.set(link, connection);
    this.later(() => this.handlers.linkUp(peer, link, kind));
    if (kind === 'member') this.slots.get(connection.expected ?? peer)?.linked(connection);
    return link;
  }

  frame(link: LinkId, payload: Uint8Array): void {
    // A link that came up with what this frame came in is announced before its first frame.
    if (this.events.length > 0) this.settle();
    if (this.links.has(link)) this.handlers.frame(link, payload);
  }

  drained(connection: Connection): void {
    const { link } = connection;
    this.later(() => {
      if (connection.isUp) this.handlers.drained(link);
    });
  }

  ended(connection: Connection, reason: string, report: boolean): void {
    this.connections.delete(connection);
    this.dirty.delete(connection);
    if (!connection.dialled) this.inbound--;
    const { peer, link } = connection;
    const about = connection.expected ?? peer;
    if (report) this.log.report(about, connection.wire.remote, reason);
    if (link !== 0 && peer !== undefined) {
      this.links.delete(link);
      if (this.members.get(peer) === connection) this.members.delete(peer);
      this.later(() => this.handlers.linkDown(peer, link, reason));
    }
    if (this.isClosing || about === undefined) return;
    const slot = this.slots.get(about);
    if (slot !== undefined && (slot.connection === connection || (link !== 0 && connection.kind === 'member'))) {
      slot.ended(connection, link === 0 ? undefined : this.host.monotonicMs() - connection.startedMs);
    }
  }

  isLinked(slot: DialSlot): boolean {
    return this.handlers.self !== 0 && this.members.has(slot.peer.id);
  }

  dial(slot: DialSlot, url: string): Connection | undefined {
    const address = parseTcpUrl(url);
    if (address === undefined) {
      this.log.report(
        slot.peer.id,
        url,
        `E_PEER_URL: this is not an address (got=${JSON.stringify(url)}, allowed=tcp://host:port)`,
      );
      return undefined;
    }
    const connection = new Connection(this, true, slot.peer.id);
    connection.wire = this.binding.dial(address, connection);
    this.connections.add(connection);
    return connection;
  }

  settle(): void {
    if (this.settling) return;
    this.settling = true;
    // Handlers may cause more events; those come after, in order.
    for (let i = 0; i < this.events.length; i++) (this.events[i] as () => void)();
    this.events = [];
    this.settling = false;
  }

  private settleSoon(): void {
    if (this.settleAsked || this.events.length === 0) return;
    this.settleAsked = true;
    this.host.soon(() => {
      this.settleAsked = false;
      this.settle();
    });
  }

  private later(run: () => void): void {
    this.events.push(run);
  }

  private slotFor(peer: TransportPeer, known: DialSlot | undefined): DialSlot {
    if (known !== undefined && known.peer.urls.join(' ') === peer.urls.join(' ')) return known;
    const slot = new DialSlot(this, peer);
    // A peer that only moved keeps its link; an attempt at the old place is given up.
    if (known?.connection?.isUp === true) slot.connection = known.connection;
    return slot;
  }

  /** Beyond the limit the oldest stranger gives way, so that idle connections cannot keep members out. */
  private makeRoom(): void {
    let victim: Connection | undefined;
    for (const connection of this.connections) {
      if (connection.dialled) continue;
      victim = connection;
      if (!connection.isUp) break;
    }
    const text = `E_TOO_MANY_CONNECTIONS: more than ${this.options.maxInbound} connections were accepted. Raise maxInbound or find who opens them.`;
    victim?.end(text, { report: true });
  }

  private tickIn(delayMs: number): void {
    const due = this.host.monotonicMs() + delayMs;
    this.ticker = this.host.after(delayMs, () => {
      const now = this.host.monotonicMs();
      // After a wake that is late, what arrived meanwhile is read before anybody is judged.
      const late = now - due > delayMs;
      for (const connection of this.connections) {
        if (late) connection.forgive(now);
        else connection.tick(now);
      }
      this.settle();
      if (!this.isClosing) this.tickIn(delayMs);
    });
  }

  private isLimited(connection: Connection): boolean {
    return connection.kind === 'member' && this.handlers.self !== 0;
  }

  /** Both ends come to the same answer: the newer life of the peer, then the one that the higher id dialled, then the newer one. */
  private wins(newer: Connection, older: Connection): boolean {
    if (newer.incarnation !== older.incarnation) return newer.incarnation > older.incarnation;
    return newer.dialled === older.dialled || this.diallerOf(newer) > this.diallerOf(older);
  }

  private diallerOf(connection: Connection): MemberId {
    return connection.dialled ? this.handlers.self : (connection.peer ?? 0);
  }
}
