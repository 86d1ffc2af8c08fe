import { at, compareEpochs, decodeConfig, lastOf, noEpoch, payloadOf, sliceEntries } from '@quorate/interface';
import type { Config, CoreSetup, Index, Recovered, RoleChange } from '@quorate/interface';
import { quorumsOfSize } from '@quorate/quorum';
import { decodePromised } from './ballot.ts';
import type { Ballot } from './ballot.ts';
import { createCatchUp } from './catch-up.ts';
import { resetElectionTimer } from './election.ts';
import { createLog, noteVotes, putVotes } from './log.ts';
import type { SlotLog } from './log.ts';
import { deriveMembership } from './membership.ts';
import type { MultiPaxosOptions } from './options.ts';
import { createQuorumReads } from './quorum-reads.ts';
import { createReadState } from './reads.ts';
import { createRanges } from './slot-ranges.ts';
import { halt } from './state.ts';
import type { MultiPaxosState } from './state.ts';

interface Believed {
  readonly promised: Ballot;
  readonly log: SlotLog;
  readonly commitIndex: Index;
  readonly configs: { readonly index: Index; readonly config: Config }[];
  readonly configSlots: Index[];
}

/**
 * The state of a member at its start. Where the disk cannot be believed, the member is halted from the first moment: it neither promises
 * nor accepts, and every drain reports why. Withholding only some votes would be safe too, but that is not known here yet.
 */
export function recoverState(setup: CoreSetup, options: MultiPaxosOptions): MultiPaxosState {
  const believed = believe(setup.recovered, setup.genesis);
  const sound = typeof believed === 'string' ? believe({ ...setup.recovered, ...nothing }, setup.genesis) : believed;
  if (typeof sound === 'string') throw new TypeError(sound); // Not reached: nothing is always believed.
  const state = createState(setup, options, sound);
  if (typeof believed === 'string') halt(state, believed);
  const newest = at(sound.configs, sound.configs.length - 1);
  deriveMembership(state, newest.config);
  resetElectionTimer(state);
  // Nobody else can lead, so nobody is waited for.
  if (state.isVoter && newest.config.voters.length === 1) state.electionDeadline = setup.now;
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
  const promised = decodePromised(recovered.hardState);
  if (promised === undefined) return damage('the hard state is malformed, or of a newer version');
  const commitIndex = Math.max(recovered.commit, snapshot?.index ?? 0);
  const log = rebuildLog(recovered, commitIndex, promised);
  if (typeof log === 'string') return damage(log);
  const configs = readConfigs(recovered, genesis, commitIndex);
  return configs === undefined ? damage('a configuration entry cannot be read') : { promised, log, commitIndex, ...configs };
}

function damage(text: string): string {
  return `E_DATA_DAMAGED: the journal contradicts itself: ${text}. Replace this member, or restore its disk.`;
}

// Holes are legal above the commit index only.
function rebuildLog(recovered: Recovered, commitIndex: Index, promised: Ballot): SlotLog | string {
  const log = placeBase(recovered);
  for (const { from, to, epoch } of recovered.runs) {
    if (epoch.round === 0 || compareEpochs(epoch, promised) > 0)
      return `slot ${from} has a vote of ballot ${epoch.round}.${epoch.owner}, above the promise ${promised.round}.${promised.owner}`;
    const first = Math.max(from, log.base + 1);
    const last = Math.min(to, commitIndex);
    if (first > last) continue;
    if (first !== log.last + 1) return `a hole before slot ${first}, although everything up to ${commitIndex} was chosen`;
    noteVotes(log, { from: first, to: last, ballot: epoch });
  }
  if (log.last < commitIndex) return `everything up to ${commitIndex} was chosen, the log ends at ${log.last}`;
  return appendTail(log, recovered, commitIndex);
}

// Where the journal was compacted below the snapshot, the first entry left becomes the base: its ballot is known.
function placeBase({ runs, snapshot }: Recovered): SlotLog {
  const index = snapshot?.index ?? 0;
  const first = runs[0];
  if (first === undefined || first.from > index) return createLog(index, snapshot?.epoch ?? noEpoch);
  return first.from <= 1 ? createLog(0, noEpoch) : createLog(first.from, first.epoch);
}

function appendTail(log: SlotLog, { tail, runs }: Recovered, commitIndex: Index): SlotLog | string {
  let held = 0;
  for (const batch of tail) {
    if (batch.count === 0 || lastOf(batch) <= commitIndex) continue;
    const fresh = batch.first <= commitIndex ? sliceEntries(batch, commitIndex + 1, lastOf(batch)) : batch;
    if (fresh.first <= log.last) return `slot ${fresh.first} comes twice`;
    putVotes(log, fresh);
    held += fresh.count;
  }
  let expected = 0;
  for (const { from, to } of runs) if (to > commitIndex) expected += to - Math.max(from, commitIndex + 1) + 1;
  return held === expected ? log : `the payloads of ${expected - held} slots above ${commitIndex} are missing`;
}

function readConfigs(
  { snapshot, configs: batches }: Recovered,
  genesis: Config,
  commitIndex: Index,
): Pick<Believed, 'configs' | 'configSlots'> | undefined {
  const configs = [{ index: snapshot?.index ?? 0, config: snapshot?.configs.at(-1) ?? genesis }];
  const configSlots: Index[] = [];
  for (const batch of batches) {
    for (let index = batch.first; index <= lastOf(batch); index++) {
      const config = decodeConfig(payloadOf(batch, index));
      if (config === undefined) return undefined;
      if (index > commitIndex) configSlots.push(index);
      else if (index > at(configs, configs.length - 1).index) configs.push({ index, config });
    }
  }
  return { configs, configSlots };
}

const never = Number.POSITIVE_INFINITY;
const nobody = quorumsOfSize([], 0);

function createState(setup: CoreSetup, options: MultiPaxosOptions, { promised, log, ...believed }: Believed): MultiPaxosState {
  const { self, incarnation, limits, random, tracing, now, recovered } = setup;
  return {
    self,
    incarnation,
    options,
    limits,
    random,
    tracing,
    promised,
    log,
    snapshot: recovered.snapshot,
    writeNumber: 0,
    persisted: 0,
    writesUnderWay: [],
    promiseWrite: 0,
    promiseChanged: false,
    unwritten: { entries: [], snapshotMark: undefined, compactBelow: undefined },
    owed: { to: 0, ballot: noEpoch, slots: createRanges() },
    commitIndex: believed.commitIndex,
    learnedNow: false,
    chosen: createRanges(),
    appliedIndex: recovered.snapshot?.index ?? 0,
    catchUp: createCatchUp(believed.commitIndex),
    configs: believed.configs,
    configSlots: believed.configSlots,
    isGenesis: true,
    q1: nobody,
    q2: nobody,
    isVoter: false,
    links: new Map(),
    peers: [],
    peerById: new Map(),
    phase: 'idle',
    ballot: noEpoch,
    seen: promised,
    leader: 0,
    phase1: undefined,
    firstSlot: 1,
    nextSlot: 1,
    settledSlot: 0,
    ownAcked: createRanges(),
    openBytes: 0,
    choiceChecked: true,
    genesisSlot: 0,
    heartbeat: { deadline: never, count: 0 },
    transfer: { target: 0, deadline: never, asked: false },
    notices: [],
    lastFetch: 0,
    reads: createReadState(),
    quorumReads: createQuorumReads(),
    now,
    electionDeadline: never,
    prepareDeadline: never,
    promiseAskedFrom: 0,
    followedSince: 0,
    attempts: 0,
    announcedDeadline: never,
    lateForgiven: false,
    receiving: undefined,
    replaced: [],
    suspectedAt: 0,
    electedAt: 0,
    lastRole: neverTold,
    lastCommit: { index: 0, gate: 0 },
    out: emptyOutbox(),
    counters: noCounters(),
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

function emptyOutbox(): MultiPaxosState['out'] {
  return {
    sends: [],
    closes: [],
    chosen: [],
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

function noCounters(): MultiPaxosState['counters'] {
  return {
    elections: 0,
    preemptions: 0,
    reproposed: 0,
    holesFilled: 0,
    learned: 0,
    malformed: 0,
    damagedReads: 0,
    refusedReconfigurations: 0,
    lateWakes: 0,
    untaught: 0,
  };
}
