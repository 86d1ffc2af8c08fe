// Run after a build: node packages/raft/bench/core.bench.mjs [--json]
import { benchCore } from '@quorate/core-testing/bench';
import { raft } from '../dist/index.js';

benchCore({ name: 'Raft', kind: raft(), targets: { batched: 1_000_000, single: 150_000 } });
