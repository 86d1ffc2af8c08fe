import type { Effects, JournalBatch, RoleChange } from '@quorate/interface';
import { gateOf } from './durability.ts';
import { isAccepted } from './follower.ts';
import type { ZabMessage } from './messages.ts';
import { isSettled, readDeadline } from './reads.ts';
import { gateOfThisTurn } from './state.ts';
import type { Outbox, ZabState } from './state.ts';

const none: readonly never[] = [];

/** Hands over what gathered during the turn, in the neutral words of the contract. */
export function takeEffects(state: ZabState, write: JournalBatch | undefined): Effects<ZabMessage> {
  const { out, halted } = state;
  const effects: Effects<ZabMessage> = {
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
function takeCommit(state: ZabState): Effects<ZabMessage>['commit'] {
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
function takeSends(state: ZabState): Outbox['sends'] {
  const { out, writeNumber, persisted } = state;
  if (out.sends.length === 0) return none as never;
  const gate = writeNumber > persisted ? writeNumber : 0;
  for (const pending of out.sends) if (pending.gate === gateOfThisTurn) pending.gate = gate;
  return take(out, 'sends');
}

/** When the core wants to be woken; Infinity: not before something happens. */
function nextDeadline(state: ZabState): number {
  const { halted, out, role, election, follower } = state;
  if (halted !== undefined) return Number.POSITIVE_INFINITY;
  if (out.moreToSend || out.configs.length > 0) return state.now;
  if (role === 'looking') return Math.min(election.notifyDeadline, election.finalizeDeadline);
  if (role === 'following') return Math.min(follower.deadline, readDeadline(state));
  const regular = Math.min(state.heartbeatDeadline, state.quorumDeadline);
  const phased = state.phase === 'discovery' ? Math.min(regular, state.discoveryDeadline) : regular;
  return state.transferTarget === 0 ? phased : Math.min(phased, state.transferDeadline);
}

function takeRole(state: ZabState): RoleChange | undefined {
  const { lastRole, currentEpoch } = state;
  const role = neutralRole(state);
  const settled = isSettled(state);
  const same =
    lastRole.role === role &&
    lastRole.epoch.round === currentEpoch &&
    lastRole.leader === leaderOf(state) &&
    lastRole.ready === isReady(state) &&
    lastRole.settled === settled;
  if (same) return undefined;
  state.lastRole = currentRole(state);
  return state.lastRole;
}

/** ZAB's state in the neutral words: leading counts from the quorum of ACK-E on, following from ACK-LD on. */
export function currentRole(state: ZabState): RoleChange {
  const { currentEpoch, suspectedAt, electedAt, readyAt } = state;
  return {
    role: neutralRole(state),
    epoch: { round: currentEpoch, owner: 0 },
    leader: leaderOf(state),
    ready: isReady(state),
    settled: isSettled(state),
    suspectedAt,
    electedAt,
    readyAt,
  };
}

function neutralRole(state: ZabState): RoleChange['role'] {
  if (state.role === 'leading' && state.phase !== 'discovery') return 'leader';
  if (!state.isVoter) return 'learner';
  return state.role === 'following' ? 'follower' : 'candidate';
}

function leaderOf(state: ZabState): RoleChange['leader'] {
  if (state.role === 'leading') return state.phase === 'discovery' ? undefined : state.self;
  return isAccepted(state) ? state.follower.leader : undefined;
}

/** Z7: a quorum has acknowledged NEWLEADER. */
function isReady(state: ZabState): boolean {
  return state.role === 'leading' && state.phase === 'broadcast';
}
