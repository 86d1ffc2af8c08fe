// How much virtual time a second of CPU buys, on the reference load (5 members, heartbeat 50 ms, election 150 … 300 ms, 100 operations per
// second, all invariants on, the real codec in every fourth seed) and on drawn plans full of faults.
//
//   pnpm build && node apps/sim/bench/speed.bench.mjs [--seeds 8] [--seconds 60]
import process from 'node:process';
import { parseArgs } from 'node:util';
import { crc32 } from 'node:zlib';
import { referencePlan } from '@quorate/simulator';
import { protocolNamed } from '../dist/protocols.js';
import { planOf, runSeed } from '../dist/run-seed.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '60' },
    protocol: { type: 'string', default: 'raft' },
  },
});
const seeds = Number(values.seeds);
const seconds = Number(values.seconds);
const protocol = protocolNamed(values.protocol);
if (protocol === undefined || !(seeds > 0) || !(seconds > 0)) {
  process.stderr.write('E_USAGE: --seeds and --seconds are positive numbers, --protocol is a protocol of quorate-sim.\n');
  process.exit(64);
}

const cpuSeconds = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/** Small objects that this machine makes per CPU second, as raft's benchmark counts them: what the figures of two runs are compared by. */
function calibrate() {
  const started = process.cpuUsage();
  const rounds = 5_000_000;
  let sink = [];
  for (let n = 0; n < rounds; n++) {
    sink.push({ first: n, count: 1, next: n + 1 });
    if (sink.length === 64) sink = [];
  }
  return rounds / cpuSeconds(started);
}

function measure(name, planFor) {
  // A thread of a campaign runs hundreds of seeds. The first six are not counted: V8 still compiles (the first one takes three times as long).
  for (let seed = 0; seed < 6; seed++) runSeed({ crc32, protocol, plan: planFor(1_000_000 + seed) });
  const rates = [];
  const costs = [];
  let events = 0;
  let cpu = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const started = process.cpuUsage();
    const report = runSeed({ crc32, protocol, plan: planFor(seed) });
    const used = cpuSeconds(started);
    if (report.violations.length > 0) throw new Error(`seed ${seed}: ${report.violations[0].text}`);
    rates.push(report.virtualMs / 1000 / used);
    costs.push((used * 1e6) / report.events);
    events += report.events;
    cpu += used;
  }
  const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
  const range = `${Math.min(...rates).toFixed(0)} … ${Math.max(...rates).toFixed(0)}`;
  console.log(
    `${name.padEnd(10)} ${median(rates).toFixed(1)} simulated seconds per CPU second (median of ${seeds}; ${range}), ` +
      `${median(costs).toFixed(1)} µs per event, ${Math.round(events / cpu).toLocaleString('en')} events per CPU second`,
  );
}

const before = calibrate();
measure('reference', (seed) => referencePlan(seed, seconds * 1000));
measure('faults', (seed) => planOf(protocol, 1000 + seed, seconds));
const after = calibrate();
const millions = (rate) => (rate / 1e6).toFixed(0);
console.log(`calibration: ${millions(before)} and ${millions(after)} million small objects per CPU second, before and after`);
