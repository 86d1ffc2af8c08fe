// Durable commits of three real processes over TCP with file storage, against what the same machine's disk and loopback cost in the same run.
// Usage: node tooling/processes/bench/commit.bench.mjs [--rounds 3] [--seconds 10] [--bytes 256] [--in-flight 64]
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createClient } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import { freePorts } from '@quorate/processes';
import { nodeHost } from '@quorate/server';
import { tcpTransport } from '@quorate/transport-tcp';
import { median } from './calibration.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    bytes: { type: 'string', default: '256' },
    'in-flight': { type: 'string', default: '64' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const bytes = Number(values.bytes);
const inFlight = Number(values['in-flight']);
const calibrateMs = 2_000;
const host = nodeHost();

/** A member process; `ask` resolves with what it answers. */
function startProcess(plan) {
  const child = fork(fileURLToPath(new URL('commit-member.mjs', import.meta.url)), [JSON.stringify(plan)]);
  const waiting = new Map();
  let lastId = 0;
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`${plan.name}: ${error}`));
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${plan.name} ended with code ${code}`));
  });
  const ask = (what, args = {}) =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      child.send({ id, what, ...args });
    });
  return { ask, child };
}

const all = (members, what, args) => Promise.all(members.map((member) => member.ask(what, args)));

async function settledLeader(members) {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const place = (await all(members, 'state')).findIndex(({ settled }) => settled);
    if (place >= 0) return place;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no member settled as leader within 20 s');
}

/** Keeps `depth` commands in flight until the time is up. Resolves with the latencies and how many were answered. */
function drive(client, { depth, durationMs }) {
  const command = new Uint8Array(bytes).fill(9);
  const times = [];
  const end = performance.now() + durationMs;
  return new Promise((resolve, reject) => {
    let open = 0;
    const submit = () => {
      const start = performance.now();
      open++;
      client.submit(command, host.monotonicMs() + 20_000, (error) => {
        open--;
        if (error !== undefined) return reject(error);
        const now = performance.now();
        times.push(now - start);
        if (now < end) submit();
        else if (open === 0) resolve(times);
      });
    };
    for (let i = 0; i < depth; i++) submit();
  });
}

async function calibrate(members) {
  const syncs = (await all(members, 'syncs', { durationMs: calibrateMs })).flat();
  const port = await members[1].ask('echo');
  const trips = await members[0].ask('roundTrips', { port, durationMs: calibrateMs });
  return { syncMs: median(syncs), tripMs: median(trips) };
}

/** One second of closed loop after another: commits per sync on the member that synced most, and the rate. */
async function closedLoop(members, client, durationMs) {
  await drive(client, { depth: inFlight, durationMs: 2_000 });
  const windows = [];
  const times = [];
  for (let second = 0; second * 1000 < durationMs; second++) {
    const before = await all(members, 'state');
    const start = performance.now();
    times.push(...(await drive(client, { depth: inFlight, durationMs: 1_000 })));
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
  const native = median(await drive(client, { depth: 1, durationMs: seconds * 300 }));
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

const directory = mkdtempSync(join(tmpdir(), 'quorate-commit-bench-'));
const ports = await freePorts(6);
const names = ['n1', 'n2', 'n3'];
const urls = Object.fromEntries(names.map((name, i) => [name, `tcp://127.0.0.1:${ports[i]}`]));
const natives = names.map((_, i) => `tcp://127.0.0.1:${ports[3 + i]}`);
const members = names.map((name, i) => startProcess({ name, members: urls, native: natives[i], directory }));
try {
  await all(members, 'open');
  const leader = await settledLeader(members);
  const client = createClient({ endpoints: natives, transport: tcpTransport({ listen: [] }), host, codec: runtimeCodec });
  await drive(client, { depth: inFlight, durationMs: 3_000 });
  console.log(
    `three processes, TCP, file storage, ${bytes} B, ${rounds} rounds; ratios are to sync (three processes at once) + round trip, measured before and after`,
  );
  const results = [];
  for (let i = 0; i < rounds; i++) results.push(await round(members, client, leader));
  const of = (field) => median(results.map((result) => result[field]));
  const ratio = (field) => median(results.map((result) => result[field] / result.unit)).toFixed(2);
  console.log(
    `MEDIANS: in the leader ${ratio('inside')} × (target 2.0), native client ${ratio('native')} × (target 3.0), ` +
      `${of('perSync').toFixed(1)} commits per sync (target 8), ${of('rate').toFixed(0)} commits/s, ${of('cpuUs').toFixed(0)} µs CPU per commit`,
  );
  await client.close();
  await all(members, 'close');
} finally {
  for (const { child } of members) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
}
