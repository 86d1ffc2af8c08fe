import { fileURLToPath } from 'node:url';
import { runGolden } from '../src/index.ts';
import { toyKinds } from './fixtures/toy-kinds.ts';

runGolden({ folder: fileURLToPath(new URL('traces', import.meta.url)), kinds: toyKinds });
