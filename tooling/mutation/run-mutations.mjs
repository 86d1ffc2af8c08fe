import { availableParallelism } from 'node:os';
import { createBench, suitesOf } from './bench.mjs';
import { copyTree } from './copies.mjs';
import { judge } from './judge.mjs';
import { resultLine, seconds } from './report.mjs';

/**
 * Runs the unmutated suites, then every mutation, `jobs` at a time, each worker in a copy of its own. Returns the results in the
 * order of the mutations, or undefined where the suites are not green to begin with.
 */
export async function runMutations(root, mutations, { suites, jobs, limitMs, say, copy = copyTree }) {
  const trees = Array.from({ length: Math.max(1, Math.min(jobs, mutations.length)) }, () => copy(root));
  const workers = Math.max(1, Math.floor(availableParallelism() / trees.length));
  const bench = createBench({ suites, limitMs, workers });
  const needed = suitesOf(mutations, suites);
  say(`· ${needed.length} suites without any mutation, in ${trees.length} ${trees.length === 1 ? 'copy' : 'copies'} of the tree`);
  let red = 0;
  await inParallel(trees, needed, async (tree, suite) => {
    const { verdict, about, ms } = await bench.baseline(tree, suite);
    if (verdict !== 'passed') red += 1;
    say(verdict === 'passed' ? `✓ ${suite.name} (${seconds(ms)})` : `✗ ${suite.name}: ${verdict}, ${about} (${seconds(ms)})`);
  });
  if (red > 0) return undefined;
  say(`· ${mutations.length} mutations`);
  let done = 0;
  return inParallel(trees, mutations, async (tree, mutation) => {
    const result = await judge(tree, mutation, bench);
    done += 1;
    say(resultLine(result, { done, total: mutations.length }));
    return result;
  });
}

/** Hands out the items in order; each tree works on one at a time. */
async function inParallel(trees, items, work) {
  const results = Array.from({ length: items.length });
  let next = 0;
  const worker = async (tree) => {
    while (next < items.length) {
      const place = next++;
      results[place] = await work(tree, items[place]);
    }
  };
  await Promise.all(trees.map(worker));
  return results;
}
