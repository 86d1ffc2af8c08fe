import { consensusErrorCodes, type RuntimeMessage } from '@quorate/interface';
import { expect, test } from 'vitest';
import { writeRuntimeHead, type RuntimeHead } from '../src/generated/runtime.ts';
import { encodeWith } from '../src/protobuf-writer.ts';
import { runtimeCodec } from '../src/runtime-codec.ts';

const max = Number.MAX_SAFE_INTEGER;

const messages: readonly RuntimeMessage[] = [
  {
    kind: 'hello',
    role: 'member',
    clusterId: 'c',
    member: 2 ** 48 - 1,
    diskId: 'd',
    incarnation: 7,
    protocol: 'raft',
    minVersion: 1,
    maxVersion: 2,
  },
  {
    kind: 'hello',
    role: 'client',
    clusterId: '',
    member: 0,
    diskId: '',
    incarnation: 0,
    protocol: '',
    minVersion: 0,
    maxVersion: 0,
  },
  { kind: 'forward', token: 0, lengths: [] },
  { kind: 'forward', token: max, lengths: [0, 1, 127, 128, 2 ** 32 - 1] },
  { kind: 'forward-refused', token: 5, code: 'E_NOT_LEADER', leader: undefined },
  { kind: 'forward-refused', token: 5, code: 'E_VERSION', leader: 3 },
  { kind: 'snapshot-read', id: 'snap-1', offset: max, maxBytes: 2 ** 20 },
  { kind: 'snapshot-chunk', id: 'snap-1', offset: 0, total: 2 ** 40, checksum: 2 ** 32 - 1 },
  { kind: 'session-open', request: 1 },
  { kind: 'session-opened', request: 1, session: 2 ** 33, code: undefined },
  { kind: 'session-opened', request: 1, session: 0, code: 'E_OVERLOADED' },
  { kind: 'client-commands', session: 9, first: 2 ** 32, lowestUnanswered: 2 ** 32 - 1, deadlineMs: 5000, lengths: [10, 20] },
  { kind: 'client-queries', consistency: 'linearizable', first: 1, deadlineMs: 1, lengths: [0] },
  { kind: 'client-queries', consistency: 'local', first: 1, deadlineMs: 1, lengths: [] },
  { kind: 'client-results', session: 9, numbers: [1, max], codes: [0, 134], lengths: [3, 0], leader: 1, of: 'commands' },
  { kind: 'client-results', session: 9, numbers: [], codes: [], lengths: [], leader: undefined, of: 'queries' },
];

test.each(messages.map((message) => [message.kind, message] as const))('returns a %s as it was', (_kind, message) => {
  expect(runtimeCodec.decode(runtimeCodec.encode(message))).toEqual(message);
});

test('gives every error code a number of its own', () => {
  for (const code of consensusErrorCodes) {
    const message: RuntimeMessage = { kind: 'forward-refused', token: 1, code, leader: undefined };
    expect(runtimeCodec.decode(runtimeCodec.encode(message))).toEqual(message);
  }
});

test('hands out bytes that a later message does not overwrite', () => {
  const first = runtimeCodec.encode({ kind: 'session-open', request: 1 });
  const copy = Uint8Array.from(first);
  runtimeCodec.encode({ kind: 'forward', token: max, lengths: [1, 2, 3] });
  expect(Uint8Array.from(first)).toEqual(copy);
});

const results = { kind: 'client-results', session: 9, leader: undefined, of: 1 } as const;
const opened = { kind: 'session-opened', request: 1, session: 3 } as const;

test.each<[string, RuntimeHead]>([
  ['an error code that has no name yet', { ...opened, code: consensusErrorCodes.length + 1 }],
  ['a refusal without a reason', { kind: 'forward-refused', token: 1, code: 0, leader: undefined }],
  ['fewer codes than results', { ...results, numbers: [1, 2], codes: [0], lengths: [3, 0] }],
  ['fewer lengths than results', { ...results, numbers: [1, 2], codes: [0, 0], lengths: [3] }],
  ['results of neither commands nor reads', { ...results, numbers: [], codes: [], lengths: [], of: 3 }],
  ['reads of no consistency', { kind: 'client-queries', consistency: 0, first: 1, deadlineMs: 1, lengths: [] }],
])('refuses %s: it is never taken for a success', (_name, head) => {
  expect(runtimeCodec.decode(encodeWith(writeRuntimeHead, head))).toBeUndefined();
});
