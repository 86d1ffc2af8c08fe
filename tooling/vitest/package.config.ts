import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests run against sources: the `@quorate/source` condition replaces dist, so that a stale build never hides a change.
export default defineConfig({
  resolve: { conditions: ['@quorate/source'] },
  ssr: { resolve: { conditions: ['@quorate/source'], externalConditions: ['@quorate/source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: [fileURLToPath(new URL('property-seed.ts', import.meta.url))],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    retry: 0,
    passWithNoTests: false,
  },
});
