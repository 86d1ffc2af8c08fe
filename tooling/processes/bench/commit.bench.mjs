// Durable commits of three real processes with file storage, against what the same machine's disk and loopback cost in the same run.
// Usage: node tooling/processes/bench/commit.bench.mjs [--rounds 3] [--seconds 10] [--bytes 256] [--in-flight 64] [--transport tcp|zeromq]
import { parseArgs } from 'node:util';
import { median } from './calibration.mjs';
import { all, drive, startCommitCluster } from './commit-cluster.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    bytes: { type: 'string', default: '256' },
    'in-flight': { type: 'string', default: '64' },
    transport: { type: 'string', default: 'tcp' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const bytes = Number(values.bytes);
const inFlight = Number(values['in-flight']);
const calibrateMs = 2_000;

async function calibrate(members) {
  const syncs = (await all(members, 'syncs', { durationMs: calibrateMs })).flat();
  const port = await members[1].ask('echo');
  const trips = await members[0].ask('roundTrips', { port, durationMs: calibrateMs });
  return { syncMs: median(syncs), tripMs: median(trips) };
}

/** One second of closed loop after another: commits per sync on the member that synced most, and the rate. */
async function closedLoop(members, client, durationMs) {
  await drive(client, { depth: inFlight, durationMs: 2_000, bytes });
  const windows = [];
  const times = [];
  for (let second = 0; second * 1000 < durationMs; second++) {
    const before = await all(members, 'state');
    const start = performance.now();
    times.push(...(await drive(client, { depth: inFlight, durationMs: 1_000, bytes })));
    const elapsedMs = performance.now() - start;
    const after = await all(members, 'state');
    const perSync = after.map(
      ({ ordinal, journal }, i) => (ordinal - before[i].ordinal) / (journal.syncs - before[i].journal.syncs),
    );
    const commits = after[0].ordinal - before[0].ordinal;
    const cpuUs = after.reduce((sum, { cpuUs }, i) => sum + cpuUs - before[i].cpuUs, 0);
    windows.push({ perSync: Math.min(...perSync), rate: (commits * 1000) / elapsedMs, cpuUs: cpuUs / commits });
  }
  return {
    perSync: median(windows.map((w) => w.perSync)),
    rate: median(windows.map((w) => w.rate)),
    cpuUs: median(windows.map((w) => w.cpuUs)),
    p50: median(times),
  };
}

async function round(members, client, leader) {
  const { syncMs, tripMs } = await calibrate(members);
  const unit = syncMs + tripMs;
  const inside = median(await members[leader].ask('oneAtATime', { durationMs: seconds * 300, bytes }));
  const native = median(await drive(client, { depth: 1, durationMs: seconds * 300, bytes }));
  const loop = await closedLoop(members, client, seconds * 1000);
  const again = await calibrate(members);
  const result = { syncMs, tripMs, unit: (unit + again.syncMs + again.tripMs) / 2, inside, native, ...loop };
  const ms = (value) => `${value.toFixed(3)} ms`;
  console.log(
    `sync ${ms(syncMs)} … ${ms(again.syncMs)}, round trip ${ms(tripMs)} … ${ms(again.tripMs)} | in the leader ${ms(inside)} = ${(inside / result.unit).toFixed(2)} × | ` +
      `native client ${ms(native)} = ${(native / result.unit).toFixed(2)} × | ${inFlight} in flight: ${loop.rate.toFixed(0)} commits/s, p50 ${ms(loop.p50)}, ` +
      `${loop.perSync.toFixed(1)} commits per sync, ${loop.cpuUs.toFixed(0)} µs CPU of three members per commit`,
  );
  return result;
}

const { members, leader, client, close, end } = await startCommitCluster({ transport: values.transport });
try {
  await drive(client, { depth: inFlight, durationMs: 3_000, bytes });
  console.log(
    `three processes over ${values.transport}, file storage, ${bytes} B, ${rounds} rounds; ratios are to sync (three processes at once) + round trip, measured before and after`,
  );
  const results = [];
  for (let i = 0; i < rounds; i++) results.push(await round(members, client, leader));
  const of = (field) => median(results.map((result) => result[field]));
  const ratio = (field) => median(results.map((result) => result[field] / result.unit)).toFixed(2);
  console.log(
    `MEDIANS: in the leader ${ratio('inside')} × (target 2.0), native client ${ratio('native')} × (target 3.0), ` +
      `${of('perSync').toFixed(1)} commits per sync (target 8), ${of('rate').toFixed(0)} commits/s, ${of('cpuUs').toFixed(0)} µs CPU per commit`,
  );
  await close();
} finally {
  end();
}
