import { isQuorum } from '@quorate/quorum';
import { maybeProposeEpoch } from './discovery.ts';
import { diskHangs } from './durability.ts';
import { becomeLooking } from './relations.ts';
import { noEntries, queueSend } from './state.ts';
import type { PendingSend, ZabState } from './state.ts';

/** The election chose this member. It has no epoch yet, and nothing to say before a quorum has told it theirs (Z2). */
export function becomeLeading(state: ZabState): void {
  const { now, options } = state;
  state.role = 'leading';
  state.phase = 'discovery';
  state.newEpoch = 0;
  state.strandedSince = 0;
  state.discoveryDeadline = now + options.electionTimeoutMs;
  state.heartbeatDeadline = now + options.heartbeatMs;
  state.quorumDeadline = now + options.electionTimeoutMs / 2;
  state.transferTarget = 0;
  state.designated = false;
  state.rollsOver = false;
  state.commitChecked = false;
  if (state.tracing) state.out.trace.push({ event: 'leading', round: state.election.round });
  maybeProposeEpoch(state);
}

/** Timers of a leader. */
export function runLeaderTimers(state: ZabState): void {
  if (state.rollsOver) {
    if (state.tracing) state.out.trace.push({ event: 'rolled-over', epoch: state.currentEpoch });
    return becomeLooking(state);
  }
  if (state.phase === 'discovery' && state.now >= state.discoveryDeadline) return becomeLooking(state);
  maybeGiveUpTransfer(state);
  if (state.now < state.quorumDeadline) return;
  state.quorumDeadline = state.now + state.options.electionTimeoutMs / 2;
  if (state.phase !== 'discovery') checkQuorum(state);
  if (state.phase === 'broadcast') maybeBeginNewEpoch(state);
}

/**
 * Z-14: a member that accepted a later epoch from a prospective leader that failed is out until there is a later one still. ZooKeeper
 * leaves that to the next election, whenever it comes, and the group bears one fault less until then. We bring it about once the member
 * has waited for a while; the others go on meanwhile.
 */
function maybeBeginNewEpoch(state: ZabState): void {
  const { strandedSince, now, options, transferTarget } = state;
  if (strandedSince === 0 || transferTarget !== 0 || now - strandedSince < strandedTimeouts * options.electionTimeoutMs) return;
  if (state.tracing) state.out.trace.push({ event: 'stranded', epoch: state.strandedEpoch });
  becomeLooking(state);
}

const strandedTimeouts = 3;

/**
 * Z13: a leader without a quorum of synchronised followers stops. So does one whose disk hangs: it commits nothing, while its pings
 * would keep it in office for ever.
 */
export function checkQuorum(state: ZabState): void {
  const { self, peerById, peers, options, now, phase } = state;
  const reached = isQuorum(state.quorum, (id) => {
    if (id === self) return true;
    const peer = peerById.get(id);
    if (peer === undefined || peer.link === 0 || now - peer.heardAt > options.electionTimeoutMs) return false;
    return peer.stage === 'synced' || (phase === 'synchronization' && peer.stage !== 'none');
  });
  const hangs = peers.length > 0 && diskHangs(state);
  if (reached && !hangs) return;
  if (state.tracing) state.out.trace.push({ event: reached ? 'disk-hangs' : 'quorum-lost', epoch: state.currentEpoch });
  becomeLooking(state);
}

function maybeGiveUpTransfer(state: ZabState): void {
  if (state.transferTarget === 0 || state.now < state.transferDeadline) return;
  state.transferTarget = 0;
  state.designated = false;
  if (state.tracing) state.out.trace.push({ event: 'transfer-given-up' });
}

/** Pings to everybody in a relation: at their deadline, and at once where a round of reads begins. They share one message. */
export function sendPings(state: ZabState, roundBegan: boolean): void {
  const regular = state.now >= state.heartbeatDeadline;
  if (!regular && !roundBegan) return;
  if (regular) state.heartbeatDeadline = state.now + state.options.heartbeatMs;
  let shared: PendingSend | undefined;
  for (const peer of state.peers) {
    if (peer.link === 0 || peer.stage === 'none') continue;
    if (shared === undefined) {
      const message = { kind: 'ping', epoch: state.newEpoch, readRound: state.reads.round } as const;
      shared = { links: [peer.link], lane: 'control', gate: 0, message, entries: noEntries };
      queueSend(state.out, shared);
    } else shared.links.push(peer.link);
  }
}
