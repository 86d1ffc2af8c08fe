import { expect, test } from 'vitest';
import { defaultZabOptions, zab } from '../src/index.ts';
import { resolveZabOptions } from '../src/options.ts';

test('names every bad option at once', () => {
  const bad = { electionTimeoutMs: Number.NaN, heartbeatMs: 0, counterLimit: 2 ** 32, speed: 1 };
  expect(() => zab(bad as never)).toThrow(/E_USAGE.*unknown option speed.*electionTimeoutMs.*heartbeatMs.*counterLimit/);
});

test('relates times to each other', () => {
  expect(() => zab({ electionTimeoutMs: 100, heartbeatMs: 50 })).toThrow(/below half/);
  expect(() => zab({ finalizeWaitMs: 300, notificationCapMs: 200 })).toThrow(/up to notificationCapMs/);
});

test('scales the waits of an election with its timeout', () => {
  expect(resolveZabOptions({ electionTimeoutMs: 500, heartbeatMs: 20 })).toEqual({
    electionTimeoutMs: 500,
    heartbeatMs: 20,
    finalizeWaitMs: 100,
    notificationCapMs: 500,
    counterLimit: 2 ** 32 - 1,
  });
  expect(resolveZabOptions({})).toEqual(defaultZabOptions);
});
