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
import type { QuorumSystem } from '@quorate/quorum';
import type { ElectionState } from './election.ts';
import type { FollowerState } from './follower.ts';
import type { ZabLog } from './log.ts';
import type { ZabMessage } from './messages.ts';
import type { ZabOptions } from './options.ts';
import type { Peer } from './progress.ts';
import type { ReadState } from './reads.ts';

/** What a member is doing. A follower that does not vote is an observer. */
export type ServerRole = 'looking' | 'following' | 'leading';

/** How far it is (Zab §V): nobody goes back but through `election`. */
export type Phase = 'election' | 'discovery' | 'synchronization' | 'broadcast';

/** The whole state of one member, as in Zab's table of variables: what it means, whether it survives a restart, whether it may fall. */
export interface ZabState {
  readonly self: MemberId;
  readonly incarnation: number;
  readonly options: ZabOptions;
  readonly limits: CoreLimits;
  readonly random: () => number;
  readonly tracing: boolean;

  // ── Persistent: in the journal before anything is said that rests on it ──
  /** f.p: the last epoch whose NEWEPOCH was accepted. Never falls. */
  acceptedEpoch: number;
  /** f.a: the last epoch whose NEWLEADER was accepted. Never falls; may be below the epoch of the last txn while a history is brought up. */
  currentEpoch: number;
  /** f.h, the history: zxids of all txns, payloads of recent ones. Only TRUNC and SNAP cut it, and never below the commit index. */
  readonly log: ZabLog;
  /** The newest snapshot that the journal marks. Its index never falls. */
  snapshot: SnapshotMeta | undefined;

  // ── What of it is durable, and what is still to be written ──
  /** Number of the newest batch handed out, and the newest that is durable. Never fall. */
  writeNumber: WriteNumber;
  persisted: WriteNumber;
  /** Txns up to here are on this member's disk. Falls only by truncation. */
  durableIndex: Index;
  /** For each batch under way, the last index it makes durable; lowered by truncation, so that an old completion never vouches for new txns. */
  readonly writesUnderWay: { readonly write: WriteNumber; last: Index; readonly since: number }[];
  /** The batch that carries, or carried, the hard state in force. `hardStateChanged`: the next one will. */
  hardStateWrite: WriteNumber;
  hardStateChanged: boolean;
  readonly unwritten: Unwritten;

  // ── Volatile, on all members ──
  role: ServerRole;
  phase: Phase;
  /** Known committed, and present. Never falls; recovery starts it where the journal remembers. */
  commitIndex: Index;
  /** Payload bytes up to the commit index, on the log's scale. */
  commitOffset: number;
  /** Applied by the replica, as it reports. Never falls. */
  appliedIndex: Index;
  /** Configurations in the history above the base, and before them the one in force at the base; rising. The newest committed one governs. */
  readonly configs: { readonly index: Index; readonly config: Config }[];
  /** Configurations up to here were told to be committed and active. */
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
  /** The deadline that the last drain announced: being called long after it means that this process stood still. */
  announcedDeadline: number;
  /** Standing still was forgiven, and nobody was heard since. */
  lateForgiven: boolean;
  /** What received snapshots replaced, oldest first, for as long as this member has applied less than the newest of them holds. */
  readonly replaced: { readonly log: ZabLog; readonly configs: ZabState['configs'] }[];

  // ── Volatile, by role ──
  readonly election: ElectionState;
  readonly follower: FollowerState;
  /** On a leader: e', from NEWEPOCH on; 0 before. */
  newEpoch: number;
  /** The highest epoch that a member told us of which accepted a later one than ours, and since when one waits for us; 0: nobody (Z-14). */
  strandedEpoch: number;
  strandedSince: number;
  /** When a leader without an epoch gives up. */
  discoveryDeadline: number;
  /** Where the history ended when this leader's epoch began: committed as a whole by the quorum of ACK-LD; `settled` once it is applied. */
  initialLast: Index;
  heartbeatDeadline: number;
  /** When a leader looks next whether it still hears a quorum (Z13). */
  quorumDeadline: number;
  /** Acknowledged or durable indexes moved since commitment was last computed. */
  commitChecked: boolean;
  /** The counter of the epoch is used up: this leader leaves with the next drain (Z15). */
  rollsOver: boolean;
  /** To whom leadership is being handed; 0: nobody. Given up at the deadline. */
  transferTarget: MemberId;
  transferDeadline: number;
  /** The successor was named to the followers. */
  designated: boolean;
  /** The newest txn that the journal failed to read for a learner: a synchronisation from below it goes by a snapshot. 0: none. */
  damagedTo: Index;
  /** Numbers the fetches of this process life. */
  lastFetch: number;
  readonly reads: ReadState;

  // ── Milestones, for `RoleChange` ──
  suspectedAt: number;
  electedAt: number;
  readyAt: number;
  lastRole: RoleChange;
  /** The commit cursor as last handed out. */
  lastCommit: { readonly index: Index; readonly gate: WriteNumber };

  // ── What leaves with the next drain ──
  readonly out: Outbox;
  readonly counters: ZabCounters;
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
  readonly message: ZabMessage;
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
export interface ZabCounters {
  elections: number;
  malformed: number;
  /** Messages that are illegal in the state that this member was in when they came (ShouldNotBeTriggered). */
  illegal: number;
  gaps: number;
  damagedReads: number;
  refusedReconfigurations: number;
  lateWakes: number;
}

/** The gate of a send that waits for everything written up to the end of this turn. */
export const gateOfThisTurn = -1;

/** The configuration in force: the newest that is committed. */
export function governing(state: ZabState): Config {
  const newest = state.configs.findLast(({ index }) => index <= state.commitIndex) ?? state.configs[0];
  invariant(newest !== undefined, 'a configuration is always in force');
  return newest.config;
}

/** True once the hard state as it is now is on this member's disk: only then does the member count itself. */
export function isHardStateDurable(state: ZabState): boolean {
  return !state.hardStateChanged && state.persisted >= state.hardStateWrite;
}

/** Queues a message to one member, if its link is up. `gated`: it rests on state that is being written. */
export function send(state: ZabState, to: MemberId, lane: Lane, message: ZabMessage, gated: boolean): void {
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
export function advanceCommit(state: ZabState, index: Index, offset: number): void {
  invariant(index > state.commitIndex, 'the commit index rises');
  invariant(index <= state.log.lastIndex, 'only entries that are present are committed');
  state.commitIndex = index;
  state.commitOffset = offset;
}

/** f.p rises: whoever proposed a lower epoch has lost this member. */
export function acceptEpoch(state: ZabState, epoch: number): void {
  invariant(epoch > state.acceptedEpoch, 'an epoch is accepted once');
  state.acceptedEpoch = epoch;
  state.hardStateChanged = true;
  if (state.tracing) state.out.trace.push({ event: 'epochAccepted', epoch });
}

/** f.a rises to f.p: the leader's history is ours. */
export function enterEpoch(state: ZabState, epoch: number): void {
  invariant(epoch >= state.currentEpoch, 'the current epoch never falls');
  invariant(epoch === state.acceptedEpoch, 'only the epoch that was accepted is entered');
  if (epoch === state.currentEpoch) return;
  state.currentEpoch = epoch;
  state.hardStateChanged = true;
}

/** Stops this member for good: proof of broken safety, or a disk that cannot be believed. */
export function halt(state: ZabState, text: string): void {
  state.halted ??= text;
}

/** Takes the turn's batch, numbers it, and notes what it will make durable; undefined where nothing changed. */
export function takeWrite(state: ZabState, hardState: Uint8Array | undefined): JournalBatch | undefined {
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
