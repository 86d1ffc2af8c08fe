// npm test: sets everything up, then runs the tests of all packages.
//   npm test                             everything
//   npm test -- --filter=@quorate/raft   one package (turbo's filters)
//   npm test -- -t "election"            the tests whose names match (vitest's arguments)
import process from 'node:process';
import { prepare } from './prepare.mjs';
import { runMain } from './problem.mjs';
import { runTests } from './run-tests.mjs';
import { totalLine } from './test-reports.mjs';

await runMain(async () => {
  const started = Date.now();
  const env = await prepare();
  const { passed, failed, code } = await runTests(env, process.argv.slice(2));
  process.stdout.write(`\nin ${((Date.now() - started) / 1000).toFixed(1)} s\n${totalLine(passed, failed)}\n`);
  return failed > 0 ? 1 : code;
});
