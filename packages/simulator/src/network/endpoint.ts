import { invariant } from '@quorate/interface';
import type { Lane, LinkId, MemberId, Transport, TransportFailure, TransportHandlers, TransportPeer } from '@quorate/interface';
import { chanceKinds } from '../chance.ts';
import type { SimProcess } from '../process.ts';
import type { Connection, Side } from './connection.ts';
import type { SimNetwork } from './sim-network.ts';

/** Whose transport it is. */
interface Owner {
  readonly process: SimProcess;
  readonly machine: number;
  readonly url: string | undefined;
}

/** A peer that is dialled. */
interface Dial {
  readonly id: MemberId;
  readonly url: string;
  attempts: number;
  connection: Connection | undefined;
  waiting: boolean;
}

const reconnectMinMs = 50;
const reconnectMaxMs = 1000;

/** The transport of one process: dials, listens, and keeps one link per member. */
export class Endpoint implements Transport {
  readonly delivery: 'fifo' | 'datagram';
  readonly process: SimProcess;
  readonly machine: number;
  private readonly network: SimNetwork;
  private readonly url: string | undefined;
  private taken: TransportHandlers | undefined;
  private closed = false;
  private dials: Dial[] = [];
  private readonly links = new Map<LinkId, Connection>();
  private readonly byPeer = new Map<MemberId, Connection>();
  private readonly slab = new FrameSlab();
  private lastLink: LinkId = 0;
  private draws = 0;

  constructor(network: SimNetwork, owner: Owner) {
    this.network = network;
    this.process = owner.process;
    this.machine = owner.machine;
    this.url = owner.url;
    this.delivery = network.setup.numbered ? 'fifo' : network.setup.delivery;
  }

  get handlers(): TransportHandlers {
    invariant(this.taken !== undefined, 'the transport was started');
    return this.taken;
  }

  /** 0 for a client. */
  get self(): MemberId {
    return this.taken?.self ?? 0;
  }

  get isOpen(): boolean {
    return this.taken !== undefined && !this.closed && this.process.alive;
  }

  start(handlers: TransportHandlers, done: (failure?: TransportFailure) => void): void {
    invariant(this.taken === undefined && !this.closed, 'a transport starts once');
    const taken = this.url !== undefined && !this.network.listen(this.url, this);
    if (!taken) this.taken = handlers;
    const failure = taken
      ? { code: 'E_ADDRESS_IN_USE', text: `another process listens at ${this.url}. End it first.` }
      : undefined;
    this.later(0, () => this.process.input(() => done(failure)));
    this.redial();
  }

  setPeers(peers: readonly TransportPeer[]): void {
    const urls = new Map(peers.flatMap(({ id, urls: all }) => all.map((url) => [url, id] as const)));
    urls.delete(this.url ?? '');
    const old = this.dials;
    this.dials = [...urls].map(
      ([url, id]) =>
        old.find((dial) => dial.url === url && dial.id === id) ?? { id, url, attempts: 0, connection: undefined, waiting: false },
    );
    for (const dial of old) {
      if (!this.dials.includes(dial) && this.self === 0) dial.connection?.closedBy(this, 'E_NOT_MEMBER: no longer a peer');
    }
    const ids = new Set(peers.map(({ id }) => id));
    if (this.self !== 0) {
      for (const [peer, connection] of this.byPeer)
        if (!ids.has(peer)) connection.closedBy(this, 'E_NOT_MEMBER: no longer a peer');
    }
    this.redial();
  }

  send(link: LinkId, lane: Lane, chunks: readonly Uint8Array[]): boolean {
    if (!this.process.alive) return false;
    const connection = this.links.get(link);
    return connection !== undefined && connection.send(connection.sideOf(this), lane, this.slab.concat(chunks));
  }

  /** Frames leave as they are sent. */
  flush(): void {}

  queuedBytes(link: LinkId): number {
    const connection = this.links.get(link);
    return connection === undefined ? 0 : connection.queuedBytes(connection.sideOf(this));
  }

  closeLink(link: LinkId, reason: string): void {
    this.links.get(link)?.closedBy(this, reason);
  }

  close(done: () => void): void {
    if (!this.closed) {
      this.closed = true;
      if (this.url !== undefined) this.network.unlisten(this.url, this);
      for (const connection of this.links.values()) connection.closedBy(this, 'E_STOPPED: this end stops');
    }
    this.later(0, () => this.process.input(done));
  }

  /** Dials whoever is not linked, after a pause that doubles. */
  redial(): void {
    if (!this.isOpen) return;
    for (const dial of this.dials) {
      if (dial.waiting || dial.connection !== undefined || this.isLinked(dial)) continue;
      dial.waiting = true;
      const full = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(dial.attempts, 10));
      const draw = this.network.setup.chance.draw(chanceKinds.dial, this.machine, ++this.draws, full);
      this.later(dial.attempts === 0 ? 0 : full * (0.5 + draw / 2), () => this.dial(dial));
    }
  }

  private isLinked(dial: Dial): boolean {
    return this.self !== 0 && this.byPeer.has(dial.id);
  }

  private dial(dial: Dial): void {
    dial.waiting = false;
    if (!this.isOpen || !this.dials.includes(dial) || this.isLinked(dial)) return;
    dial.attempts += 1;
    const acceptor = this.network.listener(dial.url);
    if (acceptor === undefined) return this.redial();
    dial.connection = this.network.connect(this, acceptor);
    dial.connection.open();
  }

  /** Whether the member that answered is the one that was dialled; a client takes whoever answers. */
  expects(peer: MemberId, connection: Connection): boolean {
    const dial = this.dials.find((one) => one.connection === connection);
    return dial !== undefined && (this.self === 0 || dial.id === peer);
  }

  /** Tells the owner of a refusal; who was dialled is known by name. */
  trouble(connection: Connection, text: string): void {
    this.handlers.trouble(this.dials.find((one) => one.connection === connection)?.id, text);
  }

  /** At most one link per member: the lesser one ends first. False: the new one is the lesser. */
  makeRoom(connection: Connection, side: Side): boolean {
    if (side.kind === 'client' || this.self === 0) return true;
    const other = this.byPeer.get(side.peer);
    if (other === undefined || other === connection) return true;
    const theirs = other.sideOf(this);
    this.network.counters.collisions += 1;
    if (!connection.outranks(other, side, theirs)) return false;
    theirs.state = 'over';
    this.forget(other);
    this.handlers.linkDown(theirs.peer, theirs.link, 'superseded by another link');
    other.closedBy(this, 'superseded by another link');
    return true;
  }

  /** A new link is up. */
  enter(connection: Connection): LinkId {
    const side = connection.sideOf(this);
    const link = ++this.lastLink;
    this.links.set(link, connection);
    if (side.kind === 'member' && this.self !== 0) this.byPeer.set(side.peer, connection);
    const dial = this.dials.find((one) => one.connection === connection);
    if (dial !== undefined) dial.attempts = 1;
    return link;
  }

  forget(connection: Connection): void {
    const side = connection.sideOf(this);
    if (side.link !== 0) this.links.delete(side.link);
    if (this.byPeer.get(side.peer) === connection) this.byPeer.delete(side.peer);
    for (const dial of this.dials) if (dial.connection === connection) dial.connection = undefined;
  }

  private later(afterMs: number, run: () => void): void {
    this.network.setup.scheduler.at(this.network.nowMs + afterMs, () => {
      if (this.process.alive) run();
    });
  }
}

/** Memory for frames: a view of a large block is made five times as quickly as a small array of its own. Nothing is used twice. */
class FrameSlab {
  private block = new Uint8Array(slabBytes);
  private used = 0;

  concat(chunks: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    const frame = this.take(length);
    let offset = 0;
    for (const chunk of chunks) {
      frame.set(chunk, offset);
      offset += chunk.length;
    }
    return frame;
  }

  private take(length: number): Uint8Array {
    if (length * 4 > slabBytes) return new Uint8Array(length);
    if (this.used + length > slabBytes) {
      this.block = new Uint8Array(slabBytes);
      this.used = 0;
    }
    this.used += length;
    return this.block.subarray(this.used - length, this.used);
  }
}

const slabBytes = 65_536;
