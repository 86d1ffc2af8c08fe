import {
  at,
  compareEpochs,
  crc32,
  decodeConfig,
  encodeConfig,
  invariant,
  lastOf,
  packPayloads,
  payloadOf,
  placeEntries,
} from '@quorate/interface';
import type { Config, EntryBatch, Index, MemberId } from '@quorate/interface';
import { isVoter, majorities } from '@quorate/quorum';
import { appendEntries } from './durability.ts';
import { resetElectionTimer } from './election.ts';
import { createPeer, resetPeer } from './progress.ts';
import { governing } from './state.ts';
import type { RaftState } from './state.ts';

/** Takes the configuration entries of a batch that was just appended: effective at once (thesis §4.1). */
export function noteConfigs(state: RaftState, batch: EntryBatch): void {
  if (batch.kind !== 'config') return;
  for (let index = batch.first; index <= lastOf(batch); index++) {
    const config = decodeConfig(payloadOf(batch, index));
    invariant(config !== undefined, 'configurations are checked before they are appended');
    state.configs.push({ index, config });
  }
  adoptConfig(state);
}

/** The log was cut: the configuration before the cut is in force again (thesis §4.1). */
export function revertConfigs(state: RaftState, from: Index): void {
  const { configs } = state;
  if (at(configs, configs.length - 1).index < from) return;
  while (configs.length > 1 && at(configs, configs.length - 1).index >= from) configs.pop();
  adoptConfig(state);
}

/** A snapshot became the base: it names the configuration there; entries above it, if the log kept them, still govern. */
export function rebaseConfigs(state: RaftState, index: Index, config: Config): void {
  const above = state.configs.filter((entry) => entry.index > index && entry.index <= state.log.lastIndex);
  state.configs.splice(0, state.configs.length, { index, config }, ...above);
  state.configsTold = Math.max(state.configsTold, index);
  state.out.configs.push({ stage: 'committed', config, index });
  adoptConfig(state);
}

/** Drops configurations that nothing above `index` needs: the newest at or below it stays. */
export function compactConfigs(state: RaftState, index: Index): void {
  const { configs } = state;
  while (configs.length > 1 && at(configs, 1).index <= index) configs.shift();
}

/** The configuration that governs the entry after `index`: what a snapshot there must name. */
export function configAt(configs: RaftState['configs'], index: Index): Config {
  const entry = configs.findLast((known) => known.index <= index) ?? at(configs, 0);
  return entry.config;
}

/** Derives quorums and peers from the configuration in force. */
export function adoptConfig(state: RaftState): void {
  const newest = at(state.configs, state.configs.length - 1);
  const voted = state.isVoter;
  deriveMembership(state, newest.config);
  // Who was just made a voter may be the only one that can lead: the leader may fall silent right after this entry.
  if (state.isVoter !== voted && state.role !== 'leader') resetElectionTimer(state);
  state.out.configs.push({ stage: 'active', config: newest.config, index: newest.index });
  state.commitChecked = false;
}

/** Quorums with both halves of a joint configuration, the peers, and whether this member votes. */
export function deriveMembership(state: RaftState, config: Config): void {
  state.quorum = majorities(config.voters, config.next?.voters);
  state.isVoter = isVoter(state.quorum, state.self);
  const ids = [...config.voters, ...config.learners, ...(config.next?.voters ?? []), ...(config.next?.learners ?? [])];
  const others = [...new Set(ids)].filter((id) => id !== state.self).sort((a, b) => a - b);
  state.peers = others.map((id) => state.peerById.get(id) ?? newPeer(state, id));
  state.peerById.clear();
  for (const peer of state.peers) state.peerById.set(peer.id, peer);
}

function newPeer(state: RaftState, id: MemberId): ReturnType<typeof createPeer> {
  const peer = createPeer(id, state.links.get(id) ?? 0, state.limits.windowMessages);
  resetPeer(peer, state.log.lastIndex);
  peer.heardAt = state.now;
  return peer;
}

/**
 * The log shall be the truth about who votes: while the genesis governs, the leader writes the same members down as configuration 1,
 * once an entry of its own term is committed (the 2015 rule of raft-dev, R-1).
 */
export function maybeRecordGenesis(state: RaftState): void {
  const config = governing(state);
  if (config.id !== 0 || state.commitIndex < state.termStart || state.transferTarget !== 0) return;
  const payloads = packPayloads([encodeConfig({ ...config, id: 1 })], (bytes) => crc32(bytes, 0));
  const epoch = { round: state.currentTerm, owner: 0 };
  const batch = placeEntries(payloads, state.log.lastIndex + 1, epoch, 'config');
  invariant(compareEpochs(epoch, { round: state.log.lastTerm, owner: 0 }) >= 0, 'terms never fall along the log');
  appendEntries(state, batch);
  state.out.configs.push({ stage: 'proposed', config: { ...config, id: 1 }, index: batch.first });
  noteConfigs(state, batch);
}

/** Tells which configurations became committed since the last turn. */
export function tellCommittedConfigs(state: RaftState): void {
  const { configs, commitIndex } = state;
  if (at(configs, configs.length - 1).index > state.configsTold)
    for (const { index, config } of configs)
      if (index > state.configsTold && index <= commitIndex) state.out.configs.push({ stage: 'committed', config, index });
  state.configsTold = Math.max(state.configsTold, commitIndex);
}
