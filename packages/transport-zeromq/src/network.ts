import type { TransportFailure } from '@quorate/interface';
import type { LinkHost, Listener, TcpAddress } from '@quorate/links';

/**
 * ZeroMQ sockets, as the links need them: the real ones are in zmq-sockets.ts, the tests' are fakes. Nothing here is called back within
 * a call.
 */
export interface Network {
  readonly host: LinkHost;
  /** One connection of one DEALER, which never connects a second time by itself. */
  dial(address: TcpAddress, handlers: SocketHandlers): Socket;
  /** Binds a ROUTER. Closing it cuts all its connections. */
  listen(address: TcpAddress, port: PortHandlers, done: (result: Listener | TransportFailure) => void): void;
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
