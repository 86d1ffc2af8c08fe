import { expect, test } from 'vitest';
import { cutTrace, fixedTimeout, measureQuality, replayTrace } from '../src/index.ts';
import type { ArrivalTrace } from '../src/index.ts';
import { createChance } from './chance.ts';

/** A heartbeat every 100 ms that takes 3. */
const arrivals = Array.from({ length: 50 }, (_, sequence) => ({
  sequence,
  sentMs: sequence * 100,
  arrivedMs: sequence * 100 + 3,
}));
const living: ArrivalTrace = {
  intervalMs: 100,
  fromMs: 0,
  untilMs: 5000,
  stalls: [],
  peers: [
    { peer: 'a', arrivals, crashMs: undefined },
    { peer: 'dead', arrivals, crashMs: 4960 },
    { peer: 'silent', arrivals: arrivals.slice(0, 3), crashMs: undefined },
  ],
};
const cut = { crashesPerPeer: 200, fromMs: 1000, tailMs: 2000 };

test('a cut leaves out what was sent from the crash on, and nothing else', () => {
  const { peers, untilMs } = cutTrace(living, cut, createChance(1));
  expect(untilMs).toBe(7000);
  expect(peers).toHaveLength(200);
  for (const { arrivals: heard, crashMs = Number.NaN } of peers) {
    expect(crashMs).toBeGreaterThanOrEqual(1000);
    expect(crashMs).toBeLessThan(4900);
    expect(heard).toEqual(arrivals.slice(0, Math.ceil(crashMs / 100)));
  }
  expect(new Set(peers.map(({ crashMs }) => crashMs)).size).toBe(200);
});

test('detection times of cuts are those of crashes', () => {
  const deaths = cutTrace(living, cut, createChance(2));
  const { detectionP50Ms, detectionP99Ms, mistakes } = measureQuality(
    deaths,
    replayTrace(deaths, fixedTimeout({ timeoutMs: 300 })),
  );
  // A crash falls anywhere between two heartbeats: 300 ms behind the arrival of the last, less up to an interval.
  expect(detectionP50Ms).toBeGreaterThan(230);
  expect(detectionP50Ms).toBeLessThan(280);
  expect(detectionP99Ms).toBeGreaterThan(295);
  expect(detectionP99Ms).toBeLessThanOrEqual(303);
  expect(mistakes).toBe(0);
});

test('the same chance makes the same cuts', () => {
  expect(cutTrace(living, cut, createChance(3))).toEqual(cutTrace(living, cut, createChance(3)));
});

test('a cut needs the time at which a heartbeat was sent', () => {
  const [first] = living.peers;
  if (first === undefined) throw new Error('there are peers');
  const unknown = { ...living, peers: [{ ...first, arrivals: [{ sequence: 1, sentMs: undefined, arrivedMs: 5 }] }] };
  expect(() => cutTrace(unknown, cut, createChance(1))).toThrow('says when it was sent');
});

test('bad options are named together', () => {
  const bad = (): unknown => cutTrace(living, { crashesPerPeer: 0.5, fromMs: 0, tailMs: -1 }, createChance(1));
  expect(bad).toThrow(/E_USAGE: cutTrace options: crashesPerPeer is 0\.5 .*; tailMs is -1/);
});
