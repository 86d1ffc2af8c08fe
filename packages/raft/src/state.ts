import { invariant } from '@quorate/interface';
import type {
  Config,
  CoreLimits,
  EntryBatch,
  Index,
  JournalBatch,
  Lane,
  LinkId,
  MemberId,
  ReadResult,
  RejectReason,
  RoleChange,
  SnapshotMeta,
  WriteNumber,
} from '@quorate/interface';
import type { QuorumSystem, Tally } from '@quorate/quorum';
import type { RaftLog } from './log.ts';
import type { RaftMessage } from './messages.ts';
import type { RaftOptions } from './options.ts';
import type { Peer } from './progress.ts';
import type { ReadState } from './reads.ts';

/** Raft's own roles. A learner is a follower that the configuration in force does not let vote. */
export type RaftRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** The whole state of one member, as Raft's Figure 2: what it means, whether it survives a restart, whether it may fall. */
export interface RaftState {
  readonly self: MemberId;
  readonly incarnation: number;
  readonly options: RaftOptions;
  readonly limits: CoreLimits;
  readonly random: () => number;
  readonly tracing: boolean;

  // ── Persistent: in the journal before anything is said that rests on it ──
  /** The latest term seen. Never falls. */
  currentTerm: number;
  /** Who got the vote of `currentTerm`; 0: nobody. Set once per term. */
  votedFor: MemberId;
  /** Terms of all entries, payloads of recent ones. Only conflicts with a leader cut it, and never below the commit index. */
  readonly log: RaftLog;
  /** The newest snapshot that the journal marks. Its index never falls. */
  snapshot: SnapshotMeta | undefined;

  // ── What of it is durable, and what is still to be written ──
  /** Number of the newest batch handed out, and the newest that is durable. Never fall. */
  writeNumber: WriteNumber;
  persisted: WriteNumber;
  /** Entries up to here are on this member's disk. Falls only by truncation. */
  durableIndex: Index;
  /** For each batch under way, the last index it makes durable; lowered by truncation, so that an old completion never vouches for new entries. */
  readonly writesUnderWay: { readonly write: WriteNumber; last: Index; readonly since: number }[];
  /** The batch that carries, or carried, the hard state in force. `hardStateChanged`: the next one will. */
  hardStateWrite: WriteNumber;
  hardStateChanged: boolean;
  readonly unwritten: Unwritten;

  // ── Volatile, on all members ──
  role: RaftRole;
  /** Who leads `currentTerm`, as far as known; 0: unknown. */
  leader: MemberId;
  /** Known committed. Never falls; recovery starts it where the journal remembers. */
  commitIndex: Index;
  /** Payload bytes up to the commit index, on the log's scale. */
  commitOffset: number;
  /** Applied by the replica, as it reports. Never falls. */
  appliedIndex: Index;
  /** Configurations in the log above the base, and before them the one in force at the base; rising. The last governs (thesis §4.1), committed or not. */
  readonly configs: { readonly index: Index; readonly config: Config }[];
  /** Commitment of configurations up to here was told. */
  configsTold: Index;
  /** Majorities of the governing configuration, and whether this member counts in them. */
  quorum: QuorumSystem;
  isVoter: boolean;
  /** Links that are up, by member. */
  readonly links: Map<MemberId, LinkId>;
  /** The other members of the governing configuration, in rising order, and the same by id. */
  peers: Peer[];
  readonly peerById: Map<MemberId, Peer>;
  /** Monotonic milliseconds of the input at hand. Never falls. */
  now: number;
  /** When this member campaigns if it hears nobody; Infinity on leaders and learners. */
  electionDeadline: number;
  /** When the leader of `currentTerm` was last heard. */
  leaderContactAt: number;
  /** The deadline that the last drain announced: being called long after it means that this process stood still. */
  announcedDeadline: number;
  /** Standing still was forgiven, and nobody was heard since. */
  lateForgiven: boolean;
  /** The snapshot that the replica is pulling for us. */
  receiving: { readonly peer: MemberId; readonly meta: SnapshotMeta } | undefined;
  /** What received snapshots replaced, oldest first, for as long as this member has applied less than the newest of them holds. */
  readonly replaced: { readonly log: RaftLog; readonly configs: RaftState['configs'] }[];
  /** An answer to the leader's appends is owed: everything up to `ackIndex` matches. */
  ackOwed: boolean;
  ackIndex: Index;

  // ── Volatile, on candidates ──
  tally: Tally | undefined;
  /** This candidacy was ordered by the leader (thesis §3.10). */
  transferCampaign: boolean;

  // ── Volatile, on leaders ──
  /** Index of the no-op that began this term; `settled` once it is applied. */
  termStart: Index;
  heartbeatDeadline: number;
  checkQuorumDeadline: number;
  /** Matching or durable indexes moved since commitment was last computed. */
  commitChecked: boolean;
  /** To whom leadership is being handed; 0: nobody. Given up at the deadline. */
  transferTarget: MemberId;
  transferDeadline: number;
  timeoutNowSent: boolean;
  /** Numbers the fetches of this process life. */
  lastFetch: number;
  readonly reads: ReadState;

  // ── Milestones, for `RoleChange` ──
  suspectedAt: number;
  electedAt: number;
  lastRole: RoleChange;
  /** The commit cursor as last handed out. */
  lastCommit: { readonly index: Index; readonly gate: WriteNumber };

  // ── What leaves with the next drain ──
  readonly out: Outbox;
  readonly counters: RaftCounters;
  /** Not undefined: this member takes no further part, and every drain says why. */
  halted: string | undefined;
}

/** What the next journal batch will hold. */
export interface Unwritten {
  entries: EntryBatch[];
  truncateFrom: Index | undefined;
  snapshotMark: SnapshotMeta | undefined;
  compactBelow: Index | undefined;
}

/** A send whose gate is known only when the turn's batch is numbered. */
export interface PendingSend {
  readonly links: LinkId[];
  readonly lane: Lane;
  gate: WriteNumber;
  readonly message: RaftMessage;
  readonly entries: readonly EntryBatch[];
}

/** Effects that gather during a turn. */
export interface Outbox {
  sends: PendingSend[];
  closes: { readonly link: LinkId; readonly reason: string }[];
  fetches: { readonly fetch: number; readonly range: { readonly from: Index; readonly to: Index }; readonly maxBytes: number }[];
  appended: {
    readonly first: number;
    readonly count: number;
    readonly index: Index;
    readonly epoch: { readonly round: number; readonly owner: number };
  }[];
  rejected: { readonly first: number; readonly count: number; readonly reason: RejectReason }[];
  reads: ReadResult[];
  snapshots: { readonly do: 'receive' | 'cancel'; readonly peer: MemberId; readonly meta: SnapshotMeta }[];
  /** Told one per drain. */
  configs: { readonly stage: 'proposed' | 'committed' | 'active'; readonly config: Config; readonly index: Index }[];
  trace: object[];
  /** A peer has more to be sent than one message: another turn is wanted at once. */
  moreToSend: boolean;
}

/** Counted for operators; nothing rests on them. */
export interface RaftCounters {
  elections: number;
  malformed: number;
  damagedReads: number;
  refusedReconfigurations: number;
  lateWakes: number;
}

/** The gate of a send that waits for everything written up to the end of this turn. */
export const gateOfThisTurn = -1;

/** The configuration in force: the newest in the log, committed or not. */
export function governing(state: RaftState): Config {
  const newest = state.configs.at(-1);
  invariant(newest !== undefined, 'a configuration is always in force');
  return newest.config;
}

/** Queues a message to one member, if its link is up. `gated`: it rests on state that is being written. */
export function send(state: RaftState, to: MemberId, lane: Lane, message: RaftMessage, gated: boolean): void {
  const link = state.links.get(to);
  if (link === undefined) return;
  queueSend(state.out, { links: [link], lane, gate: gated ? gateOfThisTurn : 0, message, entries: noEntries });
}

/** Most turns send one message: an array literal of one element is a tenth of the memory of a push onto an empty array. */
export function queueSend(out: Outbox, pending: PendingSend): void {
  if (out.sends.length === 0) out.sends = [pending];
  else out.sends.push(pending);
}

/** A message without entries shares this. */
export const noEntries: readonly EntryBatch[] = [];

/** Moves the commit index up; it never falls. */
export function advanceCommit(state: RaftState, index: Index, offset: number): void {
  invariant(index > state.commitIndex, 'the commit index rises');
  invariant(index <= state.log.lastIndex, 'only entries that are present are committed');
  state.commitIndex = index;
  state.commitOffset = offset;
}

/** Raises the term, which takes the vote back; never lowers it. */
export function raiseTerm(state: RaftState, term: number, votedFor: MemberId): void {
  invariant(term > state.currentTerm, 'terms rise');
  state.currentTerm = term;
  state.votedFor = votedFor;
  state.hardStateChanged = true;
  // What was owed to the leader of the old term is of no use to anyone.
  state.ackOwed = false;
}

/** Stops this member for good: proof of broken safety, or a disk that cannot be believed. */
export function halt(state: RaftState, text: string): void {
  state.halted ??= text;
}

/** Takes the turn's batch, numbers it, and notes what it will make durable; undefined where nothing changed. */
export function takeWrite(state: RaftState, hardState: Uint8Array | undefined): JournalBatch | undefined {
  const { unwritten } = state;
  const { truncateFrom, snapshotMark, compactBelow } = unwritten;
  // The batch is the journal's from now on: it never shares an array that later entries are pushed to.
  const entries = unwritten.entries.length === 0 ? noEntries : unwritten.entries;
  const plain = truncateFrom === undefined && snapshotMark === undefined && compactBelow === undefined;
  if (plain && entries.length === 0 && hardState === undefined) return undefined;
  const write = ++state.writeNumber;
  state.writesUnderWay.push({ write, last: state.log.lastIndex, since: state.now });
  if (hardState !== undefined) {
    state.hardStateWrite = write;
    state.hardStateChanged = false;
  }
  if (entries.length > 0) unwritten.entries = [];
  const commit = state.commitIndex;
  if (plain) return hardState === undefined ? { entries, commit } : { entries, hardState, commit };
  unwritten.truncateFrom = undefined;
  unwritten.snapshotMark = undefined;
  unwritten.compactBelow = undefined;
  return {
    entries,
    commit,
    ...(snapshotMark === undefined ? {} : { snapshotMark }),
    ...(truncateFrom === undefined ? {} : { truncateFrom }),
    ...(hardState === undefined ? {} : { hardState }),
    ...(compactBelow === undefined ? {} : { compactBelow }),
  };
}
