// npm start: sets everything up, builds, and runs the demonstration (tooling/demo). Arguments are handed on to it.
import { join } from 'node:path';
import process from 'node:process';
import { run } from './child.mjs';
import { prepare, runTurbo, say } from './prepare.mjs';
import { Problem, runMain } from './problem.mjs';
import { root } from './repository.mjs';

await runMain(async () => {
  const env = await prepare();
  say('building');
  const built = await runTurbo(['run', 'build', '--output-logs=errors-only'], env, true);
  if (built.code !== 0) {
    process.stderr.write(built.output);
    throw new Problem('The build failed.', 'read the compiler\'s errors above, mend them and run "npm start" again.');
  }
  const demo = join(root, 'tooling', 'demo', 'start.mjs');
  const result = await run(process.execPath, [demo, ...process.argv.slice(2)], { cwd: root, env });
  return result.code;
});
