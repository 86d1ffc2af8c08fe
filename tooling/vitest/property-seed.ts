import { readFileSync } from 'node:fs';

// Property tests draw the same values on every run, so that a change's tests fail because of the change. Longer hunts
// choose otherwise: QUORATE_SEED=7 QUORATE_PROPERTY_RUNS=10000 npm test.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { devDependencies?: Record<string, string> };
if (manifest.devDependencies !== undefined && 'fast-check' in manifest.devDependencies) {
  const { default: fc } = await import('fast-check');
  const seed = Number(process.env['QUORATE_SEED'] ?? 1);
  const numRuns = Number(process.env['QUORATE_PROPERTY_RUNS'] ?? 100);
  fc.configureGlobal({ seed, numRuns });
}
