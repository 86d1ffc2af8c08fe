import { sameEpoch } from '@quorate/interface';
import type { Effects, JournalBatch, RoleChange } from '@quorate/interface';
import { learnDeadline } from './catch-up.ts';
import { gateOf } from './durability.ts';
import type { MultiPaxosMessage } from './messages.ts';
import { quorumReadDeadline } from './quorum-reads.ts';
import { isSettled, readDeadline } from './reads.ts';
import { gateOfThisTurn } from './state.ts';
import type { MultiPaxosState, Outbox } from './state.ts';

const none: readonly never[] = [];
// Stands for the arrays that nearly every turn fills: they begin with a literal of their first element, so that nothing is pushed onto this.
const nothing: never[] = [];

/** Hands over what gathered during the turn, in the neutral words of the contract. */
export function takeEffects(state: MultiPaxosState, write: JournalBatch | undefined): Effects<MultiPaxosMessage> {
  const { out, halted } = state;
  const { chosen, appended } = out;
  out.chosen = nothing;
  out.appended = nothing;
  const effects: Effects<MultiPaxosMessage> = {
    write,
    sends: halted === undefined ? takeSends(state) : none,
    closes: out.closes.length > 0 ? take(out, 'closes') : none,
    commit: takeCommit(state),
    chosen,
    fetches: out.fetches.length > 0 ? take(out, 'fetches') : none,
    appended,
    rejected: out.rejected.length > 0 ? take(out, 'rejected') : none,
    reads: out.reads.length > 0 ? take(out, 'reads') : none,
    snapshots: out.snapshots.length > 0 ? take(out, 'snapshots') : none,
    config: out.configs.shift(),
    role: takeRole(state),
    diverged: halted,
    nextDeadline: nextDeadline(state),
    trace: out.trace.length > 0 ? take(out, 'trace') : none,
  };
  out.moreToSend = false;
  state.announcedDeadline = effects.nextDeadline;
  return effects;
}

// The same object as long as nothing moved.
function takeCommit(state: MultiPaxosState): Effects<MultiPaxosMessage>['commit'] {
  const { commitIndex: index, lastCommit } = state;
  // What a halted member learned last is not written any more, so that it may not be applied either.
  if (state.halted !== undefined || lastCommit.index === index) return lastCommit;
  state.lastCommit = { index, gate: gateOf(state, index) };
  return state.lastCommit;
}

// Arrays go out and fresh ones take their place: emptying them in place is slower, and would tie the caller's hands.
function take<K extends 'closes' | 'fetches' | 'rejected' | 'reads' | 'snapshots' | 'trace'>(out: Outbox, key: K): Outbox[K] {
  const taken = out[key];
  out[key] = [] as never;
  return taken;
}

// A gated send waits for everything handed out up to this turn; what it rests on is in there.
function takeSends(state: MultiPaxosState): Outbox['sends'] {
  const { out, writeNumber, persisted } = state;
  const { sends } = out;
  out.sends = nothing;
  const gate = writeNumber > persisted ? writeNumber : 0;
  for (const pending of sends) if (pending.gate === gateOfThisTurn) pending.gate = gate;
  return sends;
}

/** When the core wants to be woken; Infinity: not before something happens. */
function nextDeadline(state: MultiPaxosState): number {
  const { halted, out, phase } = state;
  if (halted !== undefined) return Number.POSITIVE_INFINITY;
  if (out.moreToSend || out.configs.length > 0) return state.now;
  const reads = Math.min(learnDeadline(state), quorumReadDeadline(state));
  if (phase === 'steady')
    return Math.min(
      reads,
      state.heartbeat.deadline,
      state.electionDeadline,
      state.transfer.target === 0 ? Number.POSITIVE_INFINITY : state.transfer.deadline,
    );
  const prepare = phase === 'preparing' ? state.prepareDeadline : Number.POSITIVE_INFINITY;
  return Math.min(reads, prepare, state.electionDeadline, readDeadline(state));
}

function takeRole(state: MultiPaxosState): RoleChange | undefined {
  const { lastRole } = state;
  const role = neutralRole(state);
  const leader = state.leader === 0 ? undefined : state.leader;
  const same =
    lastRole.role === role &&
    sameEpoch(lastRole.epoch, state.seen) &&
    lastRole.leader === leader &&
    lastRole.settled === isSettled(state);
  if (same) return undefined;
  state.lastRole = currentRole(state);
  return state.lastRole;
}

/** What a proposer is, in the neutral words: who prepares is a candidate, who does not vote is a learner. */
export function currentRole(state: MultiPaxosState): RoleChange {
  const { leader, suspectedAt, electedAt } = state;
  return {
    role: neutralRole(state),
    epoch: state.seen,
    leader: leader === 0 ? undefined : leader,
    ready: state.phase === 'steady',
    settled: isSettled(state),
    suspectedAt,
    electedAt,
    readyAt: electedAt,
  };
}

function neutralRole(state: MultiPaxosState): RoleChange['role'] {
  if (state.phase === 'steady') return 'leader';
  if (state.phase === 'preparing') return 'candidate';
  return state.isVoter ? 'follower' : 'learner';
}
