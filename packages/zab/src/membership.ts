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
import type { Config, EntryBatch, Index, MemberId } from '@quorate/interface';
import { isVoter, majorities } from '@quorate/quorum';
import { appendEntries } from './durability.ts';
import { createPeer } from './progress.ts';
import type { ZabState } from './state.ts';

/** Takes the configurations of a batch that was just appended. They wait for their commit (ATC'12: activation). */
export function noteConfigs(state: ZabState, batch: EntryBatch): void {
  if (batch.kind !== 'config') return;
  for (let index = batch.first; index <= lastOf(batch); index++) {
    const config = decodeConfig(payloadOf(batch, index));
    invariant(config !== undefined, 'configurations are checked before they are appended');
    state.configs.push({ index, config });
  }
}

/** The history was cut: what was proposed behind the cut is void. */
export function revertConfigs(state: ZabState, from: Index): void {
  const { configs } = state;
  while (configs.length > 1 && at(configs, configs.length - 1).index >= from) configs.pop();
}

/** A snapshot became the base: it names the configuration there; txns above it, if the log kept them, follow. */
export function rebaseConfigs(state: ZabState, index: Index, config: Config): void {
  const above = state.configs.filter((entry) => entry.index > index && entry.index <= state.log.lastIndex);
  state.configs.splice(0, state.configs.length, { index, config }, ...above);
  state.configsTold = Math.max(state.configsTold, index);
  state.out.configs.push({ stage: 'committed', config, index });
  activate(state, index, config);
}

/** Drops configurations that nothing above `index` needs: the newest at or below it stays. */
export function compactConfigs(state: ZabState, index: Index): void {
  const { configs } = state;
  while (configs.length > 1 && at(configs, 1).index <= index) configs.shift();
}

/** The configuration that governs the entry after `index`: what a snapshot there must name. */
export function configAt(configs: ZabState['configs'], index: Index): Config {
  const entry = configs.findLast((known) => known.index <= index) ?? at(configs, 0);
  return entry.config;
}

function activate(state: ZabState, index: Index, config: Config): void {
  deriveMembership(state, config);
  state.out.configs.push({ stage: 'active', config, index });
  state.commitChecked = false;
}

/** Quorums with both halves of a joint configuration, the peers, and whether this member votes. */
export function deriveMembership(state: ZabState, config: Config): void {
  state.quorum = majorities(config.voters, config.next?.voters);
  state.isVoter = isVoter(state.quorum, state.self);
  const ids = [...config.voters, ...config.learners, ...(config.next?.voters ?? []), ...(config.next?.learners ?? [])];
  const others = [...new Set(ids)].filter((id) => id !== state.self).sort((a, b) => a - b);
  state.peers = others.map((id) => state.peerById.get(id) ?? newPeer(state, id));
  state.peerById.clear();
  for (const peer of state.peers) {
    state.peerById.set(peer.id, peer);
    peer.isVoter = isVoter(state.quorum, peer.id);
  }
}

function newPeer(state: ZabState, id: MemberId): ReturnType<typeof createPeer> {
  const peer = createPeer(id, state.links.get(id) ?? 0, state.limits.windowMessages);
  peer.heardAt = state.now;
  return peer;
}

/**
 * The history shall be the truth about who votes: while the genesis governs, a ready leader writes the same members down as
 * configuration 1, a txn like any other.
 */
export function maybeRecordGenesis(state: ZabState): void {
  const newest = at(state.configs, state.configs.length - 1).config;
  if (newest.id !== 0 || state.phase !== 'broadcast' || state.transferTarget !== 0) return;
  const payloads = packPayloads([encodeConfig({ ...newest, id: 1 })], (bytes) => crc32(bytes, 0));
  const batch = placeEntries(payloads, state.log.lastIndex + 1, { round: state.currentEpoch, owner: 0 }, 'config');
  appendEntries(state, batch);
  state.out.configs.push({ stage: 'proposed', config: { ...newest, id: 1 }, index: batch.first });
  noteConfigs(state, batch);
}

/** Configurations that became committed since the last turn are active from now on. */
export function activateConfigs(state: ZabState): void {
  const { configs, commitIndex } = state;
  if (at(configs, configs.length - 1).index > state.configsTold)
    for (const { index, config } of configs)
      if (index > state.configsTold && index <= commitIndex) {
        state.out.configs.push({ stage: 'committed', config, index });
        activate(state, index, config);
      }
  state.configsTold = Math.max(state.configsTold, commitIndex);
}
