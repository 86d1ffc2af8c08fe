import { plant, StaleMutation } from './patch.mjs';

/**
 * Plants one mutation in a tree, runs suites until one of them goes red, and takes it out again. `bench` runs a step and knows
 * how long suites take unmutated. The result's `fate` is
 *   killed      by a test, or by the limit where the suite passes well within it;
 *   survived    every suite is green;
 *   stale       its text is not in the source exactly once;
 *   broken      it does not even load, so that it says nothing about the tests;
 *   undecided   it ran into the limit, but so might the suite without it.
 */
export async function judge(tree, mutation, bench) {
  let restore;
  try {
    restore = plant(tree, mutation);
  } catch (error) {
    if (!(error instanceof StaleMutation)) throw error;
    return { mutation, fate: 'stale', about: error.message, ms: 0 };
  }
  try {
    return await runSteps(tree, mutation, bench);
  } finally {
    restore();
  }
}

async function runSteps(tree, mutation, bench) {
  let ms = 0;
  const tried = new Set();
  for (const step of stepsFor(mutation, bench.suites)) {
    const run = await bench.run(tree, step);
    ms += run.ms;
    tried.add(step.suite.name);
    const result = { mutation, ms, suite: step.suite.name, about: run.about };
    if (run.verdict === 'late') {
      if (bench.isSlow(step.suite)) return { ...result, fate: 'undecided', about: 'ran into the limit' };
      return { ...result, fate: 'killed', about: 'ran into the limit' };
    }
    if (run.verdict === 'broken') return { ...result, fate: 'broken' };
    if (run.verdict === 'failed') return { ...result, fate: 'killed' };
  }
  return { mutation, ms, fate: 'survived', about: [...tried].join(', ') };
}

/**
 * The likeliest files of the first suite, the rest of it, the other named suites, then the wide ones. A null patch: all of them whole.
 * @returns {import('./bench.mjs').Step[]}
 */
export function stepsFor(mutation, suites) {
  const named = mutation.suites.map((name) => suites.find((suite) => suite.name === name));
  const all = [...named, ...suites.filter((suite) => suite.wide && !named.includes(suite))];
  if (mutation.harmless) return all.map((suite) => ({ suite, mustPass: true }));
  const { first = [] } = mutation;
  const [likeliest, ...others] = all;
  const steps = first.length === 0 ? [] : [{ suite: likeliest, only: first }];
  return [...steps, { suite: likeliest, except: first }, ...others.map((suite) => ({ suite }))];
}
