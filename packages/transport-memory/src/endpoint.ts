import {
  invariant,
  type Admission,
  type Lane,
  type LinkId,
  type MemberId,
  type Transport,
  type TransportFailure,
  type TransportHandlers,
  type TransportPeer,
} from '@quorate/interface';
import { MemoryLink, type Side } from './memory-link.ts';
import type { Network } from './memory-network.ts';

type Admitted = Exclude<Admission, { readonly refuse: string }>;

const superseded = 'E_SUPERSEDED: a newer life of the member took the place of this one';

/** One transport of a network in memory. */
export class Endpoint implements Transport {
  readonly delivery = 'fifo' as const;
  readonly url: string | undefined;
  handlers: TransportHandlers | undefined;
  private readonly network: Network;
  private readonly links = new Map<LinkId, MemoryLink>();
  private peers: readonly TransportPeer[] = [];
  // Whom a refusal told to stay away; asked again when anything changes.
  private readonly refused = new Set<string>();
  private closed = false;

  constructor(network: Network, url: string | undefined) {
    this.network = network;
    this.url = url;
  }

  start(handlers: TransportHandlers, done: (failure?: TransportFailure) => void): void {
    invariant(this.handlers === undefined && !this.closed, 'a transport starts once');
    const problem = this.network.register(this);
    if (problem === undefined) this.handlers = handlers;
    const failure = problem === undefined ? undefined : { code: 'E_ADDRESS_IN_USE', text: problem };
    this.network.deliver({ type: 'call', run: () => done(failure) });
  }

  setPeers(peers: readonly TransportPeer[]): void {
    this.peers = peers;
    this.forgive();
    const ids = new Set(peers.map(({ id }) => id));
    for (const link of this.links.values()) {
      const { peer, kind } = link.sideOf(this);
      // A client does not know the ids of members before it meets them.
      const wanted = this.handlers?.self === 0 ? this.dials(link) : ids.has(peer);
      if (kind === 'member' && !wanted) this.endLink(link, 'E_NOT_MEMBER: no longer a peer');
    }
    this.network.dialSoon();
  }

  send(link: LinkId, _lane: Lane, chunks: readonly Uint8Array[]): boolean {
    const found = this.links.get(link);
    // One queue for all lanes: between lanes no order is promised, and nothing here is slow.
    return found !== undefined && !this.closed && found.send(found.sideOf(this), chunks);
  }

  flush(): void {
    for (const link of this.links.values()) link.flush(link.sideOf(this));
  }

  queuedBytes(link: LinkId): number {
    return this.links.get(link)?.sideOf(this).queued ?? 0;
  }

  closeLink(link: LinkId, reason: string): void {
    const found = this.links.get(link);
    if (found !== undefined) this.endLink(found, reason);
  }

  close(done: () => void): void {
    this.flush();
    this.closed = true;
    this.network.unregister(this);
    // Behind what was flushed, so that the last frames arrive.
    const run = (): void => {
      for (const link of this.links.values()) this.endLink(link, 'E_STOPPED: this member stops');
      this.network.deliver({ type: 'call', run: done });
    };
    this.network.deliver({ type: 'call', run });
  }

  /** Meets every peer that is there and that no link leads to. */
  dial(): void {
    if (this.closed) return;
    for (const { id, urls } of this.peers) {
      if (id === this.handlers?.self) continue;
      for (const url of urls) {
        const other = this.network.reach(this, url);
        if (other !== undefined && other !== this && this.linkTo(other) === undefined) this.meet(other, { id, url });
      }
    }
  }

  linkTo(other: Endpoint): MemoryLink | undefined {
    for (const link of this.links.values()) if (link.sides.some(({ end }) => end === other)) return link;
    return undefined;
  }

  forget(link: MemoryLink): void {
    this.links.delete(link.sideOf(this).link);
  }

  /** Whom a refusal told to stay away may be asked again. */
  forgive(): void {
    this.refused.clear();
  }

  private meet(other: Endpoint, { id, url }: { readonly id: MemberId; readonly url: string }): void {
    if (this.handlers === undefined || other.handlers === undefined || this.refused.has(url)) return;
    const there = other.handlers.admit(this.handlers.hello, undefined);
    if ('refuse' in there) {
      this.turnAway(other, url, there.refuse);
      return;
    }
    const here = this.handlers.admit(other.handlers.hello, undefined);
    if ('refuse' in here) {
      this.turnAway(other, url, here.refuse);
      return;
    }
    if (this.handlers.self !== 0 && here.peer !== id) {
      this.turnAway(
        other,
        url,
        `E_PEER_ID: another member answers at this address (got=${here.peer.toString(16)}, allowed=${id.toString(16)})`,
      );
      return;
    }
    const older = [this.rivalOf(here), other.rivalOf(there)];
    if (older.includes('newer')) {
      this.refused.add(url);
      return;
    }
    for (const rival of older) if (rival instanceof MemoryLink) rival.end(superseded, superseded);
    const sides = [this.sideTo(here), other.sideTo(there)] as const;
    const link = new MemoryLink(this.network, sides);
    this.links.set(sides[0].link, link);
    other.links.set(sides[1].link, link);
  }

  /** The link to another life of the same member: one of an older life gives way, `newer` means that it stays. */
  private rivalOf({ peer, kind, incarnation }: Admitted): MemoryLink | 'newer' | undefined {
    if (kind === 'client' || this.handlers?.self === 0) return undefined;
    for (const link of this.links.values()) {
      const side = link.sideOf(this);
      if (side.kind === 'member' && side.peer === peer) return side.incarnation < incarnation ? link : 'newer';
    }
    return undefined;
  }

  private sideTo({ peer, kind, incarnation }: Admitted): Side {
    return { end: this, link: this.network.nextLink(), peer, kind, incarnation, waiting: [], queued: 0, aboveHalf: false };
  }

  private turnAway(other: Endpoint, url: string, text: string): void {
    this.refused.add(url);
    this.handlers?.trouble(undefined, `${text} [${url}]`);
    other.handlers?.trouble(undefined, `${text} [${this.url ?? 'a client'}]`);
  }

  private dials(link: MemoryLink): boolean {
    const other = link.sides.find(({ end }) => end !== this)?.end.url;
    return other !== undefined && this.peers.some(({ urls }) => urls.includes(other));
  }

  private endLink(link: MemoryLink, reason: string): void {
    const first = link.sides[0].end === this;
    const far = `closed by the other end: ${reason}`;
    link.end(first ? reason : far, first ? far : reason);
  }
}
