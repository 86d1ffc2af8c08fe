import { tmpdir } from 'node:os';
import type { FlagDefinition } from '@quorate/server';
import { workloadNames } from '../workload/workload.ts';

/** What `--protocols`, `--transports`, `--storages` and `--loops` take. The members refuse a transport that they do not have. */
export const protocolNames: readonly string[] = ['raft', 'multi-paxos', 'zab'];
export const transportNames: readonly string[] = ['tcp', 'zeromq'];
export const storageNames: readonly string[] = ['file', 'memory'];
export const loopNames: readonly string[] = ['closed', 'open'];

const outputs: readonly FlagDefinition[] = [
  { name: 'json', kind: 'text', default: '', placeholder: 'FILE', help: 'also write the whole result to this file, as JSON' },
  {
    name: 'html',
    kind: 'text',
    default: '',
    placeholder: 'FILE',
    help: 'also write the report to this file, as one page that needs nothing else',
  },
  { name: 'markdown', kind: 'text', default: '', placeholder: 'FILE', help: 'also write the report to this file, as Markdown' },
];

const folder: FlagDefinition = {
  name: 'directory',
  kind: 'text',
  default: tmpdir(),
  placeholder: 'DIR',
  help: 'where data lies while it is measured: chooses the disk; everything in it is removed again',
};
const quick: FlagDefinition = {
  name: 'quick',
  kind: 'switch',
  default: 'false',
  help: 'a first look in a few minutes: fewer cells, 3 short repeats, 3 failovers; wide intervals',
};
const short: FlagDefinition = {
  name: 'short',
  kind: 'switch',
  default: 'false',
  help: 'both services in under 3 minutes: TCP and files, 2 rounds, 1 failover, election timeout 500 ms; ranks nothing',
};
const summary: FlagDefinition = {
  name: 'summary',
  kind: 'switch',
  default: 'false',
  help: 'prints one table instead of the whole report; the files have all of it',
};
const seed = integer('seed', { default: 1, min: 0, max: Number.MAX_SAFE_INTEGER }, 'decides arrivals, keys and resampling');
const members = integer('members', { default: 3, min: 1, max: 9 }, 'members of each cluster');
const repeats = integer('repeats', { default: 10, min: 1, max: 1000 }, 'rounds; in each every system runs once');
const seconds = integer('seconds', { default: 5, min: 1, max: 3600 }, 'measured in each repeat, behind its warm-up');
const warmUp = integer('warm-up', { default: 15, min: 1, max: 600 }, 'seconds at most until throughput must have settled');
const inFlight = integer('in-flight', { default: 64, min: 1, max: 100_000 }, 'operations in flight in the closed loop');

/** The flags of `calibrate`. */
export const calibrateFlags: readonly FlagDefinition[] = [
  integer('seconds', { default: 2, min: 1, max: 600 }, 'for each figure'),
  { ...quick, help: 'half a second for each figure' },
  folder,
  ...outputs,
];

/** The flags of `compare`. */
export const compareFlags: readonly FlagDefinition[] = [
  {
    name: 'simulated',
    kind: 'switch',
    default: 'false',
    help: 'in virtual time instead: messages, delays and bytes, equal to the last bit for equal --seed; takes no other flag but the files',
  },
  list('protocols', protocolNames, 'protocols; the first is what others are divided by'),
  list('transports', transportNames, 'transports between members'),
  list('storages', storageNames, 'file: synced before an answer; memory: not durable. Never compared with each other'),
  list('workloads', workloadNames, 'what clients do'),
  list('loops', loopNames, 'closed: the most that N in flight reach; open: latency at a fixed rate, from the intended start'),
  members,
  repeats,
  seconds,
  warmUp,
  inFlight,
  integer(
    'rate',
    { default: 0, min: 0, max: 10_000_000 },
    'operations per second of the open loop; 0: half of what the slowest system of a group reaches in the closed one',
  ),
  integer('key-bytes', { default: 16, min: 8, max: 65_536 }, 'bytes of a key'),
  integer('value-bytes', { default: 256, min: 1, max: 1_048_576 }, 'bytes of a value'),
  integer('keys', { default: 10_000, min: 1, max: 10_000_000 }, 'how many keys there are'),
  integer('failover-trials', { default: 20, min: 0, max: 10_000 }, 'leaders killed per system; 0: none'),
  integer(
    'detector-seconds',
    { default: 30, min: 0, max: 3600 },
    'for which heartbeats between processes are recorded under load, at all intervals at once; 0: no failure detectors',
  ),
  integer('election-timeout', { default: 1000, min: 10, max: 600_000 }, 'milliseconds; the flag of the members'),
  integer(
    'heartbeat-interval',
    { default: 100, min: 1, max: 60_000 },
    'milliseconds; the flag of the members, below half of the election timeout',
  ),
  seed,
  quick,
  short,
  summary,
  folder,
  ...outputs,
];

/** The flags of `report`. */
export const reportFlags: readonly FlagDefinition[] = [
  { name: 'measured', kind: 'text', default: '', placeholder: 'FILE', help: 'what compare, calibrate or versus wrote by --json' },
  { name: 'simulated', kind: 'text', default: '', placeholder: 'FILE', help: 'what compare --simulated wrote by --json' },
  { name: 'detectors', kind: 'text', default: '', placeholder: 'FILE', help: 'rows of failure detectors (tradeOff), as JSON' },
  ...outputs,
];

/** The flags of `versus`. */
export const versusFlags: readonly FlagDefinition[] = [
  { name: 'protocol', kind: 'choice', default: 'raft', choices: protocolNames, help: 'what our members run' },
  { name: 'transport', kind: 'choice', default: 'tcp', choices: transportNames, help: 'what they speak to each other by' },
  { ...repeats, default: '10' },
  seconds,
  warmUp,
  inFlight,
  {
    name: 'check-perf',
    kind: 'choice',
    default: 'none',
    choices: ['none', 's', 'm', 'l', 'xl'],
    help: 'instead: etcdctl check perf with this load, in turns on both; a minute each',
  },
  seed,
  quick,
  folder,
  ...outputs,
];

function integer(name: string, range: { default: number; min: number; max: number }, help: string): FlagDefinition {
  return { name, kind: 'integer', default: `${range.default}`, help, min: range.min, max: range.max };
}

function list(name: string, choices: readonly string[], help: string): FlagDefinition {
  return { name, kind: 'list', default: choices.join(','), help, choices };
}
