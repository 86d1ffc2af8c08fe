// npm run build: sets everything up and builds all packages. Arguments are handed on to turbo.
import process from 'node:process';
import { build, prepare } from './prepare.mjs';
import { runMain } from './problem.mjs';

await runMain(async () => {
  await build(await prepare(), process.argv.slice(2));
  return 0;
});
