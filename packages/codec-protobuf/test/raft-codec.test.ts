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

test('takes Buffer and Uint8Array alike, at any offset', () => {
  const sent: RaftMessage = { kind: 'heartbeat', term: 2 ** 40, leader: 3, commit: 9, readContext: 0 };
  const bytes = raftCodec.encode(sent);
  const shifted = new Uint8Array(bytes.length + 5);
  shifted.set(bytes, 5);
  expect(raftCodec.decode(Buffer.from(bytes))).toEqual(sent);
  expect(raftCodec.decode(shifted.subarray(5))).toEqual(sent);
});

test('never throws on random or damaged bytes (B-06)', () => {
  assert(
    property(uint8Array({ maxLength: 80 }), (bytes) => {
      raftCodec.decode(bytes);
      runtimeCodec.decode(bytes);
    }),
    { numRuns: 2_000 },
  );
  assert(
    property(message, uint8Array({ minLength: 2, maxLength: 2 }), (sent: RaftMessage, [place, bits]) => {
      const bytes = Uint8Array.from(raftCodec.encode(sent));
      const at = (place ?? 0) % Math.max(bytes.length, 1);
      bytes[at] = (bytes[at] ?? 0) ^ (bits ?? 0);
      raftCodec.decode(bytes);
    }),
    { numRuns: 1_000 },
  );
  expect.assertions(0);
});

test('rejects what is cut off anywhere', () => {
  const bytes = raftCodec.encode({
    kind: 'append-response',
    term: 300,
    success: true,
    matchIndex: 7,
    rejectedIndex: 0,
    hintIndex: 0,
    hintTerm: 0,
  });
  for (let length = 0; length < bytes.length; length++) expect(raftCodec.decode(bytes.subarray(0, length))).toBeUndefined();
});

const heartbeatTag = 58;

test.each([
  ['nothing at all', []],
  ['trailing bytes', [heartbeatTag, 2, 8, 1, 0]],
  ['a second message', [heartbeatTag, 2, 8, 1, heartbeatTag, 2, 8, 1]],
  ['an unknown kind', [0xa2, 0x06, 0]],
  ['a wrong wire type', [heartbeatTag, 3, 10, 1, 65]],
  ['field number 0', [heartbeatTag, 2, 0, 1]],
  ['a length beyond the input', [heartbeatTag, 100, 8, 1]],
  ['a number beyond 2^53 − 1 (B-10)', [heartbeatTag, 9, 8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
  ['a negative number (B-10)', [heartbeatTag, 11, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
  ['a number of eleven bytes (B-07)', [heartbeatTag, 12, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
  ['a snapshot offer without its meta', [74, 2, 8, 1]],
])('rejects %s', (_name, bytes) => {
  expect(raftCodec.decode(Uint8Array.from(bytes))).toBeUndefined();
});

test('skips fields of a newer version, and takes an overlong but valid number', () => {
  const unknown = [0xa0, 0x06, 5, 0xaa, 0x06, 1, 65, 0xad, 0x06, 1, 2, 3, 4];
  const fields = [8, 0x81, 0x80, 0x00, ...unknown];
  expect(raftCodec.decode(Uint8Array.from([heartbeatTag, fields.length, ...fields]))).toEqual({
    kind: 'heartbeat',
    term: 1,
    leader: 0,
    commit: 0,
    readContext: 0,
  });
});

test('finds codecs by the name of the protocol', () => {
  expect(protobufCodec('raft')).toBe(raftCodec);
  expect(protobufCodec('runtime')).toBe(runtimeCodec);
  expect(protobufCodec('__proto__')).toBeUndefined();
});
