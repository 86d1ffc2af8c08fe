// What a heartbeat costs a detector of many peers: nanoseconds per heartbeat, with the expiry of those that are silent, and memory.
// Run after a build: node packages/failure-detector/bench/heartbeat.bench.mjs [--json]
import { performance } from 'node:perf_hooks';
import { bertier, chen, fixedTimeout, phiAccrual } from '../dist/index.js';

const repeats = 5;
const rounds = 100;
const intervalMs = 1000;

const strategies = {
  fixed: fixedTimeout({ timeoutMs: 10_000 }),
  chen: chen({ intervalMs, marginMs: 500 }),
  bertier: bertier({ intervalMs, firstMarginMs: 500 }),
  phi: phiAccrual(),
};

/** Every peer is heard once per interval, in its own order; the host asks for its deadline after each, and for the expired every 10 ms. */
function run(strategy, peers) {
  const detector = strategy.create();
  for (let peer = 0; peer < peers; peer++) detector.expect(peer, 0, { timeoutMs: 4000 + ((peer * 7919) % 16_000) });
  const step = intervalMs / peers;
  let now = 0;
  let asked = 0;
  let sum = 0;
  const started = performance.now();
  for (let round = 0; round < rounds; round++) {
    for (let peer = 0; peer < peers; peer++) {
      now += step;
      detector.heartbeat((peer * 7919) % peers, now);
      sum += detector.nextDeadlineMs;
      if (now - asked < 10) continue;
      asked = now;
      sum += detector.expired(now).length;
    }
  }
  const nanoseconds = ((performance.now() - started) * 1e6) / (rounds * peers);
  return { nanoseconds, sum };
}

const results = [];
for (const peers of [100, 10_000]) {
  for (const [name, strategy] of Object.entries(strategies)) {
    const times = Array.from({ length: repeats }, () => run(strategy, peers).nanoseconds);
    results.push({ strategy: name, peers, nanosecondsPerHeartbeat: Math.round(Math.min(...times)) });
  }
}
if (process.argv.includes('--json')) console.log(JSON.stringify(results));
else
  for (const one of results)
    console.log(`${one.strategy.padEnd(8)} ${String(one.peers).padStart(6)} peers ${one.nanosecondsPerHeartbeat} ns`);
