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
import type { MultiPaxosMessage } from '../src/generated/multi-paxos.ts';
import { multiPaxosCodec, protobufCodec } from '../src/index.ts';

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

const ballot = record({ round: number, owner: number });
const runs = array(record({ from: number, to: number }), { maxLength: 4 });
const chosen = array(record({ from: number, to: number, ballot }), { maxLength: 4 });

const message = oneof(
  record({ kind: constant('prepare' as const), ballot, fromSlot: number }),
  record({
    kind: constant('promise' as const),
    ballot,
    fromSlot: number,
    toSlot: number,
    chosenUpTo: number,
    trimmedBelow: number,
    paused: boolean(),
  }),
  record({ kind: constant('nack' as const), ballot, promised: ballot }),
  record({ kind: constant('accept' as const), ballot, chosen }),
  record({ kind: constant('accepted' as const), ballot, runs }),
  record({ kind: constant('chosen' as const), runs: chosen }),
  record({
    kind: constant('heartbeat' as const),
    ballot,
    chosenFrom: number,
    chosenUpTo: number,
    readRound: number,
    inContact: boolean(),
  }),
  record({ kind: constant('heartbeat-response' as const), ballot, readRound: number, chosenUpTo: number, lastSlot: number }),
  record({ kind: constant('learn-request' as const), fromSlot: number }),
  record({ kind: constant('learn-reply' as const), fromSlot: number, chosenUpTo: number }),
  record({ kind: constant('have-snapshot' as const), meta }),
  record({ kind: constant('learned' as const), chosenUpTo: number }),
  record({ kind: constant('read-request' as const), incarnation: number, context: number }),
  record({ kind: constant('read-reply' as const), incarnation: number, context: number, confirmed: boolean(), index: number }),
  record({ kind: constant('read-query' as const), incarnation: number, context: number }),
  record({ kind: constant('read-query-reply' as const), incarnation: number, context: number, lastSlot: number }),
  record({ kind: constant('take-over' as const), ballot }),
);

test('returns every message of Multi-Paxos as it was', () => {
  assert(
    property(message, (sent: MultiPaxosMessage) => {
      expect(multiPaxosCodec.decode(Uint8Array.from(multiPaxosCodec.encode(sent)))).toEqual(sent);
    }),
    { numRuns: 500 },
  );
});

test('is found by the name of the protocol', () => {
  expect(protobufCodec('multi-paxos')).toBe(multiPaxosCodec);
});
