// npm start: sets everything up, builds, and compares all protocols on both services with quorate-bench. --help says more.
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { run } from './child.mjs';
import { comparison, startHelp } from './comparison.mjs';
import { build, prepare } from './prepare.mjs';
import { runMain } from './problem.mjs';
import { cacheFolder, root } from './repository.mjs';

const bench = join(root, 'apps', 'bench', 'bin', 'quorate-bench.mjs');
const reportFolder = join(root, 'report');

await runMain(async () => {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(startHelp);
    return 0;
  }
  const env = await prepare();
  await build(env);
  mkdirSync(reportFolder, { recursive: true });
  // Beside the sources, because a system's folder for temporary files is often in memory, where syncs cost nothing.
  const { command, files } = comparison(args, { reportFolder, directory: cacheFolder });
  const { code } = await run(process.execPath, [bench, ...command], { cwd: root, env });
  if (code > 1) return code;
  process.stdout.write(`\nThe report: ${files.map((file) => relative(process.cwd(), file)).join(', ')}\n`);
  process.stdout.write(
    'All of it in the terminal: npm start -- --verbose. The long comparison, hours that rank what they can:\n',
  );
  process.stdout.write('  node apps/bench/bin/quorate-bench.mjs compare --json report/long.json --html report/long.html\n');
  return code;
});
