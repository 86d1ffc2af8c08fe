#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write(
    'E_NOT_BUILT: quorate-bench is not built yet. Run "npm run build" in the repository\'s root, then this again.\n',
  );
  process.exit(78);
}
(await import(main.href)).main();
