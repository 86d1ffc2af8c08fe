import type { TransportFailure } from '@quorate/interface';
import { FakeHost, type FakeLinks } from '@quorate/link-testing';
import { formatTcpUrl, type Listener, type TcpAddress } from '@quorate/links';
import type { Network, PortHandlers, SendResult, Socket, SocketHandlers } from '../src/network.ts';

type Direction = 'dialled' | 'accepted';

/** ZeroMQ sockets of a test: messages move only when it says so. */
export class FakeNetwork implements Network, FakeLinks {
  readonly host: FakeHost = new FakeHost(() => this.dealers.map((dealer) => dealer.deliver()).includes(true));
  /** What becomes of a message of a DEALER (`dialled`) or a ROUTER: lost, changed, doubled. */
  tamper: ((message: Uint8Array, from: Direction) => readonly Uint8Array[]) | undefined;
  /** Messages that a connection holds in one direction before it is full. */
  capacity: number = Number.POSITIVE_INFINITY;
  /** Ends of this direction do not read. */
  deaf: Direction | 'both' | undefined;
  /** Every message that was sent: how many bytes. */
  readonly writes: number[] = [];
  readonly dials: string[] = [];
  readonly dealers: FakeDealer[] = [];
  private readonly routers = new Map<string, FakeRouter>();
  private readonly bound: FakeRouter[] = [];

  silence(side: Direction): void {
    this.tamper = (message, from) => (from === side ? [] : [message]);
  }

  /** Every ROUTER that ever was bound here hears that a connection ended: what a closing one hears. */
  disconnectAll(): void {
    for (const { port } of this.bound) port.disconnected();
  }

  openDials(): readonly string[] {
    return this.dealers.filter(({ over }) => !over).map(({ remote }) => remote);
  }

  dial(address: TcpAddress, handlers: SocketHandlers): FakeDealer {
    const url = formatTcpUrl(address);
    this.dials.push(url);
    const dealer = new FakeDealer(this, url, handlers);
    this.dealers.push(dealer);
    this.host.soon(() => dealer.connect(this.routers.get(url)));
    return dealer;
  }

  listen(address: TcpAddress, port: PortHandlers, done: (result: Listener | TransportFailure) => void): void {
    const url = formatTcpUrl(address);
    if (this.routers.has(url)) {
      this.host.soon(() => done({ code: 'E_ADDRESS_IN_USE', text: `another one listens at ${url}.` }));
      return;
    }
    const router = new FakeRouter(this, url, port);
    this.routers.set(url, router);
    this.bound.push(router);
    const close = (closed: () => void): void => {
      this.routers.delete(url);
      for (const dealer of this.dealers) if (dealer.remote === url) dealer.lose();
      this.host.soon(closed);
    };
    this.host.soon(() => done({ address, close }));
  }

  /** What arrives of a message, as copies: the network does not share memory. */
  passOn(message: Uint8Array, from: Direction): Uint8Array[] {
    this.writes.push(message.length);
    return (this.tamper?.(message, from) ?? [message]).map((one) => Uint8Array.from(one));
  }
}

/** One DEALER, and its one connection. */
export class FakeDealer implements Socket {
  readonly remote: string;
  readonly handlers: SocketHandlers;
  over = false;
  toRouter: Uint8Array[] = [];
  toDealer: Uint8Array[] = [];
  router: FakeRouter | undefined;
  private readonly network: FakeNetwork;

  constructor(network: FakeNetwork, remote: string, handlers: SocketHandlers) {
    this.network = network;
    this.remote = remote;
    this.handlers = handlers;
  }

  connect(router: FakeRouter | undefined): void {
    if (this.over) return;
    this.router = router;
    if (router === undefined) this.lose('refused');
    else this.handlers.opened();
  }

  send(message: Uint8Array): void {
    this.network.host.soon(() => {
      if (this.over) return;
      const isFull = this.toRouter.length >= this.network.capacity;
      if (!isFull) this.toRouter.push(...this.network.passOn(message, 'dialled'));
      this.handlers.sent(isFull ? 'full' : 'taken');
    });
  }

  destroy(): void {
    this.lose();
  }

  /** The process of the dialling end is killed: nobody there hears anything. */
  kill(): void {
    if (this.over) return;
    this.over = true;
    this.network.host.soon(() => this.router?.port.disconnected());
  }

  /** The connection breaks. */
  lose(error = ''): void {
    if (this.over) return;
    this.kill();
    this.network.host.soon(() => this.handlers.closed(error));
  }

  /** Hands over what arrived, at both ends. A ROUTER still gets what a connection brought before it ended. */
  deliver(): boolean {
    const { deaf } = this.network;
    const toRouter = deaf === 'accepted' || deaf === 'both' ? [] : this.toRouter.splice(0);
    const toDealer = deaf === 'dialled' || deaf === 'both' ? [] : this.toDealer.splice(0);
    for (const message of toRouter) this.router?.receive(this, message);
    for (const message of toDealer) if (!this.over) this.handlers.message(message);
    return toRouter.length + toDealer.length > 0;
  }
}

class FakeRouter {
  readonly port: PortHandlers;
  private readonly url: string;
  private readonly network: FakeNetwork;
  private readonly routes = new Map<FakeDealer, SocketHandlers>();

  constructor(network: FakeNetwork, url: string, port: PortHandlers) {
    this.network = network;
    this.url = url;
    this.port = port;
  }

  receive(dealer: FakeDealer, message: Uint8Array): void {
    const handlers = this.routes.get(dealer) ?? this.accept(dealer, message);
    handlers?.message(message);
  }

  private accept(dealer: FakeDealer, message: Uint8Array): SocketHandlers | undefined {
    const send = (reply: Uint8Array): void =>
      this.network.host.soon(() => this.routes.get(dealer)?.sent(this.send(dealer, reply)));
    const answerOnce = (reply: Uint8Array): void =>
      this.routes.has(dealer) ? send(reply) : this.network.host.soon(() => void this.send(dealer, reply));
    const destroy = (): void => void this.routes.delete(dealer);
    const handlers = this.port.accept({ remote: this.url, send: answerOnce, destroy }, message);
    if (handlers !== undefined) this.routes.set(dealer, handlers);
    return handlers;
  }

  private send(dealer: FakeDealer, reply: Uint8Array): SendResult {
    if (dealer.over) return 'gone';
    if (dealer.toDealer.length >= this.network.capacity) return 'full';
    dealer.toDealer.push(...this.network.passOn(reply, 'accepted'));
    return 'taken';
  }
}
