// Links over ZeroMQ against links over TCP, both ends in this process, on loopback: frames and bytes per CPU second (of all threads), and the
// round trip of one frame. The two transports take turns, so that whatever else the machine does meets both. Trust the ratios.
// Usage: node tooling/processes/bench/links.bench.mjs [--pairs 5] [--seconds 0.5]
import { parseArgs } from 'node:util';
import { tcpTransport } from '@quorate/transport-tcp';
import { zeromqTransport } from '@quorate/transport-zeromq';
import { median } from './calibration.mjs';

const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '5' }, seconds: { type: 'string', default: '0.5' } },
});
const pairs = Number(values.pairs);
const windowMs = Number(values.seconds) * 1_000;
const transports = { tcp: tcpTransport, zeromq: zeromqTransport };

/** Two linked ends. A frame whose first byte is 1 is answered by one byte, one that starts with 2 by itself, others by nothing. */
async function link(transport) {
  const ends = { onEchoed: () => {} };
  const base = (self) => ({
    self,
    hello: Uint8Array.of(self),
    admit: (hello) => ({ peer: hello[0], kind: 'member', incarnation: 1 }),
    linkUp() {},
    linkDown() {},
    drained() {},
    trouble: (_peer, text) => console.error(text),
  });
  const one = transport({ listen: ['tcp://127.0.0.1:0'] });
  const two = transport({ listen: [] });
  const short = [new Uint8Array(1)];
  const echo = (up, frame) => {
    if (frame[0] === 0) return;
    one.send(up, 'log', frame[0] === 2 ? [frame] : short);
    one.flush();
  };
  await new Promise((resolve) => one.start({ ...base(1), frame: echo }, resolve));
  const up = await new Promise((resolve) => {
    const linkUp = (_peer, number) => resolve(number);
    two.start({ ...base(2), linkUp, frame: () => ends.onEchoed() }, () => two.setPeers([{ id: 1, urls: one.addresses }]));
  });
  ends.send = (payload, burst, whole) => {
    const quiet = [Uint8Array.of(0), payload];
    for (let i = 1; i < burst; i++) two.send(up, 'log', quiet);
    two.send(up, 'log', [Uint8Array.of(whole ? 2 : 1), payload]);
    two.flush();
  };
  ends.close = () => {
    one.close(() => {});
    two.close(() => {});
  };
  return ends;
}

/** Milliseconds of one frame and its echo, one after the other: the median. */
function roundTrip(ends, bytes) {
  const payload = new Uint8Array(bytes);
  const times = [];
  const until = performance.now() + windowMs;
  return new Promise((resolve) => {
    let began = performance.now();
    ends.onEchoed = () => {
      const now = performance.now();
      times.push(now - began);
      if (now > until) return resolve(median(times));
      began = performance.now();
      ends.send(payload, 1, true);
    };
    ends.send(payload, 1, true);
  });
}

/** One way, `burst` frames per flush, a few flushes under way: frames per second, and per second of CPU. */
async function throughput(ends, bytes, burst) {
  const payload = new Uint8Array(bytes);
  const depth = Math.max(2, Math.min(16, Math.floor(4_194_304 / (bytes * burst))));
  const cpu = process.cpuUsage();
  const began = performance.now();
  const until = began + windowMs;
  let frames = 0;
  await new Promise((resolve) => {
    let open = depth;
    ends.onEchoed = () => {
      frames += burst;
      if (performance.now() < until) ends.send(payload, burst, false);
      else if (--open === 0) resolve();
    };
    for (let i = 0; i < depth; i++) ends.send(payload, burst, false);
  });
  const { user, system } = process.cpuUsage(cpu);
  return { rate: (frames * 1_000) / (performance.now() - began), perCpu: (frames * 1_000_000) / (user + system) };
}

async function main() {
  const links = { tcp: await link(transports.tcp), zeromq: await link(transports.zeromq) };
  for (const ends of Object.values(links)) await throughput(ends, 256, 16);
  console.log(
    'bytes     frames/flush   tcp: per CPU s, MB/CPU s, trip µs   zeromq: per CPU s, MB/CPU s, trip µs   ratios: CPU, rate, trip',
  );
  for (const [bytes, burst] of [
    [64, 1],
    [256, 1],
    [256, 64],
    [4_096, 16],
    [65_536, 4],
    [1_048_576, 1],
  ]) {
    const results = { tcp: [], zeromq: [] };
    for (let i = 0; i < pairs; i++) {
      for (const name of i % 2 === 0 ? ['tcp', 'zeromq'] : ['zeromq', 'tcp']) {
        const tripUs = (await roundTrip(links[name], bytes)) * 1_000;
        results[name].push({ ...(await throughput(links[name], bytes, burst)), tripUs });
      }
    }
    const of = (name, field) => median(results[name].map((result) => result[field]));
    const ratio = (field) => median(results.zeromq.map((result, i) => result[field] / results.tcp[i][field])).toFixed(2);
    const cell = (name) =>
      `${of(name, 'perCpu').toFixed(0).padStart(13)} ${((of(name, 'perCpu') * bytes) / 1e6).toFixed(0).padStart(9)} ${of(name, 'tripUs').toFixed(0).padStart(9)}`;
    const ratios = ['perCpu', 'rate', 'tripUs'].map((field) => ratio(field).padStart(7)).join('');
    console.log(`${String(bytes).padStart(8)} ${String(burst).padStart(10)} ${cell('tcp')}     ${cell('zeromq')}   ${ratios}`);
  }
  for (const ends of Object.values(links)) ends.close();
}

await main();
