import type { CoreStatus } from '@quorate/interface';
import { currentRole } from './effects.ts';
import { firstCached, zxidAt } from './log.ts';
import { governing } from './state.ts';
import type { ZabState } from './state.ts';

/** ZooKeeper's names of what a member does. */
function phaseName({ role, phase }: ZabState): string {
  if (role === 'looking') return 'LOOKING';
  return phase === 'discovery' ? 'DISCOVERY' : phase === 'synchronization' ? 'SYNC' : 'BROADCAST';
}

/** What operators and tests may know; `detail` is ZAB's own. */
export function readStatus(state: ZabState): CoreStatus {
  const { election, follower, log } = state;
  const lastZxid = zxidAt(log, log.lastIndex);
  return {
    role: currentRole(state),
    commit: state.commitIndex,
    applied: state.appliedIndex,
    first: log.baseIndex + 1,
    last: log.lastIndex,
    config: governing(state),
    detail: {
      phase: phaseName(state),
      state: state.role === 'following' && !state.isVoter ? 'observing' : state.role,
      acceptedEpoch: state.acceptedEpoch,
      currentEpoch: state.currentEpoch,
      lastZxid,
      epochs: log.epochs.map((start) => ({ ...start })),
      logicalClock: election.round,
      vote: { leader: election.vote.leader, peerEpoch: election.vote.peerEpoch, ...zxidFields(election.vote.zxid) },
      following: follower.leader,
      followerStage: follower.stage,
      pendingFrom: follower.pendingFrom,
      held: follower.held.length,
      newEpoch: state.newEpoch,
      strandedEpoch: state.strandedEpoch,
      initialLast: state.initialLast,
      durable: state.durableIndex,
      firstCached: firstCached(log),
      uncommittedBytes: log.endOffset - state.commitOffset,
      transferTarget: state.transferTarget,
      snapshotIndex: state.snapshot?.index ?? 0,
      receivingSnapshot: follower.receiving?.id ?? '',
      readsWaiting: state.reads.waiting.length,
      readRounds: state.reads.rounds.length,
      readsForwarded: state.reads.forwards.length,
      halted: state.halted ?? '',
      counters: { ...state.counters },
      peers: state.peers.map((peer) => ({
        id: peer.id,
        linked: peer.link !== 0,
        stage: peer.stage,
        sync: peer.mode,
        syncBytes: peer.syncBytes,
        acked: peer.acked,
        next: peer.next,
        commitSent: peer.commitSent,
        inflightMessages: peer.inflight.count,
        inflightBytes: peer.inflight.bytes,
        snapshotIndex: peer.offered?.index ?? 0,
        damagedAt: peer.damagedAt,
        heardAt: peer.heardAt,
      })),
    },
  };
}

function zxidFields({ epoch, counter }: { readonly epoch: number; readonly counter: number }): object {
  return { zxidEpoch: epoch, zxidCounter: counter };
}
