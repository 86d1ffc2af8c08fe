// Before packing: empties dist and builds. The compiler never removes the output of a file that is gone, and the orphan
// would be published.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = process.cwd();
const { name, scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

rmSync(join(folder, 'dist'), { recursive: true, force: true });
if (scripts.generate !== undefined)
  runTool('turbo/bin/turbo', ['run', 'generate', `--filter=${name}`, '--output-logs=errors-only']);
runTool('typescript/bin/tsc', ['-b']);
// The compiler's notes about this machine's build are nothing to publish.
rmSync(join(folder, 'dist', '.tsbuildinfo'), { force: true });

/** Standard output stays quiet: the packer's own list of files is read from there. */
function runTool(script, args) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}
