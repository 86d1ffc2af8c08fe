// What a sync costs on this disk, and what the journal makes of it. Build first; then: node bench/journal.bench.mjs [DIRECTORY]
// The directory must lie on the disk in question (default: a new one beside this file, removed afterwards).
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { crc32, isFailure, packPayloads, placeEntries } from '@quorate/interface';
import { fileStorage, nodeDisk } from '../dist/index.js';

const rounds = 400;
const segmentBytes = 8 * 1_048_576;
const payloadBytes = 256;
const here = path.dirname(fileURLToPath(import.meta.url));

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const p99 = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)];
const cpuSeconds = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/** Writes and syncs `size` bytes one after the other into a file that was filled before, or is filled by it. */
function rawSync(directory, size, recycled) {
  const name = path.join(directory, `raw-${process.pid}-${size}-${recycled}`);
  const fd = fs.openSync(name, 'w+');
  const total = Math.max(size * rounds, 1_048_576);
  const zeros = Buffer.alloc(1_048_576);
  if (recycled) for (let at = 0; at < total; at += zeros.length) fs.writeSync(fd, zeros, 0, zeros.length, at);
  fs.fsyncSync(fd);
  const chunk = Buffer.alloc(size, 7);
  const times = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < rounds; i++) {
    const began = performance.now();
    fs.writeSync(fd, chunk, 0, size, i * size);
    fs.fdatasyncSync(fd);
    times.push(performance.now() - began);
  }
  const cpuUs = (cpuSeconds(cpu) * 1e6) / rounds;
  fs.closeSync(fd);
  fs.rmSync(name);
  return { medianMs: median(times), p99Ms: p99(times), cpuUs };
}

const host = {
  monotonicMs: () => performance.now(),
  endOfTurn: (run) => void setImmediate(() => run()),
  at: (deadlineMs, run) => {
    const timer = setTimeout(() => run(), Math.max(0, deadlineMs - performance.now()));
    return { cancel: () => clearTimeout(timer) };
  },
};

const settled = (call) =>
  new Promise((resolve, reject) => call((result) => (isFailure(result) ? reject(new Error(result.text)) : resolve(result))));

/** Appends for `seconds`, `perFlush` batches of one entry each per flush, and compacts behind itself, so that segments are recycled. */
async function journalRate(directory, { perFlush, seconds }) {
  const storage = fileStorage({ directory, disk: nodeDisk(), host, segmentBytes });
  const expected = { clusterId: 'c', member: 1, name: 'n', protocol: 'raft', formatVersion: 1, newDiskId: `d${process.pid}` };
  await settled((done) => storage.open(expected, done));
  const { journal } = storage;
  const openBegan = performance.now();
  await settled((done) => journal.open(done));
  const openMs = performance.now() - openBegan;
  const payload = new Uint8Array(payloadBytes).fill(65);
  const packed = packPayloads([payload], (bytes) => crc32(bytes, 0));
  let index = 0;
  const times = [];
  const stop = performance.now() + seconds * 1_000;
  const cpu = process.cpuUsage();
  const began = performance.now();
  await new Promise((resolve) => {
    let flushed = 0;
    const turn = () => {
      if (performance.now() > stop) return resolve();
      for (let i = 0; i < perFlush; i++) {
        index++;
        const entries = [placeEntries(packed, index, { round: 1, owner: 0 }, 'command')];
        journal.append({ entries, commit: index - 1, ...(index % 5_000 === 0 ? { compactBelow: index - 4_000 } : {}) });
      }
      flushed = performance.now();
      journal.flush();
    };
    journal.onDurable = () => {
      times.push(performance.now() - flushed);
      setImmediate(turn);
    };
    turn();
  });
  const elapsed = (performance.now() - began) / 1_000;
  const cpuUs = (cpuSeconds(cpu) * 1e6) / times.length;
  const stats = journal.stats();
  await settled((done) => storage.close(done));
  return { perSecond: index / elapsed, medianMs: median(times), p99Ms: p99(times), cpuUs, openMs, stats };
}

/** Runs a job in `count` processes at once and gives the results. */
async function inProcesses(count, job) {
  const children = Array.from({ length: count }, () =>
    fork(fileURLToPath(import.meta.url), [], { env: { ...process.env, JOB: JSON.stringify(job) } }),
  );
  return Promise.all(children.map((child) => new Promise((resolve) => child.once('message', resolve))));
}

const average = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const fixed = (value, digits = 3) => value.toFixed(digits);

async function main() {
  const directory = process.argv[2] ?? fs.mkdtempSync(path.join(here, 'data-'));
  const raw = [];
  for (const processes of [1, 3])
    for (const size of [512, 4_096, 65_536])
      for (const recycled of [false, true]) {
        const results = await inProcesses(processes, { kind: 'raw', directory, size, recycled });
        const of = (name) => fixed(average(results.map((result) => result[name])));
        raw.push({
          processes,
          bytes: size,
          segment: recycled ? 'recycled' : 'fresh',
          'median ms': of('medianMs'),
          'p99 ms': of('p99Ms'),
          'CPU µs': of('cpuUs'),
        });
      }
  console.log('write + fdatasync');
  console.table(raw);
  const journal = [];
  for (const processes of [1, 3])
    for (const perFlush of [1, 64]) {
      const results = await inProcesses(processes, { kind: 'journal', directory, perFlush, seconds: 3 });
      const of = (name, digits) => fixed(average(results.map((result) => result[name])), digits);
      const { syncMode, segmentWaits, segments } = results[0].stats;
      journal.push({
        processes,
        'batches per flush': perFlush,
        'appends/s each': of('perSecond', 0),
        'median ms': of('medianMs'),
        'p99 ms': of('p99Ms'),
        'CPU µs per flush': of('cpuUs', 1),
        'open ms': of('openMs', 1),
        mode: syncMode,
        waits: segmentWaits,
        segments,
      });
    }
  console.log(`journal, batches of one entry of ${payloadBytes} bytes`);
  console.table(journal);
  if (process.argv[2] === undefined) fs.rmSync(directory, { recursive: true });
}

async function child(job) {
  if (job.kind === 'raw') return rawSync(job.directory, job.size, job.recycled);
  return journalRate(path.join(job.directory, `journal-${process.pid}`), job);
}

if (process.env.JOB === undefined) await main();
else process.send(await child(JSON.parse(process.env.JOB)), () => process.exit(0));
