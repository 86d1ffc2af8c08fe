import { invariant } from '@quorate/interface';
import type { Effects, JournalBatch, RoleChange } from '@quorate/interface';
import { gateOf } from './durability.ts';
import type { RaftMessage } from './messages.ts';
import { isSettled, readDeadline } from './reads.ts';
import { gateOfThisTurn } from './state.ts';
import type { Outbox, RaftState } from './state.ts';

const none: readonly never[] = [];

/** Hands over what gathered during the turn, in the neutral words of the contract. */
export function takeEffects(state: RaftState, write: JournalBatch | undefined): Effects<RaftMessage> {
  const { out, halted } = state;
  const effects: Effects<RaftMessage> = {
    write,
    sends: halted === undefined ? takeSends(state) : none,
    closes: out.closes.length > 0 ? take(out, 'closes') : none,
    commit: takeCommit(state),
    chosen: none,
    fetches: out.fetches.length > 0 ? take(out, 'fetches') : none,
    appended: out.appended.length > 0 ? take(out, 'appended') : none,
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
function takeCommit(state: RaftState): Effects<RaftMessage>['commit'] {
  const { commitIndex: index, lastCommit } = state;
  // What a halted member learned last is not written any more, so that it may not be applied either.
  if (state.halted !== undefined) return lastCommit;
  const gate = gateOf(state, index);
  if (lastCommit.index !== index || lastCommit.gate !== gate) state.lastCommit = { index, gate };
  return state.lastCommit;
}

// Arrays go out and fresh ones take their place: emptying them in place is slower, and would tie the caller's hands.
function take<K extends Exclude<keyof Outbox, 'moreToSend'>>(out: Outbox, key: K): Outbox[K] {
  const taken = out[key];
  out[key] = [] as never;
  return taken;
}

// A gated send waits for everything handed out up to this turn; what it rests on is in there.
function takeSends(state: RaftState): Outbox['sends'] {
  const { out, writeNumber, persisted } = state;
  if (out.sends.length === 0) return none as never;
  const gate = writeNumber > persisted ? writeNumber : 0;
  for (const pending of out.sends) if (pending.gate === gateOfThisTurn) pending.gate = gate;
  return take(out, 'sends');
}

/** When the core wants to be woken; Infinity: not before something happens. */
function nextDeadline(state: RaftState): number {
  const { halted, out, role, options } = state;
  if (halted !== undefined) return Number.POSITIVE_INFINITY;
  if (out.moreToSend || out.configs.length > 0) return state.now;
  if (role !== 'leader') return Math.min(state.electionDeadline, readDeadline(state));
  const checked = options.checkQuorum ? Math.min(state.checkQuorumDeadline, state.heartbeatDeadline) : state.heartbeatDeadline;
  return state.transferTarget === 0 ? checked : Math.min(checked, state.transferDeadline);
}

function takeRole(state: RaftState): RoleChange | undefined {
  const { lastRole, currentTerm } = state;
  const role = neutralRole(state);
  const settled = isSettled(state);
  const leader = state.leader === 0 ? undefined : state.leader;
  const same =
    lastRole.role === role && lastRole.epoch.round === currentTerm && lastRole.leader === leader && lastRole.settled === settled;
  if (same) return undefined;
  state.lastRole = currentRole(state);
  return state.lastRole;
}

/** Raft's role in the neutral words. A pre-candidate asks to lead, so it is a candidate; who does not vote is a learner. */
export function currentRole(state: RaftState): RoleChange {
  const { currentTerm, leader, suspectedAt, electedAt } = state;
  invariant(state.role !== 'leader' || leader === state.self, 'a leader follows itself');
  return {
    role: neutralRole(state),
    epoch: { round: currentTerm, owner: 0 },
    leader: leader === 0 ? undefined : leader,
    ready: state.role === 'leader',
    settled: isSettled(state),
    suspectedAt,
    electedAt,
    readyAt: electedAt,
  };
}

function neutralRole(state: RaftState): RoleChange['role'] {
  if (state.role === 'leader') return 'leader';
  if (state.role !== 'follower') return 'candidate';
  return state.isVoter ? 'follower' : 'learner';
}
