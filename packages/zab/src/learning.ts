import { at, invariant, lastOf } from '@quorate/interface';
import type { EntryBatch, Index } from '@quorate/interface';
import { appendEntries, truncateEntries } from './durability.ts';
import { firstIndexOf, indexOf, offsetAfter, zxidAt } from './log.ts';
import { noteConfigs, revertConfigs } from './membership.ts';
import type { Commit, Diff, Inform, NewLeader, Ping, Propose, Truncate, UpToDate } from './messages.ts';
import { advanceCommit, enterEpoch, halt, send } from './state.ts';
import type { ZabState } from './state.ts';

// The learner's side of synchronisation and broadcast. Each function returns what is wrong with a message that no correct leader
// sends in this state; the link then ends, and with it the relation (ShouldNotBeTriggered).

interface ZxidFields {
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

function zxidOf({ zxidEpoch: epoch, zxidCounter: counter }: ZxidFields): { readonly epoch: number; readonly counter: number } {
  return { epoch, counter };
}

/** DIFF: our history is a prefix of the leader's; what follows goes on behind it. */
export function onDiff(state: ZabState, message: Diff): string | undefined {
  const { follower, log } = state;
  if (follower.stage !== 'sync' || message.epoch !== state.acceptedEpoch) return 'DIFF outside of synchronisation';
  if (indexOf(log, zxidOf(message)) !== log.lastIndex) return 'a DIFF that does not begin at the end of this history';
  follower.stage = 'stream';
  return undefined;
}

/** TRUNC: what we have behind this txn is not in the leader's history, and cannot be committed. */
export function onTruncate(state: ZabState, message: Truncate): string | undefined {
  const { follower, log } = state;
  if (follower.stage !== 'sync' || message.epoch !== state.acceptedEpoch) return 'TRUNC outside of synchronisation';
  const index = indexOf(log, zxidOf(message));
  if (index === undefined) return 'a TRUNC to a txn that is not in this history';
  if (index < state.commitIndex) {
    halt(
      state,
      `E_DIVERGED: the leader of epoch ${message.epoch} cuts behind entry ${index}, but entries up to ${state.commitIndex} are ` +
        'committed here (Zab §IV, Agreement).',
    );
    return undefined;
  }
  follower.stage = 'stream';
  if (index === log.lastIndex) return undefined;
  if (state.tracing) state.out.trace.push({ event: 'truncated', from: index + 1, entries: log.lastIndex - index });
  truncateEntries(state, index + 1);
  revertConfigs(state, index + 1);
  return undefined;
}

/** PROPOSE: the history while it is brought up, and live txns behind NEWLEADER (Z10). */
export function onProposal(state: ZabState, message: Propose, entries: readonly EntryBatch[]): string | undefined {
  const { follower } = state;
  if (message.epoch !== state.acceptedEpoch) return 'PROPOSE of another epoch';
  if (follower.stage === 'stream') {
    const wrong = logTxns(state, message, entries);
    if (wrong === undefined) follower.storedOwed = true;
    return wrong;
  }
  if (follower.stage !== 'accepted' && follower.stage !== 'active') return 'PROPOSE outside of synchronisation and broadcast';
  if (message.zxidEpoch !== message.epoch) return 'PROPOSE of an earlier epoch behind NEWLEADER';
  return state.isVoter ? logTxns(state, message, entries) : 'PROPOSE to an observer';
}

/** INFORM: observers log what is committed already. */
export function onInform(state: ZabState, message: Inform, entries: readonly EntryBatch[]): string | undefined {
  const { follower, log } = state;
  if (message.epoch !== state.acceptedEpoch) return 'INFORM of another epoch';
  if (state.isVoter || (follower.stage !== 'accepted' && follower.stage !== 'active'))
    return 'INFORM to one that does not observe';
  if (message.zxidEpoch !== message.epoch) return 'INFORM of an earlier epoch behind NEWLEADER';
  const wrong = logTxns(state, message, entries);
  if (wrong !== undefined) return wrong;
  follower.storedOwed = true;
  deliver(state, log.lastIndex);
  return undefined;
}

/**
 * Z10: the next txns of the same epoch, or the first ones of a later epoch; what is held already is dropped without a word (Z-12).
 * Anything else is a gap: it is never logged, and never waited for.
 */
function logTxns(state: ZabState, message: ZxidFields, entries: readonly EntryBatch[]): string | undefined {
  const { log } = state;
  const first = at(entries, 0).first;
  const held = indexOf(log, zxidOf(message));
  if (held !== undefined) {
    const last = lastOf(at(entries, entries.length - 1));
    return held === first && last <= log.lastIndex ? undefined : gap(state);
  }
  const { epoch, counter } = zxidAt(log, log.lastIndex);
  const { zxidEpoch, zxidCounter } = message;
  const isNext = zxidEpoch === epoch ? zxidCounter === counter + 1 : zxidEpoch > epoch && zxidCounter === 1;
  if (!isNext || first !== log.lastIndex + 1 || zxidEpoch !== at(entries, 0).epoch.round) return gap(state);
  for (const batch of entries) {
    appendEntries(state, batch);
    if (batch.kind === 'config') noteConfigs(state, batch);
  }
  return undefined;
}

function gap(state: ZabState): string {
  state.counters.gaps++;
  if (state.tracing) state.out.trace.push({ event: 'gap', last: state.log.lastIndex });
  return 'a gap in the txns of the leader';
}

/** NEWLEADER(e'): the history is here. It is made durable, then the epoch, then ACK-LD leaves (`drainFollower`, Z6). */
export function onNewLeader(state: ZabState, message: NewLeader): string | undefined {
  const { follower, log } = state;
  if (follower.stage !== 'stream' || message.epoch !== state.acceptedEpoch) return 'NEWLEADER outside of synchronisation';
  const committed = indexOf(log, zxidOf(message));
  if (committed === undefined) return 'NEWLEADER names a txn that was not sent';
  follower.pendingFrom = committed + 1;
  follower.stage = 'accepting';
  return undefined;
}

/** UPTODATE (Z8): everything up to its zxid is committed, and this member serves. */
export function onUpToDate(state: ZabState, message: UpToDate): string | undefined {
  const { follower, log } = state;
  if (follower.stage !== 'accepted' || message.epoch !== state.currentEpoch) return 'UPTODATE without an ACK-LD';
  const index = indexOf(log, zxidOf(message));
  if (index === undefined || index < follower.pendingFrom - 1) return 'UPTODATE names a txn that was not sent';
  follower.stage = 'active';
  state.phase = 'broadcast';
  state.suspectedAt = 0;
  follower.pendingFrom = index + 1;
  deliver(state, index);
  if (state.tracing) state.out.trace.push({ event: 'upToDate', epoch: message.epoch, index });
  return undefined;
}

/** Z12: a COMMIT begins at the head of the pending queue and ends inside of it; anything else is no skip, but an error. */
export function onCommit(state: ZabState, message: Commit): string | undefined {
  const { follower, log } = state;
  if ((follower.stage !== 'accepted' && follower.stage !== 'active') || message.epoch !== state.currentEpoch)
    return 'COMMIT outside of broadcast';
  const first = firstIndexOf(log, message.epoch);
  if (first === undefined) return 'COMMIT of a txn that was not proposed';
  const from = first + message.from - 1;
  const to = first + message.to - 1;
  if (from !== follower.pendingFrom || to > log.lastIndex) return 'COMMIT does not match the head of the pending queue';
  if (state.tracing && follower.stage === 'accepted') state.out.trace.push({ event: 'early-commit', from, to });
  deliver(state, to);
  return undefined;
}

// Before UPTODATE it is only noted: UPTODATE names it, or more (Z-4).
function deliver(state: ZabState, index: Index): void {
  const { follower, log } = state;
  follower.pendingFrom = Math.max(follower.pendingFrom, index + 1);
  if (follower.stage === 'active' && index > state.commitIndex) advanceCommit(state, index, offsetAfter(log, index));
}

/** The leader is there: the answer confirms its reads only while we are synchronised in its epoch (protocol facts §6.3). */
export function onPing(state: ZabState, message: Ping): void {
  const { follower } = state;
  const isSynced = (follower.stage === 'accepted' || follower.stage === 'active') && message.epoch === state.currentEpoch;
  const pong = isSynced
    ? ({ kind: 'pong', epoch: message.epoch, readRound: message.readRound } as const)
    : ({ kind: 'pong', epoch: 0, readRound: 0 } as const);
  send(state, follower.leader, 'control', pong, false);
}

/** True where NEWLEADER was accepted and the history in front of it is not handed to the disk yet: the epoch waits for another batch. */
export function writesHistoryFirst({ follower, unwritten, hardStateChanged }: ZabState): boolean {
  const { entries, truncateFrom, snapshotMark } = unwritten;
  const isEmpty = entries.length === 0 && truncateFrom === undefined && snapshotMark === undefined && !hardStateChanged;
  return follower.stage === 'accepting' && !isEmpty;
}

/** Z6, its order: history and snapshot are in a batch before this one (Z-2); `currentEpoch` is in this one; ACK-LD waits for it (Z-1). */
export function acceptNewLeader(state: ZabState): void {
  const { follower, log } = state;
  invariant(!writesHistoryFirst(state), 'the history is written before the epoch');
  enterEpoch(state, state.acceptedEpoch);
  follower.stage = 'accepted';
  follower.ackedTo = log.lastIndex;
  follower.storedOwed = false;
  send(state, follower.leader, 'log', { kind: 'ack-leader', epoch: state.currentEpoch }, true);
}

/** At the end of a follower's turn: one word for everything that arrived in it, once that is durable. */
export function sendAcks(state: ZabState): void {
  const { follower, log } = state;
  if (follower.storedOwed) {
    follower.storedOwed = false;
    const { epoch: zxidEpoch, counter: zxidCounter } = zxidAt(log, log.lastIndex);
    send(state, follower.leader, 'log', { kind: 'stored', epoch: state.acceptedEpoch, zxidEpoch, zxidCounter }, true);
  }
  const isAccepted = follower.stage === 'accepted' || follower.stage === 'active';
  if (!isAccepted || !state.isVoter || log.lastIndex <= follower.ackedTo) return;
  const epoch = state.currentEpoch;
  const first = firstIndexOf(log, epoch);
  invariant(first !== undefined && first <= follower.ackedTo + 1, 'only txns of the current epoch follow ACK-LD');
  const from = follower.ackedTo + 2 - first;
  follower.ackedTo = log.lastIndex;
  send(state, follower.leader, 'log', { kind: 'ack', epoch, from, to: log.lastIndex - first + 1 }, true);
}
