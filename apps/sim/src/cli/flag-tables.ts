import { availableParallelism } from 'node:os';
import type { FlagDefinition } from '@quorate/server';
import { protocolNames } from '../protocols.ts';
import { serviceNames } from '../services.ts';

/** Sums of seeds must stay seeds. */
export const highestSeed: number = Number.MAX_SAFE_INTEGER;

const protocol: FlagDefinition = {
  name: 'protocol',
  kind: 'choice',
  default: 'raft',
  choices: protocolNames,
  help: 'the protocol under test',
};
const seconds: FlagDefinition = {
  name: 'seconds',
  kind: 'integer',
  default: '60',
  min: 1,
  max: 86_400,
  help: 'virtual seconds of faults per seed; liveness comes on top',
};
const workload: FlagDefinition = {
  name: 'workload',
  kind: 'choice',
  default: 'kv',
  choices: serviceNames,
  help: 'what the clients do',
};
const seed: FlagDefinition = {
  name: 'seed',
  kind: 'integer',
  default: '',
  min: 0,
  max: highestSeed,
  help: 'the seed, as a report names it',
};
const plan: FlagDefinition = {
  name: 'plan',
  kind: 'text',
  default: '',
  help: 'a file with a plan, instead of a seed: what a shrinker wrote',
};
const budget: FlagDefinition = {
  name: 'shrink-runs',
  kind: 'integer',
  default: '400',
  min: 1,
  max: 1_000_000,
  help: 'runs that shrinking one failure may cost',
};

const jobs: FlagDefinition = {
  name: 'jobs',
  kind: 'integer',
  default: String(availableParallelism()),
  min: 1,
  max: 1024,
  help: 'threads; by default one per core',
};

/** The flags of `run`. */
export const runFlags: readonly FlagDefinition[] = [
  protocol,
  { name: 'seeds', kind: 'integer', default: '100', min: 1, max: highestSeed, help: 'how many seeds' },
  {
    name: 'first-seed',
    kind: 'integer',
    default: '1',
    min: 0,
    max: highestSeed,
    help: 'the first of them; it also chooses the planted bug',
  },
  seconds,
  workload,
  jobs,
  { name: 'keep-going', kind: 'switch', default: 'false', help: 'run all seeds, also after one failed' },
  { name: 'replay-twice', kind: 'switch', default: 'false', help: 'run every seed twice and compare, not only one of 20' },
  { name: 'shrink', kind: 'switch', default: 'false', help: 'shrink the first failure of each invariant' },
  budget,
  {
    name: 'trace-dir',
    kind: 'text',
    default: '',
    help: 'where traces and plans of failures go; by default a fresh temporary folder',
  },
  { name: 'report', kind: 'text', default: '', help: 'also write the report to this file, as JSON' },
  { name: 'json', kind: 'switch', default: 'false', help: 'the report on stdout is JSON' },
];

/** The flags of `replay`. */
export const replayFlags: readonly FlagDefinition[] = [
  protocol,
  seed,
  seconds,
  workload,
  plan,
  { name: 'trace', kind: 'text', default: '-', help: 'the file that the trace goes to; -: stdout' },
  {
    name: 'trace-format',
    kind: 'choice',
    default: 'text',
    choices: ['text', 'jsonl'],
    help: 'for people, or one JSON object per line',
  },
];

/** The flags of `shrink`. */
export const shrinkFlags: readonly FlagDefinition[] = [
  protocol,
  seed,
  seconds,
  workload,
  plan,
  budget,
  {
    name: 'out',
    kind: 'text',
    default: '',
    help: 'the file that the smallest plan goes to; by default in a fresh temporary folder',
  },
];
