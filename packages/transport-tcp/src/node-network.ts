import { createConnection, createServer, type Server, type Socket as NodeSocket } from 'node:net';
import { crc32 } from 'node:zlib';
import type { TransportFailure } from '@quorate/interface';
import { formatTcpUrl, listenFailure, type Listener, type TcpAddress } from '@quorate/links';
import type { Network, Socket, SocketHandlers } from './network.ts';

// How long an orderly end may take before the connection is cut.
const lingerMs = 1_000;

/** Sockets, timers, chance and checksums of Node. The one file of this package that touches them. */
export function nodeNetwork(): Network {
  return {
    dial(address, handlers) {
      const socket = createConnection({ host: address.host, port: address.port, noDelay: true });
      socket.once('connect', () => handlers.opened());
      return wrap(socket, formatTcpUrl(address), () => handlers);
    },
    listen,
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

function listen(
  address: TcpAddress,
  accept: (socket: Socket) => SocketHandlers,
  done: (result: Listener | TransportFailure) => void,
): void {
  const server = createServer({ noDelay: true }, (socket) => {
    const remote = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
    wrap(socket, remote, accept);
  });
  server.once('error', (error: NodeJS.ErrnoException) => done(listenFailure(address, error)));
  server.listen({ host: address.host, port: address.port }, () => {
    server.removeAllListeners('error');
    // Accepting may fail later, for want of file descriptors; the port stays open and the next attempt may do.
    server.on('error', () => {});
    done({ address: { host: address.host, port: portOf(server) }, close: (closed) => void server.close(() => closed()) });
  });
}

function portOf(server: Server): number {
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}

function wrap(socket: NodeSocket, remote: string, handlersOf: (wrapped: Socket) => SocketHandlers): Socket {
  let failure = '';
  // Called once per write, at the end of the turn where the kernel took it at once.
  const written = (): void => {
    if (socket.writableLength === 0) handlers.written();
  };
  const wrapped: Socket = {
    remote,
    get pendingBytes() {
      return socket.writableLength;
    },
    write(chunks) {
      const last = chunks.length - 1;
      if (last > 0) socket.cork();
      for (let i = 0; i < last; i++) socket.write(chunks[i] as Uint8Array);
      socket.write(chunks[last] as Uint8Array, written);
      if (last > 0) socket.uncork();
    },
    end() {
      socket.end();
      setTimeout(() => socket.destroy(), lingerMs).unref();
    },
    destroy: () => void socket.destroy(),
  };
  const handlers = handlersOf(wrapped);
  // Plain bytes from here on: `slice` of a Buffer would not copy.
  socket.on('data', (chunk: Buffer) => handlers.data(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure = error.code ?? error.message;
  });
  socket.once('close', () => handlers.closed(failure));
  return wrapped;
}
