// Three cores in one thread, a journal that is durable at once, no codec: proposed until applied on all three.
// Run after a build: node packages/multi-paxos/bench/core.bench.mjs [--json]
import { performance } from 'node:perf_hooks';
import { crc32, emptyRecovered, packPayloads } from '@quorate/interface';
import { multiPaxos } from '../dist/index.js';

const commandBytes = 256;
const repeats = 7;
const limits = {
  uncommittedBytes: 64 << 20,
  windowBytes: 16 << 20,
  windowMessages: 256,
  memoryBytes: 8 << 20,
  messageBytes: 1 << 20,
  tailBytes: 8 << 20,
};
const ids = [1, 2, 3];
const members = ids.map((id) => ({ id, name: `n${id}`, peerUrls: [], diskId: '' }));
const genesis = { id: 0, voters: ids, learners: [], members };

function linkOf(a, b) {
  return Math.min(a, b) * 10 + Math.max(a, b);
}

/** What a replica does with committed entries, without the state machine. */
function apply(node, index, now) {
  while (node.applied < index) {
    const run = node.core.cached(node.applied + 1, 1 << 20);
    const count = Math.min(run.count, index - node.applied);
    if (run.kind === 'command') node.commands += count;
    node.applied += count;
  }
  node.core.step({ type: 'applied', index: node.applied }, now);
}

function createCluster() {
  let now = 0;
  let queue = [];
  const nodes = ids.map((id) => {
    const core = multiPaxos().create({
      self: id,
      incarnation: 1,
      genesis,
      recovered: emptyRecovered,
      random: Math.random,
      limits,
      now,
      tracing: false,
    });
    return { id, core, writes: 0, applied: 0, busy: true, due: Infinity, commands: 0 };
  });
  const nodeBehind = (id, link) => nodes[(link === linkOf(id, (id % 3) + 1) ? (id % 3) + 1 : ((id + 1) % 3) + 1) - 1];
  const turn = (node) => {
    node.busy = false;
    let effects = node.core.drain(now);
    for (;;) {
      for (const { links, message, entries } of effects.sends)
        for (const link of links)
          queue.push({ to: nodeBehind(node.id, link), input: { type: 'message', from: node.id, link, message, entries } });
      if (effects.commit.index > node.applied && effects.commit.gate <= node.writes) apply(node, effects.commit.index, now);
      node.due = effects.nextDeadline;
      if (effects.write === undefined) break;
      node.core.step({ type: 'persisted', write: ++node.writes }, now);
      effects = node.core.drain(now);
    }
  };
  const settle = () => {
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
  for (const a of nodes)
    for (const b of nodes) if (a !== b) a.core.step({ type: 'linkUp', peer: b.id, link: linkOf(a.id, b.id) }, now);
  nodes[0].core.step({ type: 'campaign' }, now);
  settle();
  let proposal = 1;
  return {
    nodes,
    propose(run) {
      const { count, body, ends, checksums } = run;
      nodes[0].core.step({ type: 'propose', run: { count, body, ends, checksums, firstId: proposal } }, now);
      proposal += run.count;
      nodes[0].busy = true;
      settle();
    },
    /** Time passes as it would: heartbeats are part of the cost. */
    advance(ms) {
      now += ms;
      for (const node of nodes) if (node.due <= now) node.busy = true;
      settle();
    },
  };
}

function runOf(count) {
  const body = Array.from({ length: count }, () => new Uint8Array(commandBytes).fill(7));
  return packPayloads(body, (bytes) => crc32(bytes, 0));
}

function measure(batch, commands) {
  const cluster = createCluster();
  const run = runOf(batch);
  const step = () => {
    cluster.propose(run);
    cluster.advance(0.05);
  };
  for (let n = 0; n < 2000; n++) step();
  const before = process.cpuUsage();
  for (let n = 0; n < commands; n += batch) step();
  const { user, system } = process.cpuUsage(before);
  const expected = 2000 * batch + Math.ceil(commands / batch) * batch;
  for (const { id, commands: applied } of cluster.nodes)
    if (applied !== expected) throw new Error(`member ${id} applied ${applied} of ${expected}`);
  return { perSecond: commands / ((user + system) / 1e6), bytes: allocated(step) / batch };
}

// Windows small enough that most see no collection; those that do are negative and fall away.
function allocated(step) {
  const samples = [];
  for (let window = 0; window < 41; window++) {
    const start = process.memoryUsage().heapUsed;
    for (let n = 0; n < 20; n++) step();
    const grown = process.memoryUsage().heapUsed - start;
    if (grown > 0) samples.push(grown / 20);
  }
  return median(samples);
}

/** The same small work in every run of every machine, so that figures can be compared. */
function calibrate() {
  const before = process.cpuUsage();
  const rounds = 2_000_000;
  let sink = [];
  for (let n = 0; n < rounds; n++) {
    sink.push({ first: n, count: 1, next: n + 1 });
    if (sink.length === 64) sink = [];
  }
  const { user, system } = process.cpuUsage(before);
  return rounds / ((user + system) / 1e6);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const cases = [
  { name: 'batches of 64', batch: 64, commands: 640_000, target: 1_000_000 },
  { name: 'batches of 1', batch: 1, commands: 60_000, target: 150_000 },
];
const results = new Map(cases.map(({ name }) => [name, []]));
const calibrations = [];
const started = performance.now();
for (let repeat = 0; repeat < repeats; repeat++) {
  calibrations.push(calibrate());
  for (const { name, batch, commands } of cases) results.get(name).push(measure(batch, commands));
}
const report = cases.map(({ name, target }) => {
  const runs = results.get(name);
  const perCpuSecond = Math.round(median(runs.map((run) => run.perSecond)));
  return { name, perCpuSecond, target, bytesPerCommand: Math.round(median(runs.map((run) => run.bytes))) };
});
const calibration = Math.round(median(calibrations));
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ calibrationPerCpuSecond: calibration, commandBytes, repeats, results: report }));
else {
  console.log(
    `Multi-Paxos core, 3 members in one thread, ${commandBytes} B commands, proposed to applied on all three; medians of ${repeats}`,
  );
  for (const { name, perCpuSecond, target, bytesPerCommand } of report)
    console.log(
      `  ${name.padEnd(14)} ${perCpuSecond.toLocaleString('en')} commands per CPU second (target ${target.toLocaleString('en')}), ${bytesPerCommand} B allocated per command`,
    );
  console.log(
    `  calibration    ${calibration.toLocaleString('en')} small objects per CPU second, ${((performance.now() - started) / 1000).toFixed(1)} s in all`,
  );
}
