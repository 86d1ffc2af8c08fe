import { join } from 'node:path';
import { runNode } from './children.mjs';
import { suiteEnvironment } from './suites.mjs';

/** How many limits a run may take that is expected to pass: on a busy machine it must not be taken for one that hangs. */
const patience = 4;

/**
 * One run of a suite. `mustPass`: it is expected to.
 * @typedef {{ suite: any, only?: readonly string[], except?: readonly string[], mustPass?: boolean }} Step
 */

/**
 * Runs steps of suites in trees, each within the limit, and remembers how long whole suites took unmutated. `workers`: how many
 * test files one run may look at at the same time.
 */
export function createBench({ suites, limitMs, workers }) {
  const baselines = new Map();
  const env = suiteEnvironment();
  /**
   * @param {string} tree
   * @param {Step} step
   */
  const run = async (tree, { suite, only, except, mustPass = false }) => {
    suite.before(tree);
    const args = suite.command({ only, except, workers });
    const mostMs = mustPass ? patience * limitMs : limitMs;
    const ended = await runNode(args, { cwd: join(tree, suite.folder), env, limitMs: mostMs });
    if (ended.timedOut) return { verdict: 'late', about: `no end after ${mostMs} ms`, ms: ended.ms };
    return { ...suite.verdict(tree, ended), ms: ended.ms };
  };
  return {
    suites,
    run,
    /** Runs a whole suite on the tree as it is, and notes the time. */
    async baseline(tree, suite) {
      const result = await run(tree, { suite, mustPass: true });
      baselines.set(suite.name, result.ms);
      return result;
    },
    /** Running into the limit says something only where the suite alone needs less than half of it. */
    isSlow: (suite) => (baselines.get(suite.name) ?? Number.POSITIVE_INFINITY) > limitMs / 2,
  };
}

/** Which suites a run of these mutations may need, in the order of the table. */
export function suitesOf(mutations, suites) {
  const named = new Set(mutations.flatMap((mutation) => mutation.suites));
  return suites.filter(({ name, wide }) => wide || named.has(name));
}
