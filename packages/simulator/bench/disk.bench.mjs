// What the simulated disk costs per batch of a journal: one write and one sync, as segments see them.
// Run after a build: node packages/simulator/bench/disk.bench.mjs [--json]
import { performance } from 'node:perf_hooks';
import zlib from 'node:zlib';
import { createChance, SimMedium, soundDisk, VirtualTime } from '../dist/index.js';

const batches = 50_000;
const repeats = 7;

function run({ completions, segmentBytes, batchBytes, delayed }) {
  const scheduler = new VirtualTime();
  const faults = soundDisk();
  if (delayed) Object.assign(faults.sync, { ms: 1, spreadMs: 1 });
  const crc32 = (bytes, seed) => zlib.crc32(bytes, seed);
  const medium = new SimMedium({ scheduler, chance: createChance(1), member: 1, crc32, faults, completions });
  const disk = medium.disk({ alive: true });
  const batch = [new Uint8Array(batchBytes).fill(7)];
  const zeros = [new Uint8Array(segmentBytes)];
  let file;
  disk.open('segment', 'create', (opened) => (file = opened));
  scheduler.runUntil(Number.POSITIVE_INFINITY);
  let left = batches;
  let offset = 0;
  const written = () => disk.sync(file, synced);
  const synced = () => {
    offset = offset + 2 * batchBytes > segmentBytes ? 64 : offset + batchBytes;
    if (left-- > 0) disk.write(file, offset, batch, written);
  };
  const begin = performance.now();
  disk.write(file, 0, zeros, written);
  scheduler.runUntil(Number.POSITIVE_INFINITY);
  return ((performance.now() - begin) * 1000) / batches;
}

const cases = {
  'events, 4 KiB in 64 KiB': { completions: 'event', segmentBytes: 65_536, batchBytes: 4_096 },
  'events with latency, 4 KiB in 64 KiB': { completions: 'event', segmentBytes: 65_536, batchBytes: 4_096, delayed: true },
  'events, 1 KiB in 8 KiB': { completions: 'event', segmentBytes: 8_192, batchBytes: 1_024 },
};
const results = Object.entries(cases).map(([name, options]) => {
  const times = Array.from({ length: repeats }, () => run(options)).sort((a, b) => a - b);
  return { name, microsecondsPerBatch: Number(times[Math.floor(repeats / 2)].toFixed(2)) };
});
if (process.argv.includes('--json')) console.log(JSON.stringify(results));
else console.table(results);
