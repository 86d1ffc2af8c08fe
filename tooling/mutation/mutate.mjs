// pnpm mutate: plants the bugs of the catalogue, one at a time, in a copy of the tree, and demands that the tests find each.
// Changes nothing in the tree itself. Flags: --help.
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { catalogueProblems, loadCatalogue, select } from './catalogue.mjs';
import { endChildren } from './children.mjs';
import { removeCopies } from './copies.mjs';
import { checkChoice, parseOptions, usage, UsageError } from './options.mjs';
import { staleMutations } from './patch.mjs';
import { summaryLines } from './report.mjs';
import { runMutations } from './run-mutations.mjs';
import { scoreOf } from './score.mjs';
import { suites } from './suites.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const say = (line) => process.stdout.write(`${line}\n`);

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
]) {
  process.on(signal, () => {
    cleanUp();
    process.exit(128 + number);
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`E_USAGE: ${error.message}. See --help.\n`);
  process.exitCode = 64;
} finally {
  cleanUp();
}

async function main(args) {
  const options = parseOptions(args);
  if (options.help) {
    say(usage);
    return 0;
  }
  const all = await loadCatalogue();
  checkChoice(options, all);
  const mutations = select(all, options);
  if (options.list) {
    for (const { id, title, harmless } of mutations) say(`${id.padEnd(38)} ${harmless ? '(null patch) ' : ''}${title}`);
    return 0;
  }
  const problems = [...catalogueProblems(all, suites, root)];
  if (problems.length === 0) problems.push(...staleMutations(root, mutations));
  for (const problem of problems) say(`✗ ${problem}`);
  if (problems.length > 0) return 1;
  if (options.check) {
    say(`✓ ${mutations.length} mutations, none is stale`);
    return 0;
  }
  return run(mutations, options);
}

async function run(mutations, { jobs, limitMs, json }) {
  const began = performance.now();
  const results = await runMutations(root, mutations, { suites, jobs, limitMs, say });
  if (results === undefined) {
    say('✗ the tests are red without any mutation: mend them first');
    return 1;
  }
  const totalMs = performance.now() - began;
  const score = scoreOf(results);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(document(results, totalMs), undefined, 2)}\n`);
  say('');
  for (const line of summaryLines(score, totalMs)) say(line);
  return score.failures.length > 0 ? 1 : 0;
}

function document(results, totalMs) {
  const rows = results.map(({ mutation, fate, suite, about, ms }) => {
    const { id, area, title, file, harmless = false } = mutation;
    return { id, area, title, file, harmless, fate, suite, about, ms: Math.round(ms) };
  });
  return { totalMs: Math.round(totalMs), results: rows };
}

function cleanUp() {
  endChildren();
  removeCopies();
}
