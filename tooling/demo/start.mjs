import { fileURLToPath } from 'node:url';
import { runDemo } from './dist/index.js';

const program = fileURLToPath(new URL('../../apps/kv/bin/quorate-kv.mjs', import.meta.url));
process.exit(await runDemo(program, process.argv.slice(2)));
