import type { TransportFailure } from '@quorate/interface';
import type { LinkHost, Listener, TcpAddress } from '@quorate/links';

/** Sockets, as the links need them: Node's are in node-network.ts, the tests' are fakes. Nothing here is called back within a call. */
export interface Network {
  readonly host: LinkHost;
  dial(address: TcpAddress, handlers: SocketHandlers): Socket;
  /** `accept` is given every connection until the listener is closed. */
  listen(
    address: TcpAddress,
    accept: (socket: Socket) => SocketHandlers,
    done: (result: Listener | TransportFailure) => void,
  ): void;
}

/** One TCP connection. */
export interface Socket {
  /** For the log: the other end. */
  readonly remote: string;
  /** Bytes written and not yet taken by the kernel. */
  readonly pendingBytes: number;
  /** One system call where the kernel takes it all. Owns the chunks. `written` follows each call. */
  write(chunks: readonly Uint8Array[]): void;
  /** Sends what was written, then closes; gives up after a second. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** What happens on a connection. */
export interface SocketHandlers {
  opened(): void;
  data(chunk: Uint8Array): void;
  /** Everything written was taken by the kernel. */
  written(): void;
  /** The last call. `error` is empty where the other end closed it in order. */
  closed(error: string): void;
}
