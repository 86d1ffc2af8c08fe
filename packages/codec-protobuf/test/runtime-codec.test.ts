import { consensusErrorCodes, type RuntimeMessage } from '@quorate/interface';
import { expect, test } from 'vitest';
import { writeRuntimeHead, type RuntimeHead } from '../src/generated/runtime.ts';
import { encodeWith } from '../src/protobuf-writer.ts';
import { runtimeCodec } from '../src/runtime-codec.ts';

test('gives every error code a number of its own', () => {
  for (const code of consensusErrorCodes) {
    const message: RuntimeMessage = { kind: 'forward-refused', token: 1, code, leader: undefined };
    expect(runtimeCodec.decode(runtimeCodec.encode(message))).toEqual(message);
  }
});

test('hands out bytes that a later message does not overwrite', () => {
  const first = runtimeCodec.encode({ kind: 'session-open', request: 1 });
  const copy = Uint8Array.from(first);
  runtimeCodec.encode({ kind: 'forward', token: 7, lengths: [1, 2, 3] });
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
