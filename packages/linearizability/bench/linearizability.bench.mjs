// Histories of a key-value store, recorded from a simulated one, judged: how many operations per CPU second.
// Run after a build: node packages/linearizability/bench/linearizability.bench.mjs [--json]
import { performance } from 'node:perf_hooks';
import { checkHistory, createRecorder, kvModel, kvRevisions, replayRevisions } from '../dist/index.js';

const repeats = 7;
const operations = 20_000;

/** The same numbers in every run (mulberry32). */
function createChance(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Clients call, their operations take effect at some later moment, and return at a later one still. */
function record({ keys, clients, unknownPerMille }) {
  const chance = createChance(1);
  const recorder = createRecorder(kvModel());
  const store = kvRevisions().open();
  const running = Array.from({ length: clients }, () => ({
    process: recorder.newProcess(),
    input: undefined,
    output: undefined,
  }));
  for (let called = 0; called < operations;) {
    const client = running[chance(clients)];
    if (client.input === undefined) {
      client.input = inputOf(chance, `k${chance(keys)}`, called++);
      recorder.call(client.process, client.input);
    } else if (client.output === undefined) {
      const lost = chance(1000) < unknownPerMille;
      if (!lost || chance(2) === 0) client.output = store.execute(client.input);
      if (lost) {
        client.process = recorder.lost(client.process);
        client.input = undefined;
        client.output = undefined;
      }
    } else {
      recorder.returned(client.process, client.output);
      client.input = undefined;
      client.output = undefined;
    }
  }
  return recorder.history();
}

function inputOf(chance, key, unique) {
  const kind = chance(10);
  if (kind < 5) return { op: 'get', key };
  if (kind < 8) return { op: 'put', key, value: `v${unique}` };
  if (kind < 9) return { op: 'delete', key };
  return { op: 'compare-and-set', key, expected: null, value: `v${unique}` };
}

/** One write after another, each with its revision: what a replay is given. */
function recordRevisions() {
  const model = kvRevisions();
  const store = model.open();
  const chance = createChance(2);
  let revision = model.initialRevision;
  return Array.from({ length: operations }, (_, place) => {
    const input = inputOf(chance, `k${chance(50)}`, place);
    const output = store.execute(input);
    if (model.writes(input, output)) revision += 1;
    return { process: place % 8, call: 10 * place, return: 10 * place + 25, input, output: { revision, output } };
  });
}

/** A history of one operation more, which no store can answer. */
function spoil(history) {
  const last = history.findLast(({ input, output }) => input.op === 'get' && output !== undefined);
  return history.map((operation) =>
    operation === last ? { ...operation, output: { op: 'get', value: 'never written' } } : operation,
  );
}

function measure({ history, verdict, replay }) {
  const before = process.cpuUsage();
  const report = replay ? replayRevisions(kvRevisions(), history) : checkHistory(kvModel(), history);
  const { user, system } = process.cpuUsage(before);
  if (report.verdict !== verdict) throw new Error(`the verdict is ${report.verdict}, not ${verdict}`);
  return { perSecond: history.length / ((user + system) / 1e6), steps: report.steps ?? 0 };
}

/** The same small work in every run of every machine, so that figures can be compared. */
function calibrate() {
  const before = process.cpuUsage();
  const rounds = 2_000_000;
  let sink = [];
  for (let n = 0; n < rounds; n++) {
    sink.push({ first: n, count: 1, next: n + 1 });
    if (sink.length === 64) sink = [];
  }
  const { user, system } = process.cpuUsage(before);
  return rounds / ((user + system) / 1e6);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

const wide = record({ keys: 50, clients: 8, unknownPerMille: 0 });
const hot = record({ keys: 1, clients: 8, unknownPerMille: 0 });
const lossy = record({ keys: 5, clients: 30, unknownPerMille: 20 });
const cases = [
  { name: '50 keys, 8 clients', history: wide, verdict: 'ok', target: 200_000 },
  { name: 'one hot key, 8 clients', history: hot, verdict: 'ok', target: 200_000 },
  { name: '5 keys, 30 clients, 2 % unknown', history: lossy, verdict: 'ok', target: 200_000 },
  { name: '50 keys, one answer spoilt', history: spoil(wide), verdict: 'violation', target: 200_000 },
  { name: '5 keys, 2 % unknown, one spoilt', history: spoil(lossy), verdict: 'violation', target: 10_000 },
  { name: 'replay by revision', history: recordRevisions(), verdict: 'ok', replay: true, target: 400_000 },
];
const started = performance.now();
const results = new Map(cases.map(({ name }) => [name, []]));
const calibrations = [];
for (let repeat = 0; repeat < repeats; repeat++) {
  calibrations.push(calibrate());
  for (const one of cases) results.get(one.name).push(measure(one));
}
const report = cases.map(({ name, target, history }) => {
  const runs = results.get(name);
  const perCpuSecond = Math.round(median(runs.map((run) => run.perSecond)));
  return { name, operations: history.length, perCpuSecond, target, steps: runs[0].steps };
});
const calibrationPerCpuSecond = Math.round(median(calibrations));
if (process.argv.includes('--json')) console.log(JSON.stringify({ calibrationPerCpuSecond, repeats, results: report }));
else {
  console.log(`Histories of about ${operations.toLocaleString('en')} operations; medians of ${repeats}`);
  for (const { name, perCpuSecond, target, steps } of report)
    console.log(
      `  ${name.padEnd(32)} ${perCpuSecond.toLocaleString('en').padStart(9)} operations per CPU second (target ${target.toLocaleString('en')}), ${steps.toLocaleString('en')} steps`,
    );
  console.log(
    `  calibration                      ${calibrationPerCpuSecond.toLocaleString('en')} small objects per CPU second, ${((performance.now() - started) / 1000).toFixed(1)} s in all`,
  );
}
