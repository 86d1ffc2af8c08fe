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
import type { Ballot } from './ballot.ts';
import type { CatchUp } from './catch-up.ts';
import type { Phase1 } from './election.ts';
import type { SlotLog } from './log.ts';
import type { ChosenRun, MultiPaxosMessage } from './messages.ts';
import type { MultiPaxosOptions } from './options.ts';
import type { Peer } from './progress.ts';
import type { QuorumReads } from './quorum-reads.ts';
import type { ReadState } from './reads.ts';
import type { SlotRanges } from './slot-ranges.ts';

/** What a proposer is doing with its ballot: nothing, phase 1, or phase 2 for as long as nobody prepares a higher one. */
export type Phase = 'idle' | 'preparing' | 'steady';

/** The whole state of one member, who is proposer, acceptor and learner at once: what it means, whether it survives, whether it may fall. */
export interface MultiPaxosState {
  readonly self: MemberId;
  readonly incarnation: number;
  readonly options: MultiPaxosOptions;
  readonly limits: CoreLimits;
  readonly random: () => number;
  readonly tracing: boolean;

  // ── Acceptor, persistent: in the journal before anything is said that rests on it ──
  /** The promise: nothing below it is accepted any more, in any slot. Never falls. */
  promised: Ballot;
  /** Votes, each with the ballot it was cast in. A slot is voted on again only in a higher ballot; nothing is ever cut. */
  readonly log: SlotLog;
  /** The newest snapshot that the journal marks. Its index never falls. */
  snapshot: SnapshotMeta | undefined;

  // ── What of it is durable, and what is still to be written ──
  /** Number of the newest batch handed out, and the newest that is durable. Never fall. */
  writeNumber: WriteNumber;
  persisted: WriteNumber;
  readonly writesUnderWay: WriteUnderWay[];
  /** The batch that carries, or carried, the promise in force. `promiseChanged`: the next one will. */
  promiseWrite: WriteNumber;
  promiseChanged: boolean;
  readonly unwritten: Unwritten;
  /** Accepted in this turn, to be said once durable. */
  readonly owed: { to: MemberId; ballot: Ballot; readonly slots: SlotRanges };

  // ── Learner ──
  /** `chosenUpTo`: every slot up to it is known chosen, and held here by value or in the snapshot. Never falls. */
  commitIndex: Index;
  /** A learner got values in this turn. */
  learnedNow: boolean;
  /** Known chosen and held, above the first that is not. */
  readonly chosen: SlotRanges;
  /** Applied by the replica, as it reports. Never falls. */
  appliedIndex: Index;
  readonly catchUp: CatchUp;

  // ── Membership ──
  /** Chosen configurations above the base, and before them the one in force at the base; rising. The last governs. */
  readonly configs: { readonly index: Index; readonly config: Config }[];
  /** Slots above the commit index that may hold a configuration. */
  configSlots: Index[];
  /** The configuration in force is the one that the cluster was started with: no log holds it. */
  isGenesis: boolean;
  q1: QuorumSystem;
  q2: QuorumSystem;
  isVoter: boolean;
  /** Links that are up, by member. */
  readonly links: Map<MemberId, LinkId>;
  /** The other members of the governing configuration, in rising order, and the same by id. */
  peers: Peer[];
  readonly peerById: Map<MemberId, Peer>;

  // ── Proposer, volatile ──
  phase: Phase;
  /** The own ballot, while preparing or steady. */
  ballot: Ballot;
  /** The highest ballot seen anywhere. Never falls. */
  seen: Ballot;
  /** Who leads, as far as heartbeats and accepts tell; 0: unknown. A hint: nothing rests on it. */
  leader: MemberId;
  phase1: Phase1 | undefined;
  /** The first slot proposed under `ballot`; every slot from here to `nextSlot` carries it. */
  firstSlot: Index;
  nextSlot: Index;
  /** Every slot up to it may hold what an earlier leader chose: `settled` once it is applied. */
  settledSlot: Index;
  /** Slots that this member accepted under `ballot`, durably. */
  readonly ownAcked: SlotRanges;
  /** Payload bytes proposed and not chosen. */
  openBytes: number;
  /** Nobody accepted anything since choices were last looked at. */
  choiceChecked: boolean;
  /** The own vote in a configuration is under way: it is not proposed twice. */
  genesisSlot: Index;
  /** When the next regular heartbeat is due, and how many there were. */
  readonly heartbeat: { deadline: number; count: number };
  /** To whom leadership is being handed (0: nobody), until when, and whether it was asked since the last heartbeat. */
  readonly transfer: { target: MemberId; deadline: number; asked: boolean };
  /** Told to acceptors with the next accepts, or at the end of the turn. */
  notices: ChosenRun[];
  lastFetch: number;
  readonly reads: ReadState;
  readonly quorumReads: QuorumReads;

  // ── Time ──
  /** Monotonic milliseconds of the input at hand. Never falls. */
  now: number;
  /** When this member prepares if it hears no leader; Infinity on learners, and on leaders that lack nothing. */
  electionDeadline: number;
  /** When some acceptor is to be asked again for its promise. */
  prepareDeadline: number;
  /** The highest slot from which the owner of `promised` asked for votes: it rises while the promise gets through. */
  promiseAskedFrom: Index;
  /** Since when a leader has been followed without a break; 0: none is. */
  followedSince: number;
  /** Attempts that failed or were pre-empted: how far the next one backs off (M-7). */
  attempts: number;
  /** The deadline that the last drain announced: being called long after it means that this process stood still. */
  announcedDeadline: number;
  lateForgiven: boolean;

  // ── Snapshots ──
  /** The snapshot that the replica is pulling for us. */
  receiving: { readonly peer: MemberId; readonly meta: SnapshotMeta } | undefined;
  /** What received snapshots replaced, oldest first, for as long as this member has applied less than the newest of them holds. */
  readonly replaced: {
    readonly log: Pick<SlotLog, 'base' | 'baseBallot' | 'runs'>;
    readonly configs: MultiPaxosState['configs'];
  }[];

  // ── Milestones, for `RoleChange` ──
  suspectedAt: number;
  electedAt: number;
  lastRole: RoleChange;
  /** The commit cursor as last handed out. */
  lastCommit: { readonly index: Index; readonly gate: WriteNumber };

  // ── What leaves with the next drain ──
  readonly out: Outbox;
  readonly counters: MultiPaxosCounters;
  /** Not undefined: this member takes no further part, and every drain says why. */
  halted: string | undefined;
}

/** One batch on its way to the disk. */
export interface WriteUnderWay {
  readonly write: WriteNumber;
  readonly entries: readonly EntryBatch[];
  /** The lowest slot that it writes; 0 with a snapshot mark, Infinity where it writes none. */
  readonly lowest: Index;
  readonly since: number;
}

/** What the next journal batch will hold. */
export interface Unwritten {
  entries: EntryBatch[];
  snapshotMark: SnapshotMeta | undefined;
  compactBelow: Index | undefined;
}

/** A send whose gate is known only when the turn's batch is numbered. */
export interface PendingSend {
  readonly links: LinkId[];
  readonly lane: Lane;
  gate: WriteNumber;
  readonly message: MultiPaxosMessage;
  readonly entries: readonly EntryBatch[];
}

/** Effects that gather during a turn. */
export interface Outbox {
  sends: PendingSend[];
  closes: { readonly link: LinkId; readonly reason: string }[];
  chosen: ChosenRun[];
  fetches: { readonly fetch: number; readonly range: { readonly from: Index; readonly to: Index }; readonly maxBytes: number }[];
  appended: { readonly first: number; readonly count: number; readonly index: Index; readonly epoch: Ballot }[];
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
export interface MultiPaxosCounters {
  elections: number;
  preemptions: number;
  reproposed: number;
  holesFilled: number;
  learned: number;
  malformed: number;
  damagedReads: number;
  refusedReconfigurations: number;
  lateWakes: number;
  untaught: number;
}

/** The gate of a send that waits for everything written up to the end of this turn. */
export const gateOfThisTurn = -1;

/** The configuration in force: the newest that was chosen. */
export function governing(state: MultiPaxosState): Config {
  const newest = state.configs.at(-1);
  invariant(newest !== undefined, 'a configuration is always in force');
  return newest.config;
}

/** Queues a message to one member, if its link is up. `gated`: it rests on state that is being written. */
export function send(state: MultiPaxosState, to: MemberId, lane: Lane, message: MultiPaxosMessage, gated: boolean): void {
  const link = state.links.get(to);
  if (link === undefined) return;
  queueSend(state.out, { links: [link], lane, gate: gated ? gateOfThisTurn : 0, message, entries: noEntries });
}

/** The same, with values beside it. */
export function sendEntries(
  state: MultiPaxosState,
  to: MemberId,
  lane: Lane,
  { message, entries, gated }: { message: MultiPaxosMessage; entries: readonly EntryBatch[]; gated: boolean },
): void {
  const link = state.links.get(to);
  if (link === undefined) return;
  queueSend(state.out, { links: [link], lane, gate: gated ? gateOfThisTurn : 0, message, entries });
}

/** Most turns send one message: an array literal of one element is a tenth of the memory of a push onto an empty array. */
export function queueSend(out: Outbox, pending: PendingSend): void {
  if (out.sends.length === 0) out.sends = [pending];
  else out.sends.push(pending);
}

/** A message without values shares this. */
export const noEntries: readonly EntryBatch[] = [];

/** Promises `ballot`, which is above the promise in force. It must be durable before anybody hears of it. */
export function raisePromise(state: MultiPaxosState, ballot: Ballot): void {
  state.promised = ballot;
  state.promiseChanged = true;
}

/** Stops this member for good: proof of broken safety, or a disk that cannot be believed. */
export function halt(state: MultiPaxosState, text: string): void {
  state.halted ??= text;
}

/** Takes the turn's batch, numbers it, and notes what it will make durable; undefined where nothing changed. */
export function takeWrite(state: MultiPaxosState, hardState: Uint8Array | undefined): JournalBatch | undefined {
  const { unwritten } = state;
  const { snapshotMark, compactBelow } = unwritten;
  // The batch is the journal's from now on: it never shares an array that later entries are pushed to.
  const entries = unwritten.entries.length === 0 ? noEntries : unwritten.entries;
  const plain = snapshotMark === undefined && compactBelow === undefined;
  if (plain && entries.length === 0 && hardState === undefined) return undefined;
  const write = ++state.writeNumber;
  state.writesUnderWay.push({ write, entries, lowest: snapshotMark === undefined ? lowestSlot(entries) : 0, since: state.now });
  if (hardState !== undefined) {
    state.promiseWrite = write;
    state.promiseChanged = false;
  }
  if (entries.length > 0) unwritten.entries = [];
  const commit = state.commitIndex;
  if (plain) return hardState === undefined ? { entries, commit } : { entries, hardState, commit };
  unwritten.snapshotMark = undefined;
  unwritten.compactBelow = undefined;
  return {
    entries,
    commit,
    ...(snapshotMark === undefined ? {} : { snapshotMark }),
    ...(hardState === undefined ? {} : { hardState }),
    ...(compactBelow === undefined ? {} : { compactBelow }),
  };
}

function lowestSlot(entries: readonly EntryBatch[]): Index {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { first } of entries) if (first < lowest) lowest = first;
  return lowest;
}
