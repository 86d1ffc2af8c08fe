import type { MessagePort } from 'node:worker_threads';
import type { Lane, LinkId, Transport, TransportFailure, TransportHandlers, TransportPeer } from '@quorate/interface';
import type { PortHub } from './port-hub.ts';
import { type Other, type Parcel, PortLink } from './port-link.ts';

/** How soon an end dials again, at first and at most. */
const retryMs = { first: 2, most: 100 };

/** A transport over message ports, for members that live in threads of one process. `url` undefined: it only dials. */
export function portTransport(options: { readonly hub: PortHub; readonly url?: string; readonly queueBytes: number }): Transport {
  return new PortTransport(options.hub, options.url, options.queueBytes);
}

let dialOnlyEnds = 0;

class PortTransport implements Transport {
  readonly delivery = 'fifo';
  readonly #hub: PortHub;
  readonly #url: string | undefined;
  readonly #name: string;
  readonly #queueBytes: number;
  #handlers: TransportHandlers | undefined;
  #peers: readonly TransportPeer[] = [];
  readonly #links: Set<PortLink> = new Set();
  #lastLink: LinkId = 0;
  readonly #told: Set<string> = new Set();
  #news: (() => void)[] = [];
  #retry: NodeJS.Timeout | undefined;
  #retries = 0;
  #isClosed = false;

  constructor(hub: PortHub, url: string | undefined, queueBytes: number) {
    this.#hub = hub;
    this.#url = url;
    this.#name = url ?? `port://nobody/${++dialOnlyEnds}`;
    this.#queueBytes = queueBytes;
  }

  // ── what the owner calls ───────────────────────────────────────────────────────────────────────────────

  start(handlers: TransportHandlers, done: (failure?: TransportFailure) => void): void {
    const accept = (port: MessagePort): void => this.#connect(new PortLink(port, undefined));
    if (this.#url !== undefined && !this.#hub.listen(this.#url, accept)) {
      const text = `another end listens there (url, got ${this.#url}). Close it first.`;
      return this.#tell(() => done({ code: 'E_ADDRESS_IN_USE', text }));
    }
    this.#handlers = handlers;
    this.#tell(done);
    this.#dialAll();
  }

  setPeers(peers: readonly TransportPeer[]): void {
    this.#peers = peers;
    this.#told.clear();
    this.#retries = 0;
    for (const link of this.#links) {
      // A client does not know the ids of members before it meets them: it goes by what it dialled.
      const id = this.#handlers?.self === 0 ? link.dialled?.id : link.other?.peer;
      if (link.other?.kind === 'member' && !peers.some((peer) => peer.id === id)) this.#end(link, 'no longer a peer');
    }
    this.#dialAll();
  }

  send(link: LinkId, _lane: Lane, chunks: readonly Uint8Array[]): boolean {
    const found = this.#find(link);
    if (found === undefined) return false;
    found.push(chunks);
    if (found.queuedBytes * 2 > this.#queueBytes) found.wasLong = true;
    if (found.queuedBytes <= this.#queueBytes) return true;
    // Nobody else bounds what a slow peer costs us.
    this.#end(found, `E_OVERFLOW: ${found.queuedBytes} bytes are queued (allowed ${this.#queueBytes})`);
    return false;
  }

  flush(): void {
    for (const link of this.#links) if (link.number > 0) link.flush();
  }

  queuedBytes(link: LinkId): number {
    return this.#find(link)?.queuedBytes ?? 0;
  }

  closeLink(link: LinkId, reason: string): void {
    const found = this.#find(link);
    if (found !== undefined) this.#end(found, reason);
  }

  close(done: () => void): void {
    this.flush();
    for (const link of this.#links) this.#end(link, 'this end stops');
    if (this.#url !== undefined && this.#handlers !== undefined && !this.#isClosed) this.#hub.leave(this.#url);
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#tell(done);
  }

  // ── connections ────────────────────────────────────────────────────────────────────────────────────────

  #dialAll(): void {
    if (this.#handlers === undefined || this.#isClosed) return;
    let missing = 0;
    for (const { id, urls } of this.#peers) {
      const isBusy = [...this.#links].some((link) => link.dialled?.id === id || link.other?.peer === id);
      if (id === this.#handlers.self || isBusy) continue;
      missing++;
      const url = urls[this.#retries % Math.max(1, urls.length)];
      const port = url === undefined ? undefined : this.#hub.dial(url, this.#name);
      if (port === undefined || url === undefined) continue;
      const link = new PortLink(port, { id, url });
      this.#connect(link);
      link.post({ type: 'hello', hello: this.#handlers.hello });
    }
    if (missing > 0) this.#dialLater();
  }

  /** It never gives up; a little chance keeps two ends from meeting in the middle for ever. */
  #dialLater(): void {
    clearTimeout(this.#retry);
    if (this.#isClosed) return;
    const pause = Math.min(retryMs.most, retryMs.first * 2 ** this.#retries);
    this.#retry = setTimeout(
      () => {
        this.#retries++;
        this.#dialAll();
      },
      pause * (0.5 + Math.random()),
    );
  }

  #connect(link: PortLink): void {
    this.#links.add(link);
    link.port.on('message', (parcel: Parcel) => this.#take(link, parcel));
    link.port.on('close', () => this.#over(link, 'the connection is lost'));
  }

  #take(link: PortLink, parcel: Parcel): void {
    if (link.isOver) return;
    if (parcel.type === 'hello') this.#judge(link, parcel.hello);
    else if (parcel.type === 'welcome') this.#up(link);
    else if (parcel.type === 'refuse') this.#refused(link, parcel.text);
    else if (parcel.type === 'bye') this.#over(link, `closed by the other end: ${parcel.reason}`);
    else if (parcel.type === 'taken') this.#taken(link, parcel.bytes);
    else {
      link.post({ type: 'taken', bytes: parcel.frame.length });
      this.#tell(() => this.#handlers?.frame(link.number, parcel.frame));
    }
  }

  /** Both ends judge the other's hello: first the one that was dialled, then the one that dialled. */
  #judge(link: PortLink, hello: Uint8Array): void {
    const handlers = this.#handlers;
    if (handlers === undefined) return;
    const answer = handlers.admit(hello, undefined);
    const { dialled } = link;
    if ('refuse' in answer) return this.#refuse(link, answer.refuse);
    if (dialled !== undefined && handlers.self !== 0 && answer.peer !== dialled.id)
      return this.#refuse(link, `E_PEER_ID: another member answers there (got ${answer.peer}, allowed ${dialled.id})`);
    link.other = answer;
    if (dialled === undefined) return link.post({ type: 'hello', hello: handlers.hello });
    if (!this.#makeRoom(link, answer)) return this.#end(link, 'a better link is up');
    link.post({ type: 'welcome' });
    this.#up(link);
  }

  /** At most one link to a member is up. Both ends must keep the same one: the rule is the contract's. */
  #makeRoom(link: PortLink, { peer, kind }: Other): boolean {
    const self = this.#handlers?.self ?? 0;
    if (kind === 'client' || self === 0) return true;
    const rank = (one: PortLink): readonly [number, number] => [
      one.other?.incarnation ?? 0,
      one.dialled === undefined ? peer : self,
    ];
    for (const rival of this.#links) {
      if (rival === link || rival.number === 0 || rival.other?.peer !== peer) continue;
      const [[life, dialler], [rivalLife, rivalDialler]] = [rank(link), rank(rival)];
      if (life < rivalLife || (life === rivalLife && dialler < rivalDialler)) return false;
      this.#end(rival, 'a better link takes its place');
    }
    return true;
  }

  #up(link: PortLink): void {
    const { other } = link;
    if (other === undefined) return;
    if (link.dialled === undefined && !this.#makeRoom(link, other)) return this.#end(link, 'a better link is up');
    const number = ++this.#lastLink;
    link.number = number;
    this.#retries = 0;
    this.#tell(() => this.#handlers?.linkUp(other.peer, number, other.kind));
  }

  #refuse(link: PortLink, text: string): void {
    link.end({ type: 'refuse', text });
    this.#refused(link, text);
  }

  #refused(link: PortLink, text: string): void {
    // Once: a refused end dials again and again.
    if (!this.#told.has(text)) this.#tell(() => this.#handlers?.trouble(link.other?.peer, text));
    this.#told.add(text);
    this.#over(link, text);
  }

  #taken(link: PortLink, bytes: number): void {
    link.queuedBytes -= bytes;
    if (!link.wasLong || link.queuedBytes * 2 > this.#queueBytes) return;
    link.wasLong = false;
    this.#tell(() => this.#handlers?.drained(link.number));
  }

  #end(link: PortLink, reason: string): void {
    if (link.isOver) return;
    link.end({ type: 'bye', reason });
    this.#over(link, reason);
  }

  #over(link: PortLink, reason: string): void {
    if (!this.#links.delete(link)) return;
    if (!link.isOver) link.port.close();
    link.isOver = true;
    const { other, number } = link;
    if (other !== undefined && number > 0) this.#tell(() => this.#handlers?.linkDown(other.peer, number, reason));
    if (link.dialled !== undefined || this.#peers.length > 0) this.#dialLater();
  }

  #find(number: LinkId): PortLink | undefined {
    for (const link of this.#links) if (link.number === number && number > 0) return link;
    return undefined;
  }

  /** Nothing is told from within a call, and everything is told in the order in which it happened. */
  #tell(run: () => void): void {
    this.#news.push(run);
    if (this.#news.length > 1) return;
    setImmediate(() => {
      for (const next of this.#news.splice(0)) next();
    });
  }
}
