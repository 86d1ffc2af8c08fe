import { at, decodeConfig, lastOf, payloadOf, sliceEntries } from '@quorate/interface';
import type { Config, CoreSetup, Index, Recovered, RoleChange } from '@quorate/interface';
import { majorities } from '@quorate/quorum';
import { createElectionState, startElection } from './election.ts';
import { createFollowerState } from './follower.ts';
import { appendBatch, appendEpochs, createLog, epochAt } from './log.ts';
import type { ZabLog } from './log.ts';
import { deriveMembership } from './membership.ts';
import type { ZabOptions } from './options.ts';
import { createReadState } from './reads.ts';
import { governing, halt } from './state.ts';
import type { ZabState } from './state.ts';
import { decodeEpochStarts, decodeHardState } from './zxid.ts';
import type { EpochStart, HardState } from './zxid.ts';

interface Believed {
  readonly hardState: HardState;
  readonly log: ZabLog;
  readonly commitIndex: Index;
  readonly configs: { readonly index: Index; readonly config: Config }[];
}

/**
 * The state of a member at its start: LOOKING, with its whole history logged, and of that only what it knew committed delivered; the
 * tail waits for UPTODATE. Where the disk cannot be believed, the member is halted from the first moment: it neither votes nor answers,
 * and every drain reports why.
 */
export function recoverState(setup: CoreSetup, options: ZabOptions): ZabState {
  const believed = believe(setup.recovered, setup.genesis);
  const sound = typeof believed === 'string' ? believe({ ...setup.recovered, ...nothing }, setup.genesis) : believed;
  if (typeof sound === 'string') throw new TypeError(sound); // Not reached: nothing is always believed.
  const state = createState(setup, options, sound);
  if (typeof believed === 'string') halt(state, believed);
  deriveMembership(state, governing(state));
  if (state.halted === undefined) startElection(state);
  const newest = sound.configs.findLast(({ index }) => index <= state.commitIndex);
  if (newest !== undefined && newest.config.id !== 0)
    state.out.configs.push({ stage: 'active', config: newest.config, index: newest.index });
  return state;
}

const nothing = { hardState: undefined, snapshot: undefined, commit: 0, runs: [], tail: [], configs: [], damaged: [] };

function believe(recovered: Recovered, genesis: Config): Believed | string {
  const { snapshot, damaged } = recovered;
  if (damaged.length > 0) {
    const ranges = damaged.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
    return `E_DATA_DAMAGED: the journal cannot read entries ${ranges} that this member may have acknowledged. Replace this member, or restore its disk.`;
  }
  const hardState =
    recovered.hardState === undefined ? { acceptedEpoch: 0, currentEpoch: 0 } : decodeHardState(recovered.hardState);
  if (hardState === undefined) return damage('the hard state is malformed, or of a newer version');
  const { acceptedEpoch, currentEpoch } = hardState;
  const commitIndex = Math.max(recovered.commit, snapshot?.index ?? 0);
  const log = rebuildLog(recovered, commitIndex);
  if (typeof log === 'string') return damage(log);
  // Only these two are impossible. A last txn above `currentEpoch` is what a synchronisation leaves that was interrupted (Z-2).
  if (acceptedEpoch < currentEpoch) return damage(`the accepted epoch ${acceptedEpoch} is below the current ${currentEpoch}`);
  if (acceptedEpoch < log.lastEpoch) return damage(`the log has epoch ${log.lastEpoch}, above the accepted ${acceptedEpoch}`);
  const configs = readConfigs(recovered, genesis, log.lastIndex);
  return configs === undefined ? damage('a configuration entry cannot be read') : { hardState, log, commitIndex, configs };
}

function damage(text: string): string {
  return `E_DATA_DAMAGED: the journal contradicts itself: ${text}. Replace this member, or restore its disk.`;
}

function rebuildLog(recovered: Recovered, commitIndex: Index): ZabLog | string {
  const log = placeBase(recovered);
  if (typeof log === 'string') return log;
  let next = log.baseIndex + 1;
  let newest = log.lastEpoch;
  for (const { from, to, epoch } of recovered.runs) {
    if (to < next) continue;
    if (Math.max(from, log.baseIndex + 1) !== next) return `a hole before entry ${from}`;
    if (epoch.owner !== 0 || epoch.round < newest) return `the epoch of entry ${from} falls`;
    if (log.lastIndex < commitIndex) appendEpochs(log, Math.min(to, commitIndex), epoch.round);
    next = to + 1;
    newest = epoch.round;
  }
  if (log.lastIndex < commitIndex) return `entries up to ${commitIndex} were committed, the log ends at ${log.lastIndex}`;
  const { snapshot } = recovered;
  if (snapshot !== undefined && snapshot.index >= log.baseIndex && epochAt(log, snapshot.index) !== snapshot.epoch.round)
    return `entry ${snapshot.index} has another epoch than the snapshot there`;
  return appendTail(log, recovered, commitIndex);
}

// The entry before the first one must have a known zxid. Where the journal was compacted below the snapshot, the first entry left
// becomes it; the table in the snapshot's mark knows where its epoch began.
function placeBase({ runs, snapshot }: Recovered): ZabLog | string {
  const index = snapshot?.index ?? 0;
  const starts = snapshot === undefined ? [] : decodeEpochStarts(snapshot.core);
  if (starts === undefined) return 'the table of epochs in the snapshot mark is malformed';
  const first = runs[0];
  if (first === undefined || at(runs, runs.length - 1).to < index || first.from === index + 1) return createLog(index, starts);
  if (first.from > index + 1) return `a hole before entry ${first.from}`;
  if (first.from <= 1) return createLog(0, []);
  const base = startsUpTo(starts, first.from);
  return base.at(-1)?.epoch === first.epoch.round
    ? createLog(first.from, base)
    : `the table of epochs in the snapshot mark does not know entry ${first.from}`;
}

function startsUpTo(starts: readonly EpochStart[], index: Index): EpochStart[] {
  const known = starts.filter(({ first }) => first <= index);
  return known.slice(-1);
}

function appendTail(log: ZabLog, { tail, runs }: Recovered, commitIndex: Index): ZabLog | string {
  for (const batch of tail) {
    if (batch.count === 0 || lastOf(batch) <= commitIndex) continue;
    const fresh = batch.first <= commitIndex ? sliceEntries(batch, commitIndex + 1, lastOf(batch)) : batch;
    if (fresh.first !== log.lastIndex + 1) return `the payload of entry ${log.lastIndex + 1} is missing`;
    if (fresh.epoch.round < log.lastEpoch) return `the epoch of entry ${fresh.first} falls`;
    appendBatch(log, fresh);
  }
  const last = runs.length === 0 ? 0 : at(runs, runs.length - 1).to;
  return last > log.lastIndex ? `the payload of entry ${log.lastIndex + 1} is missing` : log;
}

function readConfigs({ snapshot, configs }: Recovered, genesis: Config, last: Index): Believed['configs'] | undefined {
  const result = [{ index: snapshot?.index ?? 0, config: snapshot?.configs.at(-1) ?? genesis }];
  for (const batch of configs) {
    for (let index = batch.first; index <= lastOf(batch); index++) {
      const config = decodeConfig(payloadOf(batch, index));
      if (config === undefined) return undefined;
      if (index > at(result, result.length - 1).index && index <= last) result.push({ index, config });
    }
  }
  return result;
}

function createState(setup: CoreSetup, options: ZabOptions, { hardState, log, commitIndex, configs }: Believed): ZabState {
  const { self, incarnation, limits, random, tracing, now, recovered } = setup;
  const never = Number.POSITIVE_INFINITY;
  return {
    self,
    incarnation,
    options,
    limits,
    random,
    tracing,
    acceptedEpoch: hardState.acceptedEpoch,
    currentEpoch: hardState.currentEpoch,
    log,
    snapshot: recovered.snapshot,
    writeNumber: 0,
    persisted: 0,
    durableIndex: log.lastIndex,
    writesUnderWay: [],
    hardStateWrite: 0,
    hardStateChanged: false,
    unwritten: { entries: [], truncateFrom: undefined, snapshotMark: undefined, compactBelow: undefined },
    role: 'looking',
    phase: 'election',
    commitIndex,
    commitOffset: 0,
    appliedIndex: recovered.snapshot?.index ?? 0,
    configs,
    configsTold: commitIndex,
    quorum: majorities([]),
    isVoter: false,
    links: new Map(),
    peers: [],
    peerById: new Map(),
    now,
    announcedDeadline: never,
    lateForgiven: false,
    replaced: [],
    election: createElectionState(),
    follower: createFollowerState(),
    newEpoch: 0,
    strandedEpoch: 0,
    strandedSince: 0,
    discoveryDeadline: never,
    initialLast: 0,
    heartbeatDeadline: never,
    quorumDeadline: never,
    commitChecked: true,
    rollsOver: false,
    transferTarget: 0,
    transferDeadline: never,
    designated: false,
    damagedTo: 0,
    lastFetch: 0,
    reads: createReadState(),
    suspectedAt: 0,
    electedAt: 0,
    readyAt: 0,
    lastRole: neverTold,
    lastCommit: { index: 0, gate: 0 },
    out: emptyOutbox(),
    counters: { elections: 0, malformed: 0, illegal: 0, gaps: 0, damagedReads: 0, refusedReconfigurations: 0, lateWakes: 0 },
    halted: undefined,
  };
}

// Differs from every role, so that the first drain tells the first one.
const neverTold: RoleChange = {
  role: 'follower',
  epoch: { round: -1, owner: 0 },
  leader: undefined,
  ready: false,
  settled: false,
  suspectedAt: 0,
  electedAt: 0,
  readyAt: 0,
};

function emptyOutbox(): ZabState['out'] {
  return {
    sends: [],
    closes: [],
    fetches: [],
    appended: [],
    rejected: [],
    reads: [],
    snapshots: [],
    configs: [],
    trace: [],
    moreToSend: false,
  };
}
