import { invariant, type Host, type LinkId, type Transport } from '@quorate/interface';
import { Endpoint } from './endpoint.ts';
import type { MemoryLink } from './memory-link.ts';

/** What a network in memory can be told. */
export interface MemoryNetworkOptions {
  /** When frames are delivered: at the end of the turn in which they were flushed, in order. */
  readonly host: Pick<Host, 'endOfTurn'>;
  /**
   * `reference` (default): a frame of one chunk arrives as the very same bytes. `serialised`: every frame arrives as a copy, so
   * that an end that writes into what it sent or received is found out.
   */
  readonly mode?: 'reference' | 'serialised';
  /** Bytes that a link may hold back before it ends with `E_OVERFLOW`. Default 32 MiB. */
  readonly queueBytes?: number;
}

/** Transports that know each other by URL, and a network that a test can cut. */
export interface MemoryNetwork {
  /** A new end at `url`; takes the place of a closed one. Without a URL nobody can dial it, as a native client. */
  transport(url?: string): Transport;
  /** Ends the link between two URLs and keeps them apart. */
  cut(a: string, b: string): void;
  /** Lets them meet again. */
  heal(a: string, b: string): void;
}

/** A network without ends. Delivery is `fifo`. */
export function memoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  return new Network(options);
}

/** What is under way: delivered in this order, one turn after it began. */
export type Delivery =
  | { readonly type: 'frame'; readonly link: MemoryLink; readonly to: Endpoint; readonly frame: Uint8Array }
  | { readonly type: 'call'; readonly run: () => void };

/** The ends, the cuts between them, and what is under way. */
export class Network implements MemoryNetwork {
  readonly serialised: boolean;
  readonly queueBytes: number;
  private readonly host: Pick<Host, 'endOfTurn'>;
  private readonly ends = new Map<string, Endpoint>();
  private readonly cuts = new Set<string>();
  private underWay: Delivery[] = [];
  private asked = false;
  private dialAsked = false;
  private lastLink: LinkId = 0;
  private readonly clients = new Set<Endpoint>();

  constructor(options: MemoryNetworkOptions) {
    this.host = options.host;
    this.serialised = options.mode === 'serialised';
    this.queueBytes = options.queueBytes ?? 32 * 1_048_576;
  }

  transport(url?: string): Transport {
    return new Endpoint(this, url);
  }

  cut(a: string, b: string): void {
    this.cuts.add(pairOf(a, b));
    const one = this.ends.get(a);
    const two = this.ends.get(b);
    if (one !== undefined && two !== undefined) one.linkTo(two)?.end('the network is cut', 'the network is cut');
  }

  heal(a: string, b: string): void {
    this.cuts.delete(pairOf(a, b));
    this.changed();
  }

  /** An end begins to exist for the others. Returns why it cannot. */
  register(end: Endpoint): string | undefined {
    if (end.url === undefined) this.clients.add(end);
    else if (this.ends.has(end.url)) return `E_ADDRESS_IN_USE: another end listens there (url, got=${end.url}). Close it first.`;
    else this.ends.set(end.url, end);
    this.changed();
    return undefined;
  }

  unregister(end: Endpoint): void {
    this.clients.delete(end);
    if (end.url !== undefined && this.ends.get(end.url) === end) this.ends.delete(end.url);
  }

  /** The end at a URL, where it is there and not cut off. */
  reach(from: Endpoint, url: string): Endpoint | undefined {
    return from.url !== undefined && this.cuts.has(pairOf(from.url, url)) ? undefined : this.ends.get(url);
  }

  nextLink(): LinkId {
    return ++this.lastLink;
  }

  deliver(delivery: Delivery): void {
    this.underWay.push(delivery);
    if (this.asked) return;
    this.asked = true;
    this.host.endOfTurn(() => this.run());
  }

  /** At the end of the turn every end dials the peers that it has no link to. */
  dialSoon(): void {
    if (this.dialAsked) return;
    this.dialAsked = true;
    const run = (): void => {
      this.dialAsked = false;
      for (const end of [...this.ends.values(), ...this.clients]) end.dial();
    };
    this.deliver({ type: 'call', run });
  }

  private changed(): void {
    for (const end of [...this.ends.values(), ...this.clients]) end.forgive();
    this.dialSoon();
  }

  private run(): void {
    invariant(this.asked, 'a turn ended twice');
    this.asked = false;
    const deliveries = this.underWay;
    this.underWay = [];
    for (const delivery of deliveries) {
      if (delivery.type === 'call') delivery.run();
      else delivery.link.arrive(delivery.to, delivery.frame);
    }
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
