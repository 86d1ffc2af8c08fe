import { defineConfig } from 'vitest/config';

// The style guide over the repository as it is. Not part of `npm test`: `npm run check` runs it, and so does CI.
export default defineConfig({
  test: { include: ['repository/**/*.test.ts'], testTimeout: 60_000, retry: 0, update: 'none' },
});
