import type { TransportFailure } from '@quorate/interface';
import type { Connection } from './connection.ts';
import type { FrameKind } from './frame-kinds.ts';
import type { QueuedFrame } from './lane-queues.ts';
import type { LinkHost } from './link-host.ts';
import type { TcpAddress } from './tcp-address.ts';

/** What carries links over one kind of network. Nothing here calls back within a call. */
export interface Binding {
  readonly host: LinkHost;
  /** Begins a connection. What happens on it is told to `connection`. */
  dial(address: TcpAddress, connection: Connection): Wire;
  /** Opens a port; who comes in there goes through the door. */
  listen(address: TcpAddress, door: Door, done: (result: Listener | TransportFailure) => void): void;
  /** Asked once every link has ended: calls back when the other ends have heard of it, as far as that takes a wait. */
  whenHeard(done: () => void): void;
}

/** One open port. */
export interface Listener {
  /** The real address, with the port that the system chose for port 0. */
  readonly address: TcpAddress;
  /** `done` once the port is free. */
  close(done: () => void): void;
}

/** Where connections come in. */
export interface Door {
  /** Nobody is let in any more. */
  readonly isClosing: boolean;
  /** Takes in a connection, on the wire that `wrap` makes for it. Where there are too many, the oldest stranger gives way. */
  accept<W extends Wire>(wrap: (connection: Connection) => W): W;
  /** For the log: something that no connection was made of, as `E_NAME: text`. */
  trouble(text: string, where: string): void;
}

/** The frames of one connection, both ways, in the binding's own format. It tells its {@link Connection} what happens. */
export interface Wire {
  /** For the log: the other end, or where it came in. */
  readonly remote: string;
  /** Bytes that the network has not taken. */
  readonly queuedBytes: number;
  /** When something was sent last. */
  readonly sentMs: number;
  /** Queues a frame. `lane`: 0 control, 1 log, 2 bulk. */
  push(lane: number, frame: QueuedFrame): void;
  /** Sends what is queued, as far as the network takes it. */
  flush(): void;
  /** Sends a frame of the handshake, while nothing is queued. */
  say(kind: FrameKind, payload: Uint8Array): void;
  /** Sends a ping, unless something is on its way already. */
  ping(): void;
  /** The link is up: the other end is no stranger any more. */
  linked(): void;
  /**
   * The link or attempt is over, the connection hears no more of it. `say`: the other end is told the reason in a last frame of this kind.
   * What is queued is dropped, unless `flush` sends it first.
   */
  end(reason: string, say: FrameKind | undefined, flush: boolean): void;
}
