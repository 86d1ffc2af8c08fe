import { invariant, lastOf, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index, MemberId } from '@quorate/interface';
import { appendEntries, truncateEntries } from './durability.ts';
import { becomeFollower, resetElectionTimer } from './election.ts';
import { firstConflict, hasEntry, newestWithTermAtMost, offsetAfter, termAt } from './log.ts';
import { noteConfigs, revertConfigs } from './membership.ts';
import type { AppendEntries, Heartbeat } from './messages.ts';
import { advanceCommit, halt, send } from './state.ts';
import type { RaftState } from './state.ts';

/** Leader traffic of our own term: whoever sent it leads (R9, first part). False where that is impossible, and this member halts. */
export function followLeader(state: RaftState, from: MemberId): boolean {
  const other = state.role === 'leader' ? state.self : state.leader;
  if (other !== 0 && other !== from) {
    halt(state, `E_DIVERGED: members ${other} and ${from} both lead term ${state.currentTerm} (Raft §5.2, Election Safety).`);
    return false;
  }
  if (state.role !== 'follower' || state.leader !== from) becomeFollower(state, state.currentTerm, from);
  state.leaderContactAt = state.now;
  resetElectionTimer(state);
  return true;
}

/** R9: the receiver's side of AppendEntries (Raft §5.3). */
export function onAppendEntries(state: RaftState, from: MemberId, message: AppendEntries, entries: readonly EntryBatch[]): void {
  if (!followLeader(state, from)) return;
  const { prevLogIndex, prevLogTerm, leaderCommit, notice } = message;
  // What is committed here equals the leader's (Leader Completeness): nothing is appended, and a difference is the end of this member.
  if (prevLogIndex < state.commitIndex) {
    if (agreesWithCommitted(state, message, entries) && !notice) oweAck(state, state.commitIndex);
    return;
  }
  if (!hasEntry(state.log, prevLogIndex, prevLogTerm)) {
    if (prevLogIndex === state.commitIndex) diverge(state, prevLogIndex, prevLogTerm);
    else refuseAppend(state, from, prevLogIndex, prevLogTerm);
    return;
  }
  let matched = prevLogIndex;
  for (const batch of entries) {
    acceptBatch(state, batch);
    matched = lastOf(batch);
  }
  learnCommit(state, Math.min(leaderCommit, matched));
  if (!notice) oweAck(state, matched);
}

function agreesWithCommitted(
  state: RaftState,
  { prevLogIndex, prevLogTerm }: AppendEntries,
  entries: readonly EntryBatch[],
): boolean {
  const { log, commitIndex } = state;
  const prevTerm = termAt(log, prevLogIndex);
  if (prevTerm !== undefined && prevTerm !== prevLogTerm) return diverge(state, prevLogIndex, prevLogTerm);
  for (const batch of entries) {
    const conflict = lastOf(batch) < log.baseIndex ? undefined : firstConflict(log, batch);
    if (conflict !== undefined && conflict <= commitIndex) return diverge(state, conflict, batch.epoch.round);
  }
  return true;
}

// A committed entry is in the log of every later leader (Raft §5.4, Leader Completeness), or safety is broken already.
function diverge(state: RaftState, index: Index, term: number): false {
  halt(
    state,
    `E_DIVERGED: entry ${index} is committed here with term ${termAt(state.log, index)}, and the leader of term ${state.currentTerm} ` +
      `has term ${term} there (Raft §5.4, State Machine Safety).`,
  );
  return false;
}

// No cut without a conflict: a late short append must not drop what was acknowledged since.
function acceptBatch(state: RaftState, batch: EntryBatch): void {
  const { log } = state;
  let fresh = log.lastIndex + 1;
  if (batch.first < fresh) {
    const conflict = firstConflict(log, batch);
    if (conflict !== undefined) {
      invariant(conflict > state.commitIndex, 'appends behind the commit index do not reach below it');
      if (state.tracing) state.out.trace.push({ event: 'truncated', from: conflict, entries: log.lastIndex - conflict + 1 });
      truncateEntries(state, conflict);
      revertConfigs(state, conflict);
      fresh = conflict;
    }
  }
  if (lastOf(batch) < fresh) return;
  const added = batch.first === fresh ? batch : sliceEntries(batch, fresh, lastOf(batch));
  appendEntries(state, added);
  noteConfigs(state, added);
}

/** A leader's word on what is committed; `index` is present here and equal to the leader's. */
function learnCommit(state: RaftState, index: Index): void {
  if (index > state.commitIndex) advanceCommit(state, index, offsetAfter(state.log, index));
}

// One answer per turn, for the last of its appends: acknowledgements are cumulative.
function oweAck(state: RaftState, index: Index): void {
  state.ackIndex = state.ackOwed ? Math.max(state.ackIndex, index) : index;
  state.ackOwed = true;
}

/** At the end of a turn: acknowledges what the leader sent, once term, truncations and entries are durable (protocol facts §1.4). */
export function sendAck(state: RaftState): void {
  if (!state.ackOwed) return;
  state.ackOwed = false;
  if (state.role !== 'follower' || state.leader === 0) return;
  invariant(state.ackIndex <= state.log.lastIndex, 'only what is present is acknowledged');
  const { currentTerm: term, ackIndex: matchIndex } = state;
  send(
    state,
    state.leader,
    'log',
    { kind: 'append-response', term, success: true, matchIndex, rejectedIndex: 0, hintIndex: 0, hintTerm: 0 },
    true,
  );
}

// R12: the hint skips every entry of ours that is newer than the leader's word, so that one probe per differing term is enough (Raft §5.3).
function refuseAppend(state: RaftState, from: MemberId, rejectedIndex: Index, prevLogTerm: number): void {
  const { log, currentTerm: term } = state;
  const hintIndex = newestWithTermAtMost(log, rejectedIndex, prevLogTerm, state.commitIndex);
  const hintTerm = termAt(log, hintIndex) ?? 0;
  const refusal = { kind: 'append-response', term, success: false, matchIndex: 0, rejectedIndex, hintIndex, hintTerm } as const;
  // It may rest on a truncation that is not durable yet, so it waits for the turn's write.
  send(state, from, 'log', refusal, true);
}

/** A heartbeat of our own term: contact, commit, and the echo that confirms reads (thesis §6.4). */
export function onHeartbeat(state: RaftState, from: MemberId, message: Heartbeat): void {
  if (!followLeader(state, from)) return;
  if (message.commit > state.log.lastIndex) {
    // The leader names only what this member acknowledged in this term: it was on disk, and it is gone.
    halt(
      state,
      `E_LOG_LOST: the leader holds an acknowledgement of entry ${message.commit} by this member, whose log ends at ${state.log.lastIndex}. ` +
        'Acknowledged entries vanished from the disk. Replace this member by a membership change.',
    );
    return;
  }
  learnCommit(state, message.commit);
  send(state, from, 'control', { kind: 'heartbeat-response', term: state.currentTerm, readContext: message.readContext }, false);
}
