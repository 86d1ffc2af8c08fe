// Run after a build: node packages/multi-paxos/bench/core.bench.mjs [--json]
import { benchCore } from '@quorate/core-testing/bench';
import { multiPaxos } from '../dist/index.js';

benchCore({ name: 'Multi-Paxos', kind: multiPaxos(), targets: { batched: 1_000_000, single: 150_000 } });
