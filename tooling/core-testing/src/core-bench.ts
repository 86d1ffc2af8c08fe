import { performance } from 'node:perf_hooks';
import { crc32, emptyRecovered, packPayloads } from '@quorate/interface';
import type { Core, CoreInput, CoreKind, CoreLimits, Payloads } from '@quorate/interface';
import { must } from './must.ts';
import { genesisOf } from './text-entries.ts';

/** What to measure. */
export interface CoreBench<M> {
  /** As in the title of the report. */
  readonly name: string;
  readonly kind: CoreKind<M>;
  /** Commands per CPU second that are hoped for, in batches of 64 and one by one. */
  readonly targets: { readonly batched: number; readonly single: number };
}

interface BenchNode<M> {
  readonly id: number;
  readonly core: Core<M>;
  writes: number;
  applied: number;
  busy: boolean;
  due: number;
  commands: number;
}

interface BenchCluster<M> {
  readonly nodes: readonly BenchNode<M>[];
  propose(run: Payloads): void;
  /** Time passes as it would: heartbeats are part of the cost. */
  advance(ms: number): void;
}

interface Report {
  readonly name: string;
  readonly perCpuSecond: number;
  readonly target: number;
  readonly bytesPerCommand: number;
}

const commandBytes = 256;
const repeats = 7;
const warmUps = 2000;
const limits: CoreLimits = {
  uncommittedBytes: 64 << 20,
  windowBytes: 16 << 20,
  windowMessages: 256,
  memoryBytes: 8 << 20,
  messageBytes: 1 << 20,
  tailBytes: 8 << 20,
};
const ids = [1, 2, 3];

/**
 * Three cores in one thread, a journal that is durable at once, no codec: proposed until applied on all three. Prints commands per CPU
 * second and bytes allocated per command, as text or, with `--json` among the arguments of the process, as JSON.
 */
export function benchCore<M>({ name, kind, targets }: CoreBench<M>): void {
  const cases = [
    { name: 'batches of 64', batch: 64, commands: 640_000, target: targets.batched },
    { name: 'batches of 1', batch: 1, commands: 60_000, target: targets.single },
  ].map((one) => ({ ...one, runs: [] as { perSecond: number; bytes: number }[] }));
  const calibrations: number[] = [];
  const started = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) {
    calibrations.push(calibrate());
    for (const { batch, commands, runs } of cases) runs.push(measure(kind, batch, commands));
  }
  const results = cases.map((one) => ({
    name: one.name,
    perCpuSecond: Math.round(median(one.runs.map(({ perSecond }) => perSecond))),
    target: one.target,
    bytesPerCommand: Math.round(median(one.runs.map(({ bytes }) => bytes))),
  }));
  const calibration = Math.round(median(calibrations));
  if (process.argv.includes('--json'))
    console.log(JSON.stringify({ calibrationPerCpuSecond: calibration, commandBytes, repeats, results }));
  else print(name, results, calibration, (performance.now() - started) / 1000);
}

function print(name: string, results: readonly Report[], calibration: number, seconds: number): void {
  console.log(
    `${name} core, 3 members in one thread, ${commandBytes} B commands, proposed to applied on all three; medians of ${repeats}`,
  );
  for (const { name: label, perCpuSecond, target, bytesPerCommand } of results)
    console.log(
      `  ${label.padEnd(14)} ${perCpuSecond.toLocaleString('en')} commands per CPU second (target ${target.toLocaleString('en')}), ${bytesPerCommand} B allocated per command`,
    );
  console.log(
    `  calibration    ${calibration.toLocaleString('en')} small objects per CPU second, ${seconds.toFixed(1)} s in all`,
  );
}

function measure<M>(kind: CoreKind<M>, batch: number, commands: number): { perSecond: number; bytes: number } {
  const cluster = createCluster(kind);
  const run = runOf(batch);
  const step = (): void => {
    cluster.propose(run);
    cluster.advance(0.05);
  };
  for (let n = 0; n < warmUps; n++) step();
  const before = process.cpuUsage();
  for (let n = 0; n < commands; n += batch) step();
  const { user, system } = process.cpuUsage(before);
  const expected = warmUps * batch + Math.ceil(commands / batch) * batch;
  for (const { id, commands: applied } of cluster.nodes)
    if (applied !== expected) throw new Error(`member ${id} applied ${applied} of ${expected}`);
  return { perSecond: commands / ((user + system) / 1e6), bytes: allocated(step) / batch };
}

// Time is a variable of the closures: read from a field, a number with a fraction would be allocated anew each time.
function createCluster<M>(kind: CoreKind<M>): BenchCluster<M> {
  let now = 0;
  let queue: { to: BenchNode<M>; input: CoreInput<M> }[] = [];
  let proposal = 1;
  const nodes = ids.map((self) => createNode(kind, self));
  const nodeBehind = (id: number, link: number): BenchNode<M> => {
    const next = (id % 3) + 1;
    return must(nodes[(link === linkOf(id, next) ? next : ((id + 1) % 3) + 1) - 1]);
  };
  const turn = (node: BenchNode<M>): void => {
    node.busy = false;
    let effects = node.core.drain(now);
    for (;;) {
      for (const { links, message, entries } of effects.sends)
        for (const link of links)
          queue.push({ to: nodeBehind(node.id, link), input: { type: 'message', from: node.id, link, message, entries } });
      if (effects.commit.index > node.applied && effects.commit.gate <= node.writes) apply(node, effects.commit.index, now);
      node.due = effects.nextDeadline;
      if (effects.write !== undefined) node.core.step({ type: 'persisted', write: ++node.writes }, now);
      else if (node.due > now) return;
      effects = node.core.drain(now);
    }
  };
  const settle = (): void => {
    for (;;) {
      for (const node of nodes) if (node.busy) turn(node);
      if (queue.length === 0) return;
      const delivered = queue;
      queue = [];
      for (const { to, input } of delivered) {
        to.core.step(input, now);
        to.busy = true;
      }
    }
  };
  const advance = (ms: number): void => {
    now += ms;
    for (const node of nodes) if (node.due <= now) node.busy = true;
    settle();
  };
  for (const a of nodes)
    for (const b of nodes) if (a !== b) a.core.step({ type: 'linkUp', peer: b.id, link: linkOf(a.id, b.id) }, now);
  // Raft and Multi-Paxos elect who campaigns at once. ZAB's election takes its time, and the highest number wins it.
  must(nodes[0]).core.step({ type: 'campaign' }, now);
  settle();
  while (!nodes.some(isSettled)) advance(50);
  const leader = must(nodes.find(isSettled));
  const propose = ({ count, body, ends, checksums }: Payloads): void => {
    leader.core.step({ type: 'propose', run: { count, body, ends, checksums, firstId: proposal } }, now);
    proposal += count;
    leader.busy = true;
    settle();
  };
  return { nodes, propose, advance };
}

function isSettled<M>({ core }: BenchNode<M>): boolean {
  return core.status().role.settled;
}

function createNode<M>(kind: CoreKind<M>, self: number): BenchNode<M> {
  const core = kind.create({
    self,
    incarnation: 1,
    genesis: genesisOf(ids),
    recovered: emptyRecovered,
    random: Math.random,
    limits,
    now: 0,
    tracing: false,
  });
  return { id: self, core, writes: 0, applied: 0, busy: true, due: Infinity, commands: 0 };
}

function linkOf(a: number, b: number): number {
  return Math.min(a, b) * 10 + Math.max(a, b);
}

// What a replica does with committed entries, without the state machine.
function apply<M>(node: BenchNode<M>, index: number, now: number): void {
  while (node.applied < index) {
    const run = must(node.core.cached(node.applied + 1, 1 << 20));
    const count = Math.min(run.count, index - node.applied);
    if (run.kind === 'command') node.commands += count;
    node.applied += count;
  }
  node.core.step({ type: 'applied', index: node.applied }, now);
}

function runOf(count: number): Payloads {
  const body = Array.from({ length: count }, () => new Uint8Array(commandBytes).fill(7));
  return packPayloads(body, (bytes) => crc32(bytes, 0));
}

// Windows small enough that most see no collection; those that do are negative and fall away.
function allocated(step: () => void): number {
  const samples: number[] = [];
  for (let window = 0; window < 41; window++) {
    const start = process.memoryUsage().heapUsed;
    for (let n = 0; n < 20; n++) step();
    const grown = process.memoryUsage().heapUsed - start;
    if (grown > 0) samples.push(grown / 20);
  }
  return median(samples);
}

// The same small work in every run of every machine, so that figures can be compared.
function calibrate(): number {
  const before = process.cpuUsage();
  const rounds = 2_000_000;
  let sink: { first: number; count: number; next: number }[] = [];
  for (let n = 0; n < rounds; n++) {
    sink.push({ first: n, count: 1, next: n + 1 });
    if (sink.length === 64) sink = [];
  }
  const { user, system } = process.cpuUsage(before);
  return rounds / ((user + system) / 1e6);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return must(sorted[Math.floor(sorted.length / 2)]);
}
