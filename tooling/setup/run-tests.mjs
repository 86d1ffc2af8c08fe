import process from 'node:process';
import { runTurbo } from './prepare.mjs';
import { say } from './progress.mjs';
import { readJson, root, workspaceFolders } from './repository.mjs';
import { describeCounts, readReport, removeReports, reportPath } from './test-reports.mjs';
import { failedFolders, removeTurboSummaries } from './turbo-summary.mjs';

// These start processes (members, browsers) and measure time; beside other tests on two cores they would starve.
const processPackages = ['server', 'kv', 'lock', 'bench', 'integration', 'interop', 'browser'].map((name) => `@quorate/${name}`);
const turboFlags = /^(--filter|-F|--force|--concurrency|--affected|--output-logs)(=|$)/;
const pollMs = 300;

/** Which arguments are turbo's, and which are handed on to vitest. */
export function splitArguments(args) {
  const turbo = [];
  const vitest = [];
  for (let place = 0; place < args.length; place++) {
    const list = turboFlags.test(args[place]) ? turbo : vitest;
    list.push(args[place]);
    // A value may stand apart from its flag: --filter NAME.
    if (/^(--filter|-F|--concurrency|--output-logs)$/.test(args[place]) && place + 1 < args.length) list.push(args[++place]);
  }
  return { turbo, vitest };
}

/** Runs the tests: first the quick ones, two packages at a time, then those that start processes, one at a time. */
export async function runTests(env, args) {
  const { turbo, vitest } = splitArguments(args);
  const folders = workspaceFolders().filter((folder) => readJson(folder, 'package.json').scripts?.test !== undefined);
  const progress = createProgress(folders);
  removeReports(root, folders);
  removeTurboSummaries(root);
  const handedOn = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`, ...vitest];
  let code = 0;
  for (const phase of phases(turbo)) {
    say(phase.title);
    const timer = setInterval(progress.look, pollMs);
    const common = ['run', 'test', '--continue=always', '--output-logs=errors-only', '--log-order=grouped', '--summarize'];
    const result = await runTurbo([...common, ...phase.flags, ...turbo, '--', ...handedOn], env);
    clearInterval(timer);
    progress.look();
    if (result.code !== 0) code = result.code;
  }
  const silent = progress.countSilent(failedFolders(root));
  const { passed, failed } = progress.total();
  // Whatever turned the run red must be visible in the count, even if it is no test at all.
  return { passed, failed: code !== 0 && failed + silent === 0 ? 1 : failed + silent, code };
}

function phases(turbo) {
  const chosen = turbo.some((flag) => /^(--filter|-F|--affected)/.test(flag));
  if (chosen) return [{ title: 'running tests', flags: ['--concurrency=1'] }];
  return [
    { title: 'running tests', flags: ['--concurrency=2', ...processPackages.map((name) => `--filter=!${name}`)] },
    {
      title: 'running the tests that start processes',
      flags: ['--concurrency=1', ...processPackages.map((name) => `--filter=${name}`)],
    },
  ];
}

/** Prints each package's line as soon as its report is there. */
function createProgress(folders) {
  const seen = new Map();
  const look = () => {
    for (const folder of folders) {
      if (seen.has(folder)) continue;
      const counts = readReport(root, folder);
      if (counts === undefined) continue;
      seen.set(folder, counts);
      process.stdout.write(`${describeCounts(folder, counts)}\n`);
    }
  };
  const total = () => {
    const sum = { passed: 0, failed: 0 };
    for (const counts of seen.values()) {
      sum.passed += counts.passed;
      sum.failed += counts.failed;
    }
    return sum;
  };
  /** A package that failed without a failed test (it found no tests, a task before it failed) counts as one failure. */
  const countSilent = (failedTasks) => {
    const silent = failedTasks.filter((folder) => (seen.get(folder)?.failed ?? 0) === 0);
    for (const folder of silent) process.stdout.write(`✗ ${folder.padEnd(32)} failed outside its tests; see its output above\n`);
    return silent.length;
  };
  return { look, total, countSilent };
}
