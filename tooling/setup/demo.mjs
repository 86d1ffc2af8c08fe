// npm run demo: sets everything up, builds, and runs the demonstration (tooling/demo). Arguments are handed on to it.
import { join } from 'node:path';
import process from 'node:process';
import { run } from './child.mjs';
import { build, prepare } from './prepare.mjs';
import { runMain } from './problem.mjs';
import { root } from './repository.mjs';

await runMain(async () => {
  const env = await prepare();
  await build(env);
  const demo = join(root, 'tooling', 'demo', 'start.mjs');
  const result = await run(process.execPath, [demo, ...process.argv.slice(2)], { cwd: root, env });
  return result.code;
});
