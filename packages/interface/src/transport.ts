import type { Lane } from './effects.ts';
import type { LinkId, MemberId } from './vocabulary.ts';

/**
 * Moves opaque frames between peers. Who a peer is, and whether it may speak, is its owner's business (`admit`).
 * It dials every peer of `setPeers`, backs off with jitter, and never gives up.
 */
export interface Transport {
  /** `fifo`: in order and complete until `linkDown`. `datagram`: loses, duplicates, reorders; simulator only. */
  readonly delivery: 'fifo' | 'datagram';
  start(handlers: TransportHandlers, done: (failure?: TransportFailure) => void): void;
  /** Replaces the set of peers to dial. Links to others end. */
  setPeers(peers: readonly TransportPeer[]): void;
  /** Queues one frame; owns `chunks` from now on, and nobody changes them. False: the link is over. */
  send(link: LinkId, lane: Lane, chunks: readonly Uint8Array[]): boolean;
  /** Hands everything queued to the network now: called once per turn, before a sync that may block it. */
  flush(): void;
  /** Bytes queued and not yet taken by the network. Above its cap the transport ends the link, with a reason that begins with `E_OVERFLOW: `. */
  queuedBytes(link: LinkId): number;
  closeLink(link: LinkId, reason: string): void;
  /** Ends all links and stops listening. */
  close(done: () => void): void;
}

/** A peer to dial. */
export interface TransportPeer {
  readonly id: MemberId;
  readonly urls: readonly string[];
}

/** Why a transport could not start. */
export interface TransportFailure {
  readonly code: string;
  readonly text: string;
}

/** What the other end may be: another member of the group, or a native client. */
export type LinkKind = 'member' | 'client';

/** The judgement on a hello. `refuse` has the form `E_NAME: text`; it is sent to the other end and logged there. */
export type Admission =
  | { readonly peer: MemberId; readonly kind: LinkKind; readonly incarnation: number }
  | { readonly refuse: string };

/** The owner's side of a transport. */
export interface TransportHandlers {
  /** The first frame of every link, opaque here. */
  readonly hello: Uint8Array;
  /** This member's id (0 for a client): decides between two connections that meet. */
  readonly self: MemberId;
  /** Judges the other end's hello. `credentials`: its TLS or CURVE identity, if there is one. */
  admit(hello: Uint8Array, credentials: object | undefined): Admission;
  /**
   * At most one link per member peer is up: when two connections meet, the higher incarnation wins, then the one dialled by the
   * member with the higher id; the loser's `linkDown` comes before the winner's `linkUp`. Client links have no such limit.
   */
  linkUp(peer: MemberId, link: LinkId, kind: LinkKind): void;
  linkDown(peer: MemberId, link: LinkId, reason: string): void;
  /** The receiver owns the frame. */
  frame(link: LinkId, frame: Uint8Array): void;
  /** The queue of a link that had grown above half its cap is below it again. */
  drained(link: LinkId): void;
  /** A refusal, a malformed frame, an unreachable peer: for the log, rate-limited by the transport. `text` has the form `E_NAME: text`. */
  trouble(peer: MemberId | undefined, text: string): void;
}

/** Encodes the head of a message; entries and commands travel raw behind it. */
export interface MessageCodec<M> {
  /** The name of the message set: a core's `protocol`, or `runtime`. */
  readonly protocol: string;
  readonly version: number;
  encode(message: M): Uint8Array;
  /** Undefined where the head is malformed or out of range; never throws on remote input. */
  decode(head: Uint8Array): M | undefined;
}
