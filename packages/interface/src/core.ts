import type { Config } from './config.ts';
import type { Effects, RoleChange } from './effects.ts';
import type { EntryBatch, Payloads } from './entries.ts';
import type { Recovered } from './journal.ts';
import type { SnapshotMeta } from './snapshot.ts';
import type { Index, LinkId, MemberId, WriteNumber } from './vocabulary.ts';

/**
 * A consensus protocol as a value: what it is called, what it needs of a transport, what it can do, and how to start it.
 * A factory such as `raft(options)` returns one; swapping it for another is one line.
 */
export interface CoreKind<M> {
  /** The name in flags, hellos and data directories: `raft`, `multi-paxos`, `zab`. */
  readonly protocol: string;
  /** The version of hard state and messages; a data directory of a newer one is refused. */
  readonly formatVersion: number;
  readonly needs: {
    /** True where a lost or reordered message must end the link (ZAB). */
    readonly fifoLinks: boolean;
  };
  readonly abilities: CoreAbilities;
  create(setup: CoreSetup): Core<M>;
  /** A message in the words of the protocol, for golden traces. Never called on the hot path. */
  describe(message: M): string;
}

/** What a protocol can do, so that a suite asks each core only for its own promises. */
export interface CoreAbilities {
  readonly outOfOrderChoice: boolean;
  readonly quorumReads: boolean;
  readonly reconfigure: boolean;
  /** False where electing needs a connected clique (ZAB): protocol facts O27. */
  readonly electsThroughPartialLinks: boolean;
}

/** What a core starts from. */
export interface CoreSetup {
  readonly self: MemberId;
  /** Rises with every start of this data directory, so that nothing of an earlier life is taken for this one's. */
  readonly incarnation: number;
  /** The configuration that the cluster was started with; in force until the log or a snapshot holds another. */
  readonly genesis: Config;
  readonly recovered: Recovered;
  /** Uniform in [0, 1): the only source of chance. */
  readonly random: () => number;
  readonly limits: CoreLimits;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** True where somebody reads `Effects.trace`. */
  readonly tracing: boolean;
}

/** Bounds on what a core keeps and leaves unacknowledged; all but `windowMessages` in bytes of payload. */
export interface CoreLimits {
  /** Above this many uncommitted bytes proposals are rejected as `overloaded`. */
  readonly uncommittedBytes: number;
  /** Unacknowledged bytes and log messages per peer. The transport's cap per link is larger. */
  readonly windowBytes: number;
  readonly windowMessages: number;
  /** Committed payloads kept in memory for peers and apply; uncommitted ones are never evicted. */
  readonly memoryBytes: number;
  /** The most payload in one message; a single larger entry still travels alone. */
  readonly messageBytes: number;
  /** Bytes of log kept below a new snapshot for followers that lag a little. */
  readonly tailBytes: number;
}

/**
 * One member's share of a protocol: synchronous, without promise, timer, clock or I/O. It never throws on remote input;
 * what a correct peer cannot have sent is dropped, counted in `status().detail`, and ends the link.
 */
export interface Core<M> {
  /** Takes one input. May be called any number of times in a turn; `now` is monotonic milliseconds and never falls. */
  step(input: CoreInput<M>, now: number): void;
  /** Called once, at the end of the turn. Messages are built here, from cursors. The result is the core's and valid until the next `step`. */
  drain(now: number): Effects<M>;
  /** The run of entries at `from`, at most `maxBytes` of payload but at least one entry; undefined: evicted, ask the journal. */
  cached(from: Index, maxBytes: number): EntryBatch | undefined;
  /** What a snapshot at an applied index must name. */
  metaAt(index: Index): Omit<SnapshotMeta, 'id' | 'ordinal' | 'bytes' | 'stateMachine' | 'version'>;
  status(): CoreStatus;
}

/** A run of commands to append. Their ids are `firstId`, `firstId + 1`, …; ids rise within one incarnation. */
export interface ProposalRun extends Payloads {
  readonly firstId: number;
}

/** Everything that can happen to a core. */
export type CoreInput<M> =
  | {
      readonly type: 'message';
      readonly from: MemberId;
      readonly link: LinkId;
      readonly message: M;
      readonly entries: readonly EntryBatch[];
    }
  | { readonly type: 'linkUp' | 'linkDown'; readonly peer: MemberId; readonly link: LinkId }
  /** Accepted by a ready leader only, as a whole or not at all; the order is kept. */
  | { readonly type: 'propose'; readonly run: ProposalRun }
  | { readonly type: 'persisted'; readonly write: WriteNumber }
  | {
      readonly type: 'fetched';
      readonly fetch: number;
      readonly entries: readonly EntryBatch[];
      readonly lost?: 'compacted' | 'damaged';
    }
  | { readonly type: 'applied'; readonly index: Index }
  /** `context` is unique per incarnation. On a follower, `leader` reads are forwarded by the core. */
  | { readonly type: 'read'; readonly context: number; readonly from: 'leader' | 'quorum' }
  | { readonly type: 'reconfigure'; readonly change: Config; readonly expectedId: number }
  | { readonly type: 'transfer'; readonly to: MemberId }
  | { readonly type: 'campaign' }
  /** The first two: durable in the SnapshotStore. `snapshotFailed`: the pull was given up. */
  | { readonly type: 'snapshotTaken' | 'snapshotReceived' | 'snapshotFailed'; readonly meta: SnapshotMeta }
  /** A hint of a failure detector. Safety never depends on it. */
  | { readonly type: 'suspect'; readonly peer: MemberId }
  /** A deadline passed. */
  | { readonly type: 'wake' };

/** A reading of a core for operators and tests. */
export interface CoreStatus {
  readonly role: RoleChange;
  readonly commit: Index;
  readonly applied: Index;
  /** The first index that is still in the log, and the last one. */
  readonly first: Index;
  readonly last: Index;
  readonly config: Config;
  /** What is the protocol's own; plain data. */
  readonly detail: object;
}
