// What accuracy and speed of detection cost in messages. The same numbers in every run; the README shows two parts of them.
// Run after a build: node packages/failure-detector/bench/trade-off.bench.mjs [--interval MS] [--strategy NAME] [--json]
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bertier, chen, fixedTimeout, formatTradeOff, phiAccrual, standardScenarios, tradeOff } from '../dist/index.js';

const { values } = parseArgs({
  options: { interval: { type: 'string' }, strategy: { type: 'string' }, json: { type: 'boolean', default: false } },
});

/** mulberry32. */
function createChance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function strategies(intervalMs) {
  const firstIntervalMs = intervalMs;
  const all = [
    fixedTimeout({ timeoutMs: 1000 }),
    fixedTimeout({ timeoutMs: 3 * intervalMs }),
    chen({ intervalMs, marginMs: intervalMs }),
    chen({ intervalMs, marginMs: 3 * intervalMs }),
    bertier({ intervalMs, firstMarginMs: intervalMs }),
    phiAccrual({ firstIntervalMs, minStdDevMs: intervalMs / 10 }),
    phiAccrual({ firstIntervalMs, minStdDevMs: intervalMs / 2 }),
    phiAccrual({ firstIntervalMs, distribution: 'exponential', threshold: 3 }),
  ];
  return all.filter(({ name }) => values.strategy === undefined || name === values.strategy);
}

const rows = tradeOff({
  scenarios: standardScenarios,
  intervalsMs: values.interval === undefined ? [100, 250, 500] : [Number(values.interval)],
  strategies,
  peers: 100,
  lifeMs: 600_000,
  tailMs: 60_000,
  chance: createChance(1),
});
process.stdout.write(`${values.json ? JSON.stringify(rows) : formatTradeOff(rows)}\n`);
