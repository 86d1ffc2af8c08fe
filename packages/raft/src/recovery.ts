import { at, decodeConfig, lastOf, noEpoch, payloadOf, sliceEntries } from '@quorate/interface';
import type { Config, CoreSetup, Index, Recovered, RoleChange } from '@quorate/interface';
import { majorities } from '@quorate/quorum';
import { resetElectionTimer } from './election.ts';
import { appendBatch, appendTerms, createLog, termAt } from './log.ts';
import type { RaftLog } from './log.ts';
import { deriveMembership } from './membership.ts';
import type { RaftOptions } from './options.ts';
import { createReadState } from './reads.ts';
import { halt } from './state.ts';
import type { RaftState } from './state.ts';
import { decodeHardState } from './term.ts';
import type { HardState } from './term.ts';

interface Believed {
  readonly hardState: HardState;
  readonly log: RaftLog;
  readonly commitIndex: Index;
  readonly configs: { readonly index: Index; readonly config: Config }[];
}

/**
 * The state of a member at its start. Where the disk cannot be believed, the member is halted from the first moment: it neither votes
 * nor answers, and every drain reports why. Withholding only some votes would be safe too, but that is not known here yet.
 */
export function recoverState(setup: CoreSetup, options: RaftOptions): RaftState {
  const believed = believe(setup.recovered, setup.genesis);
  const sound = typeof believed === 'string' ? believe({ ...setup.recovered, ...nothing }, setup.genesis) : believed;
  if (typeof sound === 'string') throw new TypeError(sound); // Not reached: nothing is always believed.
  const state = createState(setup, options, sound);
  if (typeof believed === 'string') halt(state, believed);
  deriveMembership(state, at(sound.configs, sound.configs.length - 1).config);
  resetElectionTimer(state);
  // Nobody else can lead, so nobody is waited for.
  if (state.isVoter && state.quorum.halves.every(({ voters }) => voters.length === 1)) state.electionDeadline = setup.now;
  const newest = at(sound.configs, sound.configs.length - 1);
  if (newest.config.id !== 0) state.out.configs.push({ stage: 'active', config: newest.config, index: newest.index });
  return state;
}

const nothing = { hardState: undefined, snapshot: undefined, commit: 0, runs: [], tail: [], configs: [], damaged: [] };

function believe(recovered: Recovered, genesis: Config): Believed | string {
  const { snapshot, damaged } = recovered;
  if (damaged.length > 0) {
    const ranges = damaged.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
    return `E_DATA_DAMAGED: the journal cannot read entries ${ranges} that this member may have acknowledged. Replace this member, or restore its disk.`;
  }
  const hardState = recovered.hardState === undefined ? { currentTerm: 0, votedFor: 0 } : decodeHardState(recovered.hardState);
  if (hardState === undefined) return damage('the hard state is malformed, or of a newer version');
  const commitIndex = Math.max(recovered.commit, snapshot?.index ?? 0);
  const log = rebuildLog(recovered, commitIndex);
  if (typeof log === 'string') return damage(log);
  if (log.lastTerm > hardState.currentTerm)
    return damage(`the log has term ${log.lastTerm}, above the current ${hardState.currentTerm}`);
  const configs = readConfigs(recovered, genesis, log.lastIndex);
  return configs === undefined ? damage('a configuration entry cannot be read') : { hardState, log, commitIndex, configs };
}

function damage(text: string): string {
  return `E_DATA_DAMAGED: the journal contradicts itself: ${text}. Replace this member, or restore its disk.`;
}

function rebuildLog(recovered: Recovered, commitIndex: Index): RaftLog | string {
  const log = placeBase(recovered);
  if (typeof log === 'string') return log;
  let next = log.baseIndex + 1;
  let newest = log.baseTerm;
  for (const { from, to, epoch } of recovered.runs) {
    if (to < next) continue;
    if (Math.max(from, log.baseIndex + 1) !== next) return `a hole before entry ${from}`;
    if (epoch.owner !== 0 || epoch.round < newest) return `the term of entry ${from} falls`;
    if (log.lastIndex < commitIndex) appendTerms(log, Math.min(to, commitIndex), epoch.round);
    next = to + 1;
    newest = epoch.round;
  }
  if (log.lastIndex < commitIndex) return `entries up to ${commitIndex} were committed, the log ends at ${log.lastIndex}`;
  const { snapshot } = recovered;
  if (snapshot !== undefined && termAt(log, snapshot.index) !== snapshot.epoch.round && snapshot.index >= log.baseIndex)
    return `entry ${snapshot.index} has another term than the snapshot there`;
  return appendTail(log, recovered, commitIndex);
}

// The entry before the first one must have a known term. Where the journal was compacted below the snapshot, the first entry left becomes it.
function placeBase({ runs, snapshot }: Recovered): RaftLog | string {
  const index = snapshot?.index ?? 0;
  const term = (snapshot?.epoch ?? noEpoch).round;
  const first = runs[0];
  if (first === undefined || at(runs, runs.length - 1).to < index) return createLog(index, term);
  if (first.from === index + 1) return createLog(index, term);
  if (first.from > index + 1) return `a hole before entry ${first.from}`;
  return first.from <= 1 ? createLog(0, 0) : createLog(first.from, first.epoch.round);
}

function appendTail(log: RaftLog, { tail, runs }: Recovered, commitIndex: Index): RaftLog | string {
  for (const batch of tail) {
    if (batch.count === 0 || lastOf(batch) <= commitIndex) continue;
    const fresh = batch.first <= commitIndex ? sliceEntries(batch, commitIndex + 1, lastOf(batch)) : batch;
    if (fresh.first !== log.lastIndex + 1) return `the payload of entry ${log.lastIndex + 1} is missing`;
    if (fresh.epoch.round < log.lastTerm) return `the term of entry ${fresh.first} falls`;
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

function createState(setup: CoreSetup, options: RaftOptions, { hardState, log, commitIndex, configs }: Believed): RaftState {
  const { self, incarnation, limits, random, tracing, now, recovered } = setup;
  const never = Number.POSITIVE_INFINITY;
  return {
    self,
    incarnation,
    options,
    limits,
    random,
    tracing,
    currentTerm: hardState.currentTerm,
    votedFor: hardState.votedFor,
    log,
    snapshot: recovered.snapshot,
    writeNumber: 0,
    persisted: 0,
    durableIndex: log.lastIndex,
    writesUnderWay: [],
    hardStateWrite: 0,
    hardStateChanged: false,
    unwritten: { entries: [], truncateFrom: undefined, snapshotMark: undefined, compactBelow: undefined },
    role: 'follower',
    leader: 0,
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
    electionDeadline: never,
    leaderContactAt: Number.NEGATIVE_INFINITY,
    announcedDeadline: never,
    lateForgiven: false,
    receiving: undefined,
    replaced: [],
    ackOwed: false,
    ackIndex: 0,
    tally: undefined,
    transferCampaign: false,
    termStart: 0,
    heartbeatDeadline: never,
    checkQuorumDeadline: never,
    commitChecked: true,
    transferTarget: 0,
    transferDeadline: never,
    timeoutNowSent: false,
    lastFetch: 0,
    reads: createReadState(),
    suspectedAt: 0,
    electedAt: 0,
    lastRole: neverTold,
    lastCommit: { index: 0, gate: 0 },
    out: emptyOutbox(),
    counters: { elections: 0, malformed: 0, damagedReads: 0, refusedReconfigurations: 0, lateWakes: 0 },
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

function emptyOutbox(): RaftState['out'] {
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
