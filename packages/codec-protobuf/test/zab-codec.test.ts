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
import type { ZabMessage } from '../src/generated/zab.ts';
import { protobufCodec, zabCodec } from '../src/index.ts';

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
  record({
    kind: constant('notification' as const),
    leader: number,
    zxidEpoch: number,
    zxidCounter: number,
    peerEpoch: number,
    round: number,
    state: number,
  }),
  record({ kind: constant('cepoch' as const), acceptedEpoch: number }),
  record({ kind: constant('new-epoch' as const), epoch: number }),
  record({
    kind: constant('ack-epoch' as const),
    epoch: number,
    counts: boolean(),
    currentEpoch: number,
    zxidEpoch: number,
    zxidCounter: number,
  }),
  record({ kind: constant('diff' as const), epoch: number, zxidEpoch: number, zxidCounter: number }),
  record({ kind: constant('trunc' as const), epoch: number, zxidEpoch: number, zxidCounter: number }),
  record({ kind: constant('snap' as const), epoch: number, meta }),
  record({ kind: constant('new-leader' as const), epoch: number, zxidEpoch: number, zxidCounter: number }),
  record({ kind: constant('ack-leader' as const), epoch: number }),
  record({ kind: constant('up-to-date' as const), epoch: number, zxidEpoch: number, zxidCounter: number }),
  record({ kind: constant('propose' as const), epoch: number, zxidEpoch: number, zxidCounter: number }),
  record({ kind: constant('ack' as const), epoch: number, from: number, to: number }),
  record({ kind: constant('commit' as const), epoch: number, from: number, to: number }),
  record({ kind: constant('inform' as const), epoch: number, zxidEpoch: number, zxidCounter: number }),
  record({ kind: constant('stored' as const), epoch: number, zxidEpoch: number, zxidCounter: number }),
  record({ kind: constant('ping' as const), epoch: number, readRound: number }),
  record({ kind: constant('pong' as const), epoch: number, readRound: number }),
  record({ kind: constant('sync' as const), epoch: number, incarnation: number, context: number }),
  record({
    kind: constant('sync-response' as const),
    epoch: number,
    incarnation: number,
    context: number,
    confirmed: boolean(),
    index: number,
  }),
  record({ kind: constant('designate' as const), epoch: number, leader: number }),
);

test('returns every message as it was', () => {
  assert(
    property(message, (sent: ZabMessage) => {
      expect(zabCodec.decode(Uint8Array.from(zabCodec.encode(sent)))).toEqual(sent);
    }),
    { numRuns: 500 },
  );
});

test('finds the codec by the name of the protocol', () => {
  expect(protobufCodec('zab')).toBe(zabCodec);
});
