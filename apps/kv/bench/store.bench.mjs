// Puts and ranges of the store alone, without consensus: `node bench/store.bench.mjs`, on dist. One line of JSON per case.
import { kvStateMachine, Method } from '../dist/store/index.js';
import { PutRequest, RangeRequest } from '@quorate/codec-protobuf/etcd';

const encoder = new TextEncoder();
const stamp = { clusterMs: 0, wallMs: 0, ordinal: 1, index: 1 };
const quiet = { awaited: false, reply() {}, emit() {} };
const awaited = { awaited: true, reply() {}, emit() {} };

function command(method, request) {
  const bytes = new Uint8Array(1 + request.length);
  bytes[0] = method;
  bytes.set(request, 1);
  return bytes;
}

function keyOf(place) {
  return encoder.encode(`/bench/${String((place * 7_919) % 1_000_003).padStart(8, '0')}`);
}

function puts(keys, valueBytes) {
  const value = new Uint8Array(valueBytes).fill(120);
  return Array.from({ length: keys }, (_, i) =>
    command(Method.put, PutRequest.encode(PutRequest.create({ key: keyOf(i), value }))),
  );
}

function range(fields) {
  return command(Method.rangeQuery, RangeRequest.encode(RangeRequest.create(fields)));
}

function measure(name, count, run) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < count; i++) run(i);
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  const line = { name, count, perSecond: Math.round((count * 1e3) / ms), cpuUs: +((used.user + used.system) / count).toFixed(2) };
  console.log(JSON.stringify(line));
}

const machine = kvStateMachine();
const commands = puts(100_000, 256);
measure('put, new keys, 256 B', commands.length, (i) => machine.apply(commands[i], stamp, quiet));
for (let round = 1; round <= 3; round++) {
  measure(`put, overwrite ${round}, 256 B`, commands.length, (i) => machine.apply(commands[i], stamp, awaited));
}
const gets = Array.from({ length: 1_000 }, (_, i) => range({ key: keyOf(i * 97) }));
measure('range of one key', 300_000, (i) => machine.query(gets[i % gets.length]));
const pages = Array.from({ length: 100 }, (_, i) => range({ key: keyOf(i), rangeEnd: encoder.encode('/bench0'), limit: 100 }));
measure('range of a page of 100, counting all behind it', 200, (i) => machine.query(pages[i % pages.length]));
const stretch = range({ key: encoder.encode('/bench/00001'), rangeEnd: encoder.encode('/bench/00002') });
measure('range of about 100 keys', 5_000, () => machine.query(stretch));
measure('snapshot of it all, per 64 KiB slice', 1, () => {
  const reader = machine.snapshot();
  while (reader.next(65_536) !== undefined);
  reader.close();
});
const { rss, external } = process.memoryUsage();
console.log(JSON.stringify({ name: 'memory', rssMiB: Math.round(rss / 2 ** 20), externalMiB: Math.round(external / 2 ** 20) }));
