import type { TransportFailure } from '@quorate/interface';
import { FakeHost, type FakeLinks } from '@quorate/link-testing';
import { formatTcpUrl, type Listener, type TcpAddress } from '@quorate/links';
import type { Network, Socket, SocketHandlers } from '../src/network.ts';

/** Sockets of a test: bytes move only when it says so. */
export class FakeNetwork implements Network, FakeLinks {
  readonly host: FakeHost = new FakeHost(() => this.sockets.map((socket) => socket.deliver()).includes(true));
  /** Bytes that the kernel of each socket takes before it makes the writer wait. */
  kernelBytes: number = Number.POSITIVE_INFINITY;
  /** Bytes written by sockets of one direction are lost: a block that nobody is told of. */
  silent: 'dialled' | 'accepted' | undefined;
  /** Every call of `write`: how many bytes. */
  readonly writes: number[] = [];
  readonly dials: string[] = [];
  private readonly sockets: FakeSocket[] = [];
  private readonly listeners = new Map<string, (socket: Socket) => SocketHandlers>();

  /** The URLs of all dialled connections that are open. */
  openDials(): readonly string[] {
    return this.sockets.filter((socket) => !socket.over && socket.direction === 'dialled').map(({ remote }) => remote);
  }

  silence(side: 'dialled' | 'accepted'): void {
    this.silent = side;
  }

  dial(address: TcpAddress, handlers: SocketHandlers): Socket {
    const url = formatTcpUrl(address);
    this.dials.push(url);
    const socket = new FakeSocket(this, url, 'dialled');
    socket.handlers = handlers;
    this.sockets.push(socket);
    this.host.soon(() => this.connect(socket, url));
    return socket;
  }

  listen(
    address: TcpAddress,
    accept: (socket: Socket) => SocketHandlers,
    done: (result: Listener | TransportFailure) => void,
  ): void {
    const url = formatTcpUrl(address);
    if (this.listeners.has(url)) {
      this.host.soon(() => done({ code: 'E_ADDRESS_IN_USE', text: `another one listens at ${url}.` }));
      return;
    }
    this.listeners.set(url, accept);
    const close = (closed: () => void): void => {
      this.listeners.delete(url);
      this.host.soon(closed);
    };
    this.host.soon(() => done({ address, close }));
  }

  private connect(socket: FakeSocket, url: string): void {
    if (socket.over) return;
    const accept = this.listeners.get(url);
    if (accept === undefined) {
      socket.over = true;
      socket.handlers?.closed('ECONNREFUSED');
      return;
    }
    const other = new FakeSocket(this, '10.0.0.9:5000', 'accepted');
    this.sockets.push(other);
    socket.other = other;
    other.other = socket;
    other.handlers = accept(other);
    socket.handlers?.opened();
  }
}

class FakeSocket implements Socket {
  readonly remote: string;
  handlers: SocketHandlers | undefined;
  other: FakeSocket | undefined;
  over = false;
  pendingBytes = 0;
  private inbox: Uint8Array[] = [];
  private readonly network: FakeNetwork;
  readonly direction: 'dialled' | 'accepted';

  constructor(network: FakeNetwork, remote: string, direction: 'dialled' | 'accepted') {
    this.network = network;
    this.remote = remote;
    this.direction = direction;
  }

  write(chunks: readonly Uint8Array[]): void {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.network.writes.push(bytes);
    const queued = (this.other?.inbox ?? []).reduce((sum, chunk) => sum + chunk.length, 0);
    this.pendingBytes = Math.max(0, queued + bytes - this.network.kernelBytes);
    if (this.network.silent !== this.direction) this.other?.inbox.push(...chunks.map((chunk) => Uint8Array.from(chunk)));
    this.network.host.soon(() => {
      if (this.pendingBytes === 0) this.handlers?.written();
    });
  }

  end(): void {
    this.close('');
  }

  destroy(): void {
    this.close('ECONNRESET');
  }

  /** Hands over what arrived, and tells the writer that there is room again. */
  deliver(): boolean {
    if (this.over) return false;
    const chunks = this.takeInbox();
    for (const chunk of chunks) this.handlers?.data(chunk);
    const writer = this.other;
    if (writer === undefined || writer.pendingBytes === 0 || writer.over) return chunks.length > 0;
    writer.pendingBytes = 0;
    writer.handlers?.written();
    return true;
  }

  /** What arrived, as one chunk: the network keeps no borders. */
  private takeInbox(): Uint8Array[] {
    const bytes = this.inbox.flatMap((chunk) => [...chunk]);
    this.inbox = [];
    return bytes.length === 0 ? [] : [Uint8Array.from(bytes)];
  }

  private close(errorThere: string): void {
    if (this.over) return;
    this.over = true;
    this.network.host.soon(() => this.handlers?.closed(''));
    const { other } = this;
    if (other === undefined || other.over) return;
    other.over = true;
    this.network.host.soon(() => {
      for (const chunk of other.takeInbox()) other.handlers?.data(chunk);
      other.handlers?.closed(errorThere);
    });
  }
}
