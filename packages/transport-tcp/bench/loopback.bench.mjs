// Loopback in one process: what the transport costs over bare node:net. Build first: it runs on dist.
// Round trips one at a time (p50), then throughput with a window of 64, for several payloads. Trust the ratio, not the digits.
import { createConnection, createServer } from 'node:net';
import { tcpTransport } from '../dist/index.js';

const secondsPerCase = Number(process.argv[2] ?? 1);

async function main() {
  const bare = await bareEnds();
  const ours = await ourEnds();
  console.log('payload   frames/flush       bare p50 µs   ours p50 µs      bare MB/s   ours MB/s');
  for (const [bytes, burst] of [
    [64, 1],
    [256, 1],
    [256, 64],
    [4_096, 16],
    [65_536, 4],
    [1_048_576, 1],
  ]) {
    const bareLatency = burst === 1 ? await roundTrips(bare, bytes) : undefined;
    const ourLatency = burst === 1 ? await roundTrips(ours, bytes) : undefined;
    const cells = [
      String(bytes).padStart(7),
      String(burst).padStart(14),
      (bareLatency?.toFixed(1) ?? '–').padStart(18),
      (ourLatency?.toFixed(1) ?? '–').padStart(13),
      (await throughput(bare, bytes, burst)).toFixed(1).padStart(14),
      (await throughput(ours, bytes, burst)).toFixed(1).padStart(11),
    ];
    console.log(cells.join(''));
  }
  bare.close();
  ours.close();
}

/** Sends one payload, waits for its echo, and so on: the median in microseconds. */
async function roundTrips(ends, bytes) {
  const payload = new Uint8Array(bytes).fill(1);
  const samples = [];
  const until = performance.now() + secondsPerCase * 1_000;
  await new Promise((resolve) => {
    let began = 0;
    ends.onEchoed = () => {
      const now = performance.now();
      samples.push(now - began);
      if (now > until) return resolve();
      began = now;
      ends.send(payload, 1, true);
    };
    began = performance.now();
    ends.send(payload, 1, true);
  });
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1] * 1_000;
}

/** Megabytes per second one way, `burst` payloads per flush, acknowledged per burst, several bursts under way. */
async function throughput(ends, bytes, burst) {
  const payload = new Uint8Array(bytes).fill(1);
  const window = Math.max(2, Math.min(16, Math.floor(4_194_304 / (bytes * burst))));
  const began = performance.now();
  const until = began + secondsPerCase * 1_000;
  let done = 0;
  await new Promise((resolve) => {
    let open = window;
    ends.onEchoed = () => {
      done += burst;
      if (performance.now() < until) ends.send(payload, burst, false);
      else if (--open === 0) resolve();
    };
    for (let i = 0; i < window; i++) ends.send(payload, burst, false);
  });
  return (done * bytes) / 1_000 / (performance.now() - began);
}

/** Bare sockets: the same bytes with a 4-byte length, an echo of a burst is its last payload, or one byte. */
async function bareEnds() {
  const ends = { onEchoed: () => {} };
  const server = createServer({ noDelay: true }, (socket) => {
    let left = 0;
    let reply;
    socket.on('data', (chunk) => {
      let offset = 0;
      while (offset < chunk.length) {
        if (left === 0) {
          // The header of a burst is never split here: it is written alone with its bytes behind it.
          left = chunk.readUInt32LE(offset);
          reply = chunk.readUInt32LE(offset + 4);
          offset += 8;
        }
        const taken = Math.min(left, chunk.length - offset);
        left -= taken;
        offset += taken;
        if (left === 0) socket.write(Buffer.alloc(reply));
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = createConnection({ port: server.address().port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  const waiting = [];
  socket.on('data', (chunk) => {
    let left = chunk.length;
    while (left > 0) {
      const taken = Math.min(left, waiting[0]);
      left -= taken;
      waiting[0] -= taken;
      if (waiting[0] === 0) {
        waiting.shift();
        ends.onEchoed();
      }
    }
  });
  ends.send = (payload, burst, echo) => {
    const header = Buffer.allocUnsafe(8);
    header.writeUInt32LE(payload.length * burst);
    header.writeUInt32LE(echo ? payload.length : 1, 4);
    waiting.push(echo ? payload.length : 1);
    socket.cork();
    socket.write(header);
    for (let i = 0; i < burst; i++) socket.write(payload);
    socket.uncork();
  };
  ends.close = () => {
    socket.destroy();
    server.close();
  };
  return ends;
}

/** Two members of ours; the last frame of a burst starts with 2 where its echo should be whole, with 1 where it should be short. */
async function ourEnds() {
  const ends = { onEchoed: () => {} };
  const encoder = new TextEncoder();
  const base = (self) => ({
    self,
    hello: encoder.encode(String(self)),
    admit: (hello) => ({ peer: Number(new TextDecoder().decode(hello)), kind: 'member', incarnation: 1 }),
    linkDown() {},
    drained() {},
    trouble: (_peer, text) => console.error(text),
  });
  const one = tcpTransport({ listen: ['tcp://127.0.0.1:0'] });
  const two = tcpTransport({ listen: [] });
  const ack = [new Uint8Array(1)];
  await new Promise((resolve) => {
    one.start(
      {
        ...base(1),
        linkUp() {},
        frame(link, frame) {
          const mark = frame[0];
          if (mark === 0) return;
          one.send(link, 'log', mark === 2 ? [frame] : ack);
          one.flush();
        },
      },
      resolve,
    );
  });
  const link = await new Promise((resolve) => {
    two.start({ ...base(2), linkUp: (_peer, up) => resolve(up), frame: () => ends.onEchoed() }, () => {
      two.setPeers([{ id: 1, urls: one.addresses }]);
    });
  });
  ends.send = (payload, burst, echo) => {
    const quiet = [Uint8Array.of(0), payload];
    for (let i = 1; i < burst; i++) two.send(link, 'log', quiet);
    two.send(link, 'log', [Uint8Array.of(echo ? 2 : 1), payload]);
    two.flush();
  };
  ends.close = () => {
    one.close(() => {});
    two.close(() => {});
  };
  return ends;
}

await main();
