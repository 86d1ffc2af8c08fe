import type { CoreStatus } from '@quorate/interface';
import { currentRole } from './effects.ts';
import { firstCached } from './log.ts';
import { governing } from './state.ts';
import type { RaftState } from './state.ts';

/** What operators and tests may know; `detail` is Raft's own. */
export function readStatus(state: RaftState): CoreStatus {
  return {
    role: currentRole(state),
    commit: state.commitIndex,
    applied: state.appliedIndex,
    first: state.log.baseIndex + 1,
    last: state.log.lastIndex,
    config: governing(state),
    detail: {
      term: state.currentTerm,
      votedFor: state.votedFor,
      preCandidate: state.role === 'pre-candidate',
      durable: state.durableIndex,
      firstCached: firstCached(state.log),
      uncommittedBytes: state.log.endOffset - state.commitOffset,
      jointPhase: governing(state).next === undefined ? 'none' : 'joint',
      transferTarget: state.transferTarget,
      snapshotIndex: state.snapshot?.index ?? 0,
      receivingSnapshot: state.receiving?.meta.id ?? '',
      readsWaiting: state.reads.waiting.length,
      readRounds: state.reads.rounds.length,
      readsForwarded: state.reads.forwards.length,
      halted: state.halted ?? '',
      counters: { ...state.counters },
      peers: state.peers.map((peer) => ({
        id: peer.id,
        linked: peer.link !== 0,
        mode: peer.mode,
        match: peer.match,
        next: peer.next,
        inflightMessages: peer.inflight.count,
        inflightBytes: peer.inflight.bytes,
        snapshotIndex: peer.offered?.index ?? 0,
        damagedAt: peer.damagedAt,
        heardAt: peer.heardAt,
      })),
    },
  };
}
