import type { Config } from './config.ts';
import type { EntryBatch } from './entries.ts';
import type { JournalBatch } from './journal.ts';
import type { SnapshotMeta } from './snapshot.ts';
import type { Epoch, Index, IndexRange, LinkId, MemberId, WriteNumber } from './vocabulary.ts';

/**
 * What a core wants done after a turn. THE rule of order: within a link and lane sends leave in the order they were emitted,
 * and each names the durable write it waits for (`gate`, 0 = none); the commit cursor too.
 *
 * The arrays of `Effects` itself are the core's and are used again. What they hold is given away: a core never changes or reuses a
 * `JournalBatch`, its `entries`, a range, a message or a configuration after it handed them out.
 */
export interface Effects<M> {
  /** At most one batch per drain; its number is the previous batch's plus 1, the first of a process life is 1. */
  readonly write: JournalBatch | undefined;
  readonly sends: readonly Send<M>[];
  /** Links to end; what was queued on them is dropped. */
  readonly closes: readonly { readonly link: LinkId; readonly reason: string }[];
  /** Contiguous, present here, and applied only once `gate` is durable: never beyond what this member's own disk holds. */
  readonly commit: { readonly index: Index; readonly gate: WriteNumber };
  /** Multi-Paxos only, in any order; informative. */
  readonly chosen: readonly IndexRange[];
  /** Payloads wanted from the journal; answered by one `fetched` each. */
  readonly fetches: readonly { readonly fetch: number; readonly range: IndexRange; readonly maxBytes: number }[];
  /** Proposals `first` … `first + count − 1` were appended from `index` on. Progress, not success. */
  readonly appended: readonly { readonly first: number; readonly count: number; readonly index: Index; readonly epoch: Epoch }[];
  /** Proposals that were never appended and never will be. */
  readonly rejected: readonly { readonly first: number; readonly count: number; readonly reason: RejectReason }[];
  /** `index` undefined: the read failed and must be asked again under a new context. */
  readonly reads: readonly ReadResult[];
  /** `receive`: the replica pulls the snapshot from that peer. */
  readonly snapshots: readonly { readonly do: 'receive' | 'cancel'; readonly peer: MemberId; readonly meta: SnapshotMeta }[];
  readonly config:
    | { readonly stage: 'proposed' | 'committed' | 'active'; readonly config: Config; readonly index: Index }
    | undefined;
  readonly role: RoleChange | undefined;
  /** Proof of broken safety, with the evidence: the member stops with exit 70. Nothing else is a reason to. */
  readonly diverged: string | undefined;
  /** Monotonic milliseconds of the next `wake`; Infinity: none. */
  readonly nextDeadline: number;
  /** Empty unless `CoreSetup.tracing`. */
  readonly trace: readonly object[];
}

/** Why a proposal was refused before it entered the log. */
export type RejectReason = 'not-leader' | 'not-ready' | 'overloaded' | 'transferring';

/** How a linearizable read point was found. */
export type ReadMethod = 'log' | 'read-index' | 'quorum' | 'lease' | 'sync';

/** The state at `index`, once applied here, may answer the read; with a lease only until `validUntil` (monotonic ms, else Infinity). */
export interface ReadResult {
  readonly context: number;
  readonly index: Index | undefined;
  readonly method: ReadMethod;
  readonly validUntil: number;
}

/** `control`: elections and heartbeats. `log`: whatever must stay in order with entries. `bulk`: snapshot bytes. Between lanes no order is promised. */
export type Lane = 'control' | 'log' | 'bulk';

/** One message to one or several links. A link that ended drops it. */
export interface Send<M> {
  /** Several links: the head is encoded once. */
  readonly links: readonly LinkId[];
  readonly lane: Lane;
  /** Leaves once this write is durable; 0: now. A closed gate holds back everything behind it in its link and lane. */
  readonly gate: WriteNumber;
  readonly message: M;
  readonly entries: readonly EntryBatch[];
}

/** A change of role, leader, readiness or epoch. Times are monotonic milliseconds, 0 where they do not apply. */
export interface RoleChange {
  readonly role: 'leader' | 'follower' | 'candidate' | 'learner';
  readonly epoch: Epoch;
  readonly leader: MemberId | undefined;
  /** May propose. Raft: elected. Multi-Paxos: phase 1 done. ZAB: quorum of ACK-LD. */
  readonly ready: boolean;
  /** Everything an earlier leader may have committed is applied here: reads and duties begin. */
  readonly settled: boolean;
  readonly suspectedAt: number;
  readonly electedAt: number;
  readonly readyAt: number;
}
