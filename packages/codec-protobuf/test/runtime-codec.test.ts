import { consensusErrorCodes, type RuntimeMessage } from '@quorate/interface';
import { expect, test } from 'vitest';
import { runtimeCodec } from '../src/runtime-codec.ts';

test('gives every error code a number of its own', () => {
  for (const code of consensusErrorCodes) {
    const message: RuntimeMessage = { kind: 'forward-refused', token: 1, code, leader: undefined };
    expect(runtimeCodec.decode(runtimeCodec.encode(message))).toEqual(message);
  }
});
