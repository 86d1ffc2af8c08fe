// Run after a build: node packages/zab/bench/core.bench.mjs [--json]
import { benchCore } from '@quorate/core-testing/bench';
import { zab } from '../dist/index.js';

benchCore({ name: 'ZAB', kind: zab(), targets: { batched: 800_000, single: 120_000 } });
