import { plan } from '@quorate/conformance';
import { codecSuite } from '@quorate/conformance/codec';
import { describe, test } from 'vitest';
import { multiPaxosSubject } from './fixtures/multi-paxos-subject.ts';
import { raftSubject } from './fixtures/raft-subject.ts';
import { runtimeSubject } from './fixtures/runtime-subject.ts';
import { zabSubject } from './fixtures/zab-subject.ts';

describe("the codec of Multi-Paxos' messages", () => {
  for (const { title, skipped, run } of plan(codecSuite(multiPaxosSubject), { truncation: true }))
    test.skipIf(skipped)(title, run);
});

describe("the codec of Raft's messages", () => {
  for (const { title, skipped, run } of plan(codecSuite(raftSubject), { truncation: true })) test.skipIf(skipped)(title, run);
});

describe("the codec of ZAB's messages", () => {
  for (const { title, skipped, run } of plan(codecSuite(zabSubject), { truncation: true })) test.skipIf(skipped)(title, run);
});

describe("the codec of the runtime's messages", () => {
  for (const { title, skipped, run } of plan(codecSuite(runtimeSubject), { truncation: true })) test.skipIf(skipped)(title, run);
});
