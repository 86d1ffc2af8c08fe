import {
  at,
  crc32,
  decodeConfig,
  encodeConfig,
  invariant,
  lastOf,
  packPayloads,
  payloadOf,
  placeEntries,
} from '@quorate/interface';
import type { Config, EntryBatch, Index } from '@quorate/interface';
import { isVoter, quorumsOfSize } from '@quorate/quorum';
import { resetElectionTimer } from './election.ts';
import { cachedBatch } from './log.ts';
import { quorumSizes } from './options.ts';
import { createPeer, resetPeer } from './progress.ts';
import { proposeOwn } from './proposing.ts';
import { isSettled } from './reads.ts';
import { governing } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** Remembers where configurations were voted on: whether one is in force is known when its slot is chosen. */
export function noteConfigSlots(state: MultiPaxosState, batch: EntryBatch): void {
  if (batch.kind !== 'config') return;
  for (let slot = batch.first; slot <= lastOf(batch); slot++) if (!state.configSlots.includes(slot)) state.configSlots.push(slot);
}

/** The commit index rose: configurations up to it are in force. */
export function adoptConfigs(state: MultiPaxosState): void {
  if (state.configSlots.length === 0) return;
  const reached = state.configSlots.filter((slot) => slot <= state.commitIndex).sort((a, b) => a - b);
  if (reached.length === 0) return;
  state.configSlots = state.configSlots.filter((slot) => slot > state.commitIndex);
  for (const slot of reached) {
    const batch = cachedBatch(state.log, slot);
    // The slot may be in a snapshot by now, or something else was chosen there.
    if (batch?.kind !== 'config') continue;
    const config = decodeConfig(payloadOf(batch, slot));
    invariant(config !== undefined, 'configurations are checked before they are voted on');
    state.configs.push({ index: slot, config });
    state.out.configs.push({ stage: 'committed', config, index: slot });
    adoptConfig(state);
  }
}

/** A snapshot became the base: it names the configuration there; those chosen above it still govern. */
export function rebaseConfigs(state: MultiPaxosState, index: Index, config: Config): void {
  const above = state.configs.filter((entry) => entry.index > index);
  state.configs.splice(0, state.configs.length, { index, config }, ...above);
  state.out.configs.push({ stage: 'committed', config, index });
  adoptConfig(state);
}

/** Drops configurations that nothing above `index` needs: the newest at or below it stays. */
export function compactConfigs(state: MultiPaxosState, index: Index): void {
  const { configs } = state;
  while (configs.length > 1 && at(configs, 1).index <= index) configs.shift();
}

/** The configuration that governs the slot after `index`: what a snapshot there must name. */
export function configAt(configs: MultiPaxosState['configs'], index: Index): Config {
  const entry = configs.findLast((known) => known.index <= index) ?? at(configs, 0);
  return entry.config;
}

function adoptConfig(state: MultiPaxosState): void {
  const newest = at(state.configs, state.configs.length - 1);
  const voted = state.isVoter;
  deriveMembership(state, newest.config);
  if (state.isVoter !== voted && state.phase !== 'steady') resetElectionTimer(state);
  state.out.configs.push({ stage: 'active', config: newest.config, index: newest.index });
  state.choiceChecked = false;
}

/** Phase-1 and phase-2 quorums, the peers, and whether this member votes. */
export function deriveMembership(state: MultiPaxosState, config: Config): void {
  const { voters, learners } = config;
  state.isGenesis = config.id === 0;
  const { q1, q2 } = quorumSizes(state.options, voters.length);
  state.q1 = quorumsOfSize(voters, q1);
  state.q2 = quorumsOfSize(voters, q2);
  state.isVoter = isVoter(state.q1, state.self);
  const others = [...new Set([...voters, ...learners])].filter((id) => id !== state.self).sort((a, b) => a - b);
  state.peers = others.map((id) => state.peerById.get(id) ?? newPeer(state, id));
  state.peerById.clear();
  for (const peer of state.peers) {
    peer.isVoter = isVoter(state.q1, peer.id);
    state.peerById.set(peer.id, peer);
  }
}

function newPeer(state: MultiPaxosState, id: number): ReturnType<typeof createPeer> {
  const peer = createPeer(id, state.links.get(id) ?? 0, state.limits.windowMessages, state.now);
  resetPeer(peer, state.commitIndex + 1);
  return peer;
}

/** The log shall be the truth about who votes: while the genesis governs, a settled leader writes the same members down as configuration 1. */
export function maybeRecordGenesis(state: MultiPaxosState): void {
  if (!state.isGenesis || state.genesisSlot !== 0 || state.transfer.target !== 0 || !isSettled(state)) return;
  const config = governing(state);
  const payloads = packPayloads([encodeConfig({ ...config, id: 1 })], (bytes) => crc32(bytes, 0));
  state.genesisSlot = state.nextSlot;
  state.out.configs.push({ stage: 'proposed', config: { ...config, id: 1 }, index: state.nextSlot });
  proposeOwn(state, placeEntries(payloads, state.nextSlot, state.ballot, 'config'));
}
