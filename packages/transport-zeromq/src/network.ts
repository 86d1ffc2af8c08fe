import type { Crc32, TransportFailure } from '@quorate/interface';
import type { TcpAddress } from './tcp-address.ts';

/**
 * ZeroMQ sockets, time and chance, as the links need them: the real ones are in zmq-sockets.ts, the tests' are fakes. Nothing here is
 * called back within a call.
 */
export interface Network {
  /** One connection of one DEALER, which never connects a second time by itself. */
  dial(address: TcpAddress, handlers: SocketHandlers): Socket;
  /** Binds a ROUTER. */
  listen(address: TcpAddress, port: PortHandlers, done: (result: Listener | TransportFailure) => void): void;
  /** Runs soon, after what is running now. */
  soon(run: () => void): void;
  after(delayMs: number, run: () => void): { cancel(): void };
  monotonicMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  readonly crc32: Crc32;
  /** A buffer that the caller fills completely. */
  allocate(bytes: number): Uint8Array;
}

/** One bound ROUTER. */
export interface Listener {
  /** The real address, with the port that the system chose for port 0. */
  readonly address: TcpAddress;
  /** Cuts all connections; `done` once the port is free. */
  close(done: () => void): void;
}

/** What happens at a bound ROUTER. */
export interface PortHandlers {
  /** A message over a connection that has no handlers. Whoever is returned gets it and all that follow; undefined forgets it. */
  accept(socket: Socket, message: Uint8Array): SocketHandlers | undefined;
  /** Some connection ended. ZeroMQ does not say which: a message to one that is gone comes back as `gone`. */
  disconnected(): void;
  /** For the log: `E_NAME: text`. */
  trouble(text: string): void;
}

/** One connection: that of a DEALER, or one of those of a ROUTER, told apart by a routing id that is never used again. */
export interface Socket {
  /** For the log: the other end, or where it came in. */
  readonly remote: string;
  /** Owns the message. The result comes by `sent`; until then nothing else may be sent. */
  send(message: Uint8Array): void;
  /** A DEALER closes at once; a ROUTER only forgets the connection, it cannot end it. */
  destroy(): void;
}

/** `full`: not taken, try again later. `gone`: not taken, and never will be. */
export type SendResult = 'taken' | 'full' | 'gone';

/** What happens on a connection. */
export interface SocketHandlers {
  /** The dialled end, once: ZeroMQ's own handshake is done. */
  opened(): void;
  message(message: Uint8Array): void;
  sent(result: SendResult): void;
  /** The connection of a DEALER is over. `error` may be empty. */
  closed(error: string): void;
}
