import { defineConfig, mergeConfig } from 'vitest/config';
import packageConfig from './package.config.ts';

// For tests that start member processes: one file at a time, because elections measure time and two clusters on two
// cores would steal it from each other.
export default mergeConfig(
  packageConfig,
  defineConfig({ test: { fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 20_000 } }),
);
