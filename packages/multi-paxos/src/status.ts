import type { CoreStatus } from '@quorate/interface';
import { currentRole } from './effects.ts';
import { isInContact } from './heartbeats.ts';
import { governing } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** What operators and tests may know; `detail` is Multi-Paxos' own. */
export function readStatus(state: MultiPaxosState): CoreStatus {
  const { log, phase, nextSlot, commitIndex } = state;
  const steady = phase === 'steady';
  return {
    role: currentRole(state),
    commit: commitIndex,
    applied: state.appliedIndex,
    first: log.base + 1,
    last: log.last,
    config: governing(state),
    detail: {
      phase,
      promised: state.promised,
      ballot: state.ballot,
      chosenUpTo: commitIndex,
      knownChosen: state.catchUp.known,
      openHoles: openHoles(state),
      inFlight: steady && commitIndex < nextSlot - 1 ? { from: commitIndex + 1, to: nextSlot - 1 } : undefined,
      firstSlot: steady ? state.firstSlot : 0,
      settledSlot: steady ? state.settledSlot : 0,
      q1: state.q1.halves[0]?.size ?? 0,
      q2: state.q2.halves[0]?.size ?? 0,
      inContact: steady && isInContact(state),
      trimmedBelow: log.base + 1,
      firstCached: log.cachedFrom,
      uncommittedBytes: state.openBytes,
      attempts: state.attempts,
      transferTarget: state.transfer.target,
      snapshotIndex: state.snapshot?.index ?? 0,
      receivingSnapshot: state.receiving?.meta.id ?? '',
      readsWaiting: state.reads.waiting.length,
      readRounds: state.reads.rounds.length,
      readsForwarded: state.reads.forwards.length,
      quorumReads: state.quorumReads.rounds.length,
      halted: state.halted ?? '',
      counters: { ...state.counters },
      peers: state.peers.map((peer) => ({
        id: peer.id,
        linked: peer.link !== 0,
        voter: peer.isVoter,
        mode: peer.mode,
        next: peer.next,
        inflightMessages: peer.inflight.count,
        inflightBytes: peer.inflight.bytes,
        learnedUpTo: peer.learnedUpTo,
        heardAt: peer.heardAt,
      })),
    },
  };
}

/** Slots without a vote between the contiguous chosen ones and the highest vote, as ranges. */
function openHoles({ log, commitIndex }: MultiPaxosState): { readonly from: number; readonly to: number }[] {
  const holes: { from: number; to: number }[] = [];
  let next = commitIndex + 1;
  for (const run of log.runs) {
    if (run.to < next) continue;
    if (run.from > next) holes.push({ from: next, to: run.from - 1 });
    next = run.to + 1;
  }
  return holes;
}
