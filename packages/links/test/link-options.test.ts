import { expect, test } from 'vitest';
import { defaultLinkOptions, resolveLinkOptions } from '../src/index.ts';

const binding = { name: 'Paper', maxFrameBytes: 8_388_608 };

test('fills in the defaults', () => {
  expect(resolveLinkOptions({ idleMs: 300 }, binding)).toEqual({ ...defaultLinkOptions, idleMs: 300 });
});

test.each([
  [
    { maxFrameBytes: 8_388_609 },
    /the Paper transport cannot use maxFrameBytes \(got 8388609, allowed 1024 to 8388608\)\. Correct/,
  ],
  [{ queueBytes: 1_048_576 }, /queueBytes \(got 1048576, allowed 4194304 to/],
  [{ reconnectMaxMs: 49 }, /reconnectMaxMs \(got 49, allowed 50 to/],
  [{ listen: ['tcp://a'], maxInbound: 0.5 }, /listen \(got "tcp:\/\/a", allowed .*maxInbound \(got 0\.5/],
])('refuses %o', (options, words) => {
  expect(() => resolveLinkOptions(options, binding)).toThrow(words);
});
