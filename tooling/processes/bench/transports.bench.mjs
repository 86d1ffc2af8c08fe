// Commits per second of three real processes whose members speak over ZeroMQ, against the same over TCP: one second of each after the other,
// the first one changing, so that whatever else the machine does meets both. Trust the ratio.
// Usage: node tooling/processes/bench/transports.bench.mjs [--pairs 20] [--bytes 256] [--in-flight 64]
import { parseArgs } from 'node:util';
import { median } from './calibration.mjs';
import { all, drive, startCommitCluster } from './commit-cluster.mjs';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '20' },
    bytes: { type: 'string', default: '256' },
    'in-flight': { type: 'string', default: '64' },
  },
});
const bytes = Number(values.bytes);
const depth = Number(values['in-flight']);

/** One window of closed loop. */
async function measure({ members, client }, durationMs) {
  const before = await all(members, 'state');
  const start = performance.now();
  const times = await drive(client, { depth, durationMs, bytes });
  const elapsedMs = performance.now() - start;
  const after = await all(members, 'state');
  const cpuUs = after.reduce((sum, state, i) => sum + state.cpuUs - before[i].cpuUs, 0);
  const commits = after[0].ordinal - before[0].ordinal;
  return { rate: (times.length * 1000) / elapsedMs, p50: median(times), cpuUs: cpuUs / commits };
}

const clusters = new Map();
try {
  for (const transport of ['tcp', 'zeromq']) clusters.set(transport, await startCommitCluster({ transport }));
  for (const cluster of clusters.values()) await measure(cluster, 4_000);
  const pairs = [];
  for (let i = 0; i < Number(values.pairs); i++) {
    const order = i % 2 === 0 ? ['tcp', 'zeromq'] : ['zeromq', 'tcp'];
    const pair = {};
    for (const transport of order) pair[transport] = await measure(clusters.get(transport), 1_000);
    pairs.push(pair);
  }
  const of = (transport, field) => median(pairs.map((pair) => pair[transport][field]));
  for (const transport of ['tcp', 'zeromq']) {
    console.log(
      `${transport.padEnd(7)} ${of(transport, 'rate').toFixed(0)} commits/s, p50 ${of(transport, 'p50').toFixed(2)} ms, ` +
        `${of(transport, 'cpuUs').toFixed(0)} µs CPU of three members per commit`,
    );
  }
  const ratios = (field) => pairs.map((pair) => pair.zeromq[field] / pair.tcp[field]);
  const spread = ratios('rate').sort((a, b) => a - b);
  console.log(
    `ZeroMQ ÷ TCP, ${depth} in flight, ${bytes} B, ${pairs.length} pairs: commits/s ${median(spread).toFixed(2)} × (target 0.7; ` +
      `${spread[0].toFixed(2)} … ${spread.at(-1).toFixed(2)}), p50 ${median(ratios('p50')).toFixed(2)} ×, CPU ${median(ratios('cpuUs')).toFixed(2)} ×`,
  );
  for (const cluster of clusters.values()) await cluster.close();
} finally {
  for (const cluster of clusters.values()) cluster.end();
}
