import type { Crc32, TransportFailure } from '@quorate/interface';
import type { TcpAddress } from './tcp-address.ts';

/**
 * Sockets, time and chance, as the links need them: Node's are in node-network.ts, the tests' are fakes. Nothing here is called
 * back within a call.
 */
export interface Network {
  dial(address: TcpAddress, handlers: SocketHandlers): Socket;
  /** `accept` is given every connection until the listener is closed. */
  listen(
    address: TcpAddress,
    accept: (socket: Socket) => SocketHandlers,
    done: (result: Listener | TransportFailure) => void,
  ): void;
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

/** One open port. */
export interface Listener {
  /** The real address, with the port that the system chose for port 0. */
  readonly address: TcpAddress;
  close(done: () => void): void;
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
