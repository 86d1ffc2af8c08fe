import type { Index, MemberId, SnapshotMeta } from '@quorate/interface';

/**
 * Everything that members of a Raft group say to each other. Flat, plain and readonly; every number is a safe integer that is not
 * negative, and 0 stands for "none". The entries of an `append` travel beside it (`Send.entries`), never inside.
 */
export type RaftMessage =
  | PreVote
  | PreVoteResponse
  | RequestVote
  | RequestVoteResponse
  | AppendEntries
  | AppendEntriesResponse
  | Heartbeat
  | HeartbeatResponse
  | InstallSnapshot
  | InstallSnapshotResponse
  | TimeoutNow
  | ReadIndex
  | ReadIndexResponse;

/** Would you vote for me? (thesis §9.6) `term` is the sender's term plus 1, and nobody adopts it. */
export interface PreVote {
  readonly kind: 'pre-vote';
  readonly term: number;
  readonly candidate: MemberId;
  readonly lastLogIndex: Index;
  readonly lastLogTerm: number;
}

/** `term`: the one that was asked for where granted, the sender's own where refused. */
export interface PreVoteResponse {
  readonly kind: 'pre-vote-response';
  readonly term: number;
  readonly granted: boolean;
}

/** Raft §5.2. `transfer`: the leader asked for this election (§3.10 of the thesis), so that nobody holds on to it. */
export interface RequestVote {
  readonly kind: 'request-vote';
  readonly term: number;
  readonly candidate: MemberId;
  readonly lastLogIndex: Index;
  readonly lastLogTerm: number;
  readonly transfer: boolean;
}

/** Leaves only when the vote is durable. */
export interface RequestVoteResponse {
  readonly kind: 'request-vote-response';
  readonly term: number;
  readonly granted: boolean;
}

/** Raft §5.3. The entries beside it begin at `prevLogIndex + 1`. `notice`: empty, sent only to spread `leaderCommit`; a success is not answered. */
export interface AppendEntries {
  readonly kind: 'append';
  readonly term: number;
  readonly leader: MemberId;
  readonly prevLogIndex: Index;
  readonly prevLogTerm: number;
  readonly leaderCommit: Index;
  readonly notice: boolean;
}

/**
 * Success: the log equals the leader's up to `matchIndex`, durably; the three others are 0. Refusal: there is no entry
 * (`rejectedIndex`, prevLogTerm); the last place worth trying is `hintIndex`, whose term here is `hintTerm`; `matchIndex` is 0.
 */
export interface AppendEntriesResponse {
  readonly kind: 'append-response';
  readonly term: number;
  readonly success: boolean;
  readonly matchIndex: Index;
  readonly rejectedIndex: Index;
  readonly hintIndex: Index;
  readonly hintTerm: number;
}

/** `commit` is never beyond what this peer has acknowledged. `readContext`: the newest round of reads to confirm (thesis §6.4). */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly term: number;
  readonly leader: MemberId;
  readonly commit: Index;
  readonly readContext: number;
}

/** Echoes `readContext`: the sender was in `term` after that round had begun. */
export interface HeartbeatResponse {
  readonly kind: 'heartbeat-response';
  readonly term: number;
  readonly readContext: number;
}

/** Raft §7, as an offer: the bytes are pulled by the receiver's replica. `meta.epoch.round` is the last included term. */
export interface InstallSnapshot {
  readonly kind: 'install-snapshot';
  readonly term: number;
  readonly leader: MemberId;
  readonly meta: SnapshotMeta;
}

/** The sender's log equals the leader's up to `acceptedUpTo`, durably. Below `offeredIndex`: the offer was not taken, offer again later. */
export interface InstallSnapshotResponse {
  readonly kind: 'install-snapshot-response';
  readonly term: number;
  readonly offeredIndex: Index;
  readonly acceptedUpTo: Index;
}

/** Campaign now, without a pre-vote (thesis §3.10). */
export interface TimeoutNow {
  readonly kind: 'timeout-now';
  readonly term: number;
}

/** A follower asks for a read point (thesis §6.4). (`incarnation`, `context`) is never used twice by one member. */
export interface ReadIndex {
  readonly kind: 'read-index';
  readonly term: number;
  readonly incarnation: number;
  readonly context: number;
}

/** `confirmed` false: the sender does not lead, or stopped; `index` is 0. */
export interface ReadIndexResponse {
  readonly kind: 'read-index-response';
  readonly term: number;
  readonly incarnation: number;
  readonly context: number;
  readonly confirmed: boolean;
  readonly index: Index;
}

/** A message in the words of the paper, without its entries, for golden traces. Never called on the hot path. */
export function describeMessage(message: RaftMessage): string {
  const term = `t${message.term}`;
  switch (message.kind) {
    case 'pre-vote':
      return `pre-vote ${term} last ${message.lastLogIndex}@${message.lastLogTerm}`;
    case 'request-vote':
      return `vote ${term} last ${message.lastLogIndex}@${message.lastLogTerm}${message.transfer ? ' transfer' : ''}`;
    case 'pre-vote-response':
      return `pre-vote-response ${term} ${message.granted ? 'granted' : 'refused'}`;
    case 'request-vote-response':
      return `vote-response ${term} ${message.granted ? 'granted' : 'refused'}`;
    case 'append':
      return `${message.notice ? 'notice' : 'append'} ${term} prev ${message.prevLogIndex}@${message.prevLogTerm} commit ${message.leaderCommit}`;
    case 'append-response':
      return message.success
        ? `append-response ${term} match ${message.matchIndex}`
        : `append-response ${term} refused ${message.rejectedIndex} hint ${message.hintIndex}@${message.hintTerm}`;
    case 'heartbeat':
      return `heartbeat ${term} commit ${message.commit}${message.readContext > 0 ? ` read ${message.readContext}` : ''}`;
    case 'heartbeat-response':
      return `heartbeat-response ${term}${message.readContext > 0 ? ` read ${message.readContext}` : ''}`;
    case 'install-snapshot':
      return `snapshot ${term} ${message.meta.index}@${message.meta.epoch.round}`;
    case 'install-snapshot-response':
      return `snapshot-response ${term} offered ${message.offeredIndex} accepted ${message.acceptedUpTo}`;
    case 'timeout-now':
      return `timeout-now ${term}`;
    case 'read-index':
      return `read-index ${term} context ${message.context}`;
    default:
      return `read-index-response ${term} context ${message.context} ${message.confirmed ? `at ${message.index}` : 'refused'}`;
  }
}
