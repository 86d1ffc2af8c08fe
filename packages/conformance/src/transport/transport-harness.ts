import type { MemberId, Transport } from '@quorate/interface';

/**
 * `fifo`: in order and complete until `linkDown` (a `datagram` transport gives its reason here). `clients`: native clients may
 * link. `privateFrames`: a receiver may write into a frame without anybody else noticing. `exclusivePlaces`: a second listener at
 * one place is refused. `sever`: the harness can break a connection without a word of either end.
 */
export type TransportCapability = 'fifo' | 'clients' | 'privateFrames' | 'exclusivePlaces' | 'sever';

/** One transport under test. */
export interface TransportEnd {
  readonly transport: Transport;
  /** Where others can dial it, once it started. Empty: it only dials. */
  urls(): readonly string[];
}

/** What a transport is needed for. */
export interface TransportEndSetup {
  /** 0: a native client. */
  readonly self: MemberId;
  /** True: nobody needs to dial it. */
  readonly dialsOnly?: boolean;
  /** Listens where this end listens or did: after a close a new life, else a rival. */
  readonly place?: TransportEnd;
}

/**
 * A network for one case. Its ends can reach each other; nothing else is there. The cases wait by `until` alone: virtual time is as
 * good as real time, and a generous limit costs nothing while all is well.
 */
export interface TransportHarness {
  /** A transport that nobody has started. */
  open(setup: TransportEndSetup): TransportEnd;
  /** Resolves once the condition holds, which may be asked any number of times; rejects, naming `what`, where it never does. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Breaks the connections between two ends: what is under way is lost, and either end finds out by itself. They may dial again. */
  sever?(a: TransportEnd, b: TransportEnd): void;
  /** The cap of a link's queue, at least four times `maxFrameBytes`. Small is fast: 256 KiB. */
  readonly queueBytes: number;
  /** The largest frame, at least 1 KiB. */
  readonly maxFrameBytes: number;
  /** The end of each case. Closes whatever a case that failed left open. */
  close(): Promise<void>;
}
