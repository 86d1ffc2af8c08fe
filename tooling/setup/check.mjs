// npm run check: sets everything up, then every check that is not a test. A failure does not stop the others.
//   npm run check                       all of them
//   npm run check -- format lint        those
import process from 'node:process';
import { checks, runChecks } from './run-checks.mjs';
import { prepare } from './prepare.mjs';
import { Problem, runMain } from './problem.mjs';
import { totalLine } from './test-reports.mjs';

await runMain(async () => {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    throw new Problem(
      `There is no check called ${unknown.join(', ')}.`,
      `name one of ${checks.map(({ name }) => name).join(', ')}, or none for all.`,
    );
  }
  const env = await prepare();
  const { passed, failed } = await runChecks(env, names);
  process.stdout.write(`\n${totalLine(passed, failed)}\n`);
  return failed > 0 ? 1 : 0;
});
