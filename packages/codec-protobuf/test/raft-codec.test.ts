import type { Config } from '@quorate/interface';
import {
  array,
  assert,
  boolean,
  constant,
  maxSafeInteger,
  oneof,
  option,
  property,
  record,
  string,
  tuple,
  uint8Array,
} from 'fast-check';
import { expect, test } from 'vitest';
import type { RaftMessage } from '../src/generated/raft.ts';
import { raftCodec, protobufCodec, runtimeCodec } from '../src/index.ts';

const number = oneof(maxSafeInteger(), constant(0), constant(2 ** 32), constant(Number.MAX_SAFE_INTEGER)).map((value) =>
  Math.abs(value),
);

const memberInfo = record({ id: number, name: string(), peerUrls: array(string(), { maxLength: 3 }), diskId: string() });
const halfOfConfig = record({
  id: number,
  voters: array(number, { maxLength: 5 }),
  learners: array(number, { maxLength: 2 }),
  members: array(memberInfo, { maxLength: 3 }),
});
const config = tuple(halfOfConfig, option(halfOfConfig, { nil: undefined })).map(([half, next]): Config =>
  next === undefined ? half : { ...half, next },
);
const meta = record({
  id: string(),
  index: number,
  epoch: record({ round: number, owner: number }),
  ordinal: number,
  configs: array(config, { maxLength: 3 }),
  core: uint8Array({ maxLength: 20 }),
  stateMachine: string(),
  version: number,
  bytes: number,
});

const message = oneof(
  record({ kind: constant('pre-vote' as const), term: number, candidate: number, lastLogIndex: number, lastLogTerm: number }),
  record({ kind: constant('pre-vote-response' as const), term: number, granted: boolean() }),
  record({
    kind: constant('request-vote' as const),
    term: number,
    candidate: number,
    lastLogIndex: number,
    lastLogTerm: number,
    transfer: boolean(),
  }),
  record({ kind: constant('request-vote-response' as const), term: number, granted: boolean() }),
  record({
    kind: constant('append' as const),
    term: number,
    leader: number,
    prevLogIndex: number,
    prevLogTerm: number,
    leaderCommit: number,
    notice: boolean(),
  }),
  record({
    kind: constant('append-response' as const),
    term: number,
    success: boolean(),
    matchIndex: number,
    rejectedIndex: number,
    hintIndex: number,
    hintTerm: number,
  }),
  record({ kind: constant('heartbeat' as const), term: number, leader: number, commit: number, readContext: number }),
  record({ kind: constant('heartbeat-response' as const), term: number, readContext: number }),
  record({ kind: constant('install-snapshot' as const), term: number, leader: number, meta }),
  record({ kind: constant('install-snapshot-response' as const), term: number, offeredIndex: number, acceptedUpTo: number }),
  record({ kind: constant('timeout-now' as const), term: number }),
  record({ kind: constant('read-index' as const), term: number, incarnation: number, context: number }),
  record({
    kind: constant('read-index-response' as const),
    term: number,
    incarnation: number,
    context: number,
    confirmed: boolean(),
    index: number,
  }),
);

test('returns every message as it was', () => {
  assert(
    property(message, (sent: RaftMessage) => {
      expect(raftCodec.decode(Uint8Array.from(raftCodec.encode(sent)))).toEqual(sent);
    }),
    { numRuns: 500 },
  );
});

test('takes a Buffer as it takes a Uint8Array', () => {
  const sent: RaftMessage = { kind: 'heartbeat', term: 2 ** 40, leader: 3, commit: 9, readContext: 0 };
  const bytes = raftCodec.encode(sent);
  expect(raftCodec.decode(Buffer.from(bytes))).toEqual(sent);
});

test('finds codecs by the name of the protocol', () => {
  expect(protobufCodec('raft')).toBe(raftCodec);
  expect(protobufCodec('runtime')).toBe(runtimeCodec);
  expect(protobufCodec('__proto__')).toBeUndefined();
});
