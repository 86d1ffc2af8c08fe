import { lookup } from 'node:dns';
import { crc32 } from 'node:zlib';
import type { TransportFailure } from '@quorate/interface';
import { formatTcpUrl, listenFailure, parseTcpUrl, type Listener, type TcpAddress } from '@quorate/links';
import { Dealer, Router, type Observer } from 'zeromq';
import type { Network, PortHandlers, Socket, SocketHandlers } from './network.ts';

/** What ZeroMQ itself must bound. */
export interface SocketLimits {
  /** A larger message ends its connection. */
  readonly messageBytes: number;
  /** From an accepted connection to the end of ZeroMQ's own handshake. */
  readonly handshakeMs: number;
}

/** What one of the addresses of a name may take. */
interface DialLimits extends SocketLimits {
  readonly connectMs: number;
}

// What is read without a pause: a socket that always has more must not keep timers and other sockets waiting.
const turnBytes = 2_097_152;

const nothing = Buffer.alloc(0);

/** ZeroMQ's sockets, timers, chance and checksums. The one file of this package that touches them. */
export function zmqSockets(limits: SocketLimits): Network {
  return {
    dial: (address, handlers) => new DealerSocket(address, limits, handlers),
    listen(address, port, done) {
      lookup(address.host, (error, host) => {
        if (error === null) void bind(() => new BoundRouter({ host, port: address.port }, limits, port), address, done);
        else done(listenFailure(address, error));
      });
    },
    host: {
      soon: (run) => void setImmediate(run),
      after(delayMs, run) {
        const timer = setTimeout(run, Math.ceil(delayMs));
        return { cancel: () => clearTimeout(timer) };
      },
      monotonicMs: () => performance.now(),
      random: () => Math.random(),
      crc32: (bytes, seed) => crc32(bytes, seed),
      allocate: (bytes) => Buffer.allocUnsafe(bytes),
    },
  };
}

/** Options of both kinds of socket. No linger: what was not sent by an orderly end is lost, and no exit of the process waits for it. */
function commonOptions(host: string, limits: SocketLimits): ConstructorParameters<typeof Dealer>[0] {
  return {
    linger: 0,
    // A full queue is an answer at once, so that a send never waits and two of them never meet.
    sendTimeout: 0,
    ipv6: host.includes(':'),
    maxMessageSize: limits.messageBytes,
    handshakeInterval: limits.handshakeMs,
  };
}

/** One connection that was dialled. */
class DealerSocket implements Socket {
  readonly remote: string;
  private dealer: Dealer | undefined;
  private readonly handlers: SocketHandlers;
  private over = false;

  constructor(address: TcpAddress, limits: SocketLimits, handlers: SocketHandlers) {
    this.remote = formatTcpUrl(address);
    this.handlers = handlers;
    // ZeroMQ would resolve names on the thread that moves everybody's messages, and try one address.
    lookup(address.host, { all: true }, (error, found) => {
      const hosts = (found ?? []).map((one) => one.address);
      const share = { ...limits, connectMs: Math.ceil(limits.handshakeMs / Math.max(hosts.length, 1)) };
      if (error === null) this.tryNext(hosts, address.port, share);
      else this.finish(codeOf(error));
    });
  }

  send(message: Uint8Array): void {
    if (this.dealer !== undefined && !this.over) post(this.dealer, message, this.handlers);
  }

  destroy(): void {
    this.finish('');
  }

  /** Connects to the first of `hosts`, and where nobody answers there to the next one. */
  private tryNext([host, ...others]: readonly string[], port: number, limits: DialLimits): void {
    if (this.over) return;
    if (host === undefined) {
      this.finish('refused, or no way there');
      return;
    }
    try {
      this.connect({ host, port }, limits, () => this.tryNext(others, port, limits));
    } catch (error) {
      // Port 0, or no file descriptor left.
      this.finish(codeOf(error));
    }
  }

  private connect(address: TcpAddress, limits: DialLimits, next: () => void): void {
    // A connection that comes back by itself would hide what was lost meanwhile: back-off and a new link are the table's.
    const options = { ...commonOptions(address.host, limits), reconnectInterval: -1, connectTimeout: limits.connectMs };
    const dealer = new Dealer(options);
    this.dealer = dealer;
    let isOpen = false;
    void observe(dealer.events, (type) => {
      if (this.over || this.dealer !== dealer) return;
      if (type === 'handshake') {
        isOpen = true;
        this.handlers.opened();
      } else if (type === 'disconnect') this.finish(isOpen ? '' : 'what is there does not speak ZeroMQ');
      else if (type === 'close') {
        dealer.close();
        next();
      }
    });
    dealer.connect(formatTcpUrl(address));
    void receiveAll(dealer, ([message = nothing, ...more]) =>
      this.handlers.message(more.length === 0 ? plain(message) : nothing),
    );
  }

  private finish(error: string): void {
    if (this.over) return;
    this.over = true;
    this.dealer?.close();
    setImmediate(() => this.handlers.closed(error));
  }
}

/** One bound port, and the connections that came in over it. */
class BoundRouter implements Listener {
  address: TcpAddress;
  readonly router: Router;
  private readonly routes = new Map<string, SocketHandlers>();
  private readonly port: PortHandlers;
  private whenFree: (() => void)[] = [];
  private isFree = false;

  constructor(address: TcpAddress, limits: SocketLimits, port: PortHandlers) {
    this.address = address;
    this.port = port;
    // Mandatory: a message to a connection that is gone, or whose queue is full, is refused instead of lost.
    this.router = new Router({ ...commonOptions(address.host, limits), mandatory: true });
    void this.watch(this.router.events);
  }

  receive(): void {
    void receiveAll(this.router, ([route, message = nothing, ...more]) => {
      if (route === undefined) return;
      const key = route.toString('latin1');
      const whole = more.length === 0 ? plain(message) : nothing;
      const handlers = this.routes.get(key) ?? this.accept(key, route, whole);
      handlers?.message(whole);
    });
  }

  /** `done` once the observer saw the end of the socket: ZeroMQ frees the port some time after the call that closes it. */
  close(done: () => void): void {
    this.routes.clear();
    this.router.close();
    if (this.isFree) setImmediate(done);
    else this.whenFree.push(done);
  }

  private accept(key: string, route: Uint8Array, message: Uint8Array): SocketHandlers | undefined {
    const socket: Socket = {
      remote: formatTcpUrl(this.address),
      send: (reply) => {
        if (!this.router.closed) post(this.router, [route, reply], this.routes.get(key));
      },
      destroy: () => void this.routes.delete(key),
    };
    const handlers = this.port.accept(socket, message);
    if (handlers !== undefined) this.routes.set(key, handlers);
    return handlers;
  }

  private async watch(events: Observer): Promise<void> {
    await observe(events, (type, error) => this.event(type, error));
    this.isFree = true;
    for (const done of this.whenFree.splice(0)) done();
  }

  private event(type: string, error: string | undefined): void {
    if (type === 'disconnect') this.port.disconnected();
    // A connection that ends within the handshake is a probe or a scanner; one that lets its time pass, or says something else, is worth a line.
    else if (type.startsWith('handshake:error') && error !== 'ECONNRESET' && error !== 'EPIPE') {
      const where = formatTcpUrl(this.address);
      this.port.trouble(
        error === 'EAGAIN'
          ? `E_HANDSHAKE_TIMEOUT: a connection did not begin as ZeroMQ's do (at ${where}). Check that a member is at the other end.`
          : `E_PROTO_MAGIC: a connection did not speak as ZeroMQ does (${error ?? type}, at ${where}). Check the address and the port.`,
      );
    }
  }
}

async function bind(
  open: () => BoundRouter,
  asked: TcpAddress,
  done: (result: Listener | TransportFailure) => void,
): Promise<void> {
  let bound: BoundRouter | undefined;
  try {
    bound = open();
    await bound.router.bind(formatTcpUrl(bound.address));
  } catch (error) {
    const fail = (): void => done(listenFailure(asked, error as NodeJS.ErrnoException));
    if (bound === undefined) fail();
    else bound.close(fail);
    return;
  }
  bound.address = parseTcpUrl(bound.router.lastEndpoint ?? '') ?? asked;
  bound.receive();
  done(bound);
}

/** Sends at once or not at all, since `sendTimeout` is 0: any number of these may follow each other. */
function post(socket: Dealer | Router, message: Uint8Array | Uint8Array[], handlers: SocketHandlers | undefined): void {
  socket.send(message).then(
    () => handlers?.sent('taken'),
    (error: NodeJS.ErrnoException) => handlers?.sent(error.code === 'EHOSTUNREACH' ? 'gone' : 'full'),
  );
}

async function receiveAll(socket: Dealer | Router, deliver: (parts: readonly Buffer[]) => void): Promise<void> {
  let left = turnBytes;
  while (!socket.closed) {
    let parts: readonly Buffer[];
    try {
      parts = await socket.receive();
    } catch (error) {
      if (socket.closed) return;
      // Never seen. A member that is deaf and does not know it would be worse than one that ends.
      throw error;
    }
    if (socket.closed) return;
    deliver(parts);
    for (const part of parts) left -= part.length;
    if (left > 0) continue;
    left = turnBytes;
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

/** Tells what the monitor sees, until the socket is closed and its port free. */
async function observe(observer: Observer, tell: (type: string, error: string | undefined) => void): Promise<void> {
  for await (const event of observer) {
    const { error } = event as { readonly error?: NodeJS.ErrnoException };
    tell(event.type, error?.code);
  }
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

/** Plain bytes: `slice` of a Buffer would not copy. */
function plain(part: Buffer): Uint8Array {
  return new Uint8Array(part.buffer, part.byteOffset, part.length);
}
