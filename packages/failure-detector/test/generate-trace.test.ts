import { describe, expect, test } from 'vitest';
import { type ArrivalTrace, generateTrace, type Scenario, standardScenarios, type TraceSize } from '../src/index.ts';
import { createChance } from './chance.ts';

const size: TraceSize = { intervalMs: 100, peers: 4, lifeMs: 200_000, tailMs: 5000 };

function scenario(name: string): Scenario {
  const found = standardScenarios.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

function generate(name: string): ArrivalTrace {
  return generateTrace(scenario(name), size, createChance(1));
}

function sequences(trace: ArrivalTrace, peer: number): readonly number[] {
  return trace.peers[peer]?.arrivals.map(({ sequence }) => sequence) ?? [];
}

/** The part of the heartbeats that did not arrive, up to the last one that did. */
function missing(trace: ArrivalTrace): number {
  const heard = trace.peers.reduce((sum, { arrivals }) => sum + arrivals.length, 0);
  const sent = trace.peers.reduce((sum, _, peer) => sum + Math.max(...sequences(trace, peer)) + 1, 0);
  return 1 - heard / sent;
}

describe.each(standardScenarios.map((one) => [one.name, one] as const))('%s', (_, played) => {
  const trace = generateTrace(played, size, createChance(1));

  test('is the same for the same chance, and another for another', () => {
    expect(generateTrace(played, size, createChance(1))).toEqual(trace);
    expect(generateTrace(played, size, createChance(2))).not.toEqual(trace);
  });

  test('lets every peer crash in the interval behind its life, and hears it in order of time until then', () => {
    expect(trace.untilMs).toBe(205_100);
    expect(trace.peers.map(({ peer }) => peer)).toEqual(['p1', 'p2', 'p3', 'p4']);
    for (const { arrivals, crashMs = 0 } of trace.peers) {
      expect(crashMs).toBeGreaterThanOrEqual(200_000);
      expect(crashMs).toBeLessThan(200_100);
      const times = arrivals.map(({ arrivedMs }) => arrivedMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      for (const { sentMs = 0, arrivedMs } of arrivals) {
        expect(sentMs).toBeLessThan(crashMs);
        expect(arrivedMs).toBeGreaterThanOrEqual(sentMs + played.delayMs - 1e-6);
      }
    }
  });
});

test('what cannot be played is refused, with all problems of a kind at once', () => {
  const play = (played: Partial<Scenario>, wrong: Partial<TraceSize>) => () =>
    generateTrace({ ...scenario('steady LAN'), ...played }, { ...size, ...wrong }, createChance(1));
  expect(play({}, { intervalMs: 0, peers: 0.5 })).toThrow(/E_USAGE: generateTrace .*intervalMs is 0 .*; peers is 0.5/);
  expect(play({ loss: 2, jitterMs: -1 }, {})).toThrow(/scenario steady LAN .*jitterMs is -1 .*; loss is 2/);
  const backwards = { everyMs: 0, leastMs: 3, mostMs: 2 };
  for (const kind of ['lossBursts', 'senderPauses', 'ownPauses'])
    expect(play({ [kind]: backwards }, {})).toThrow(/everyMs is 0 .*; mostMs is 2 \(allowed: from 3/);
});

describe('what happens to heartbeats', () => {
  test('nothing, in a steady LAN', () => {
    expect(missing(generate('steady LAN'))).toBe(0);
    expect(sequences(generate('steady LAN'), 0).length).toBeGreaterThanOrEqual(2000);
  });

  test('some are lost, one by one', () => {
    expect(missing(generate('loss 1 %'))).toBeGreaterThan(0.005);
    expect(missing(generate('loss 1 %'))).toBeLessThan(0.015);
    expect(missing(generate('loss 5 %'))).toBeGreaterThan(0.04);
    expect(missing(generate('loss 5 %'))).toBeLessThan(0.06);
  });

  test('all in a burst are lost', () => {
    const gaps = sequences(generate('loss bursts'), 0).map((sequence, place, all) => sequence - (all[place - 1] ?? -1));
    expect(Math.max(...gaps)).toBeGreaterThan(2);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(7);
  });

  test('one is sent at the end of a pause of the sender, and the schedule goes on as if nothing had been', () => {
    const { arrivals } = generate('sender pauses').peers[0] ?? { arrivals: [] };
    const phase = arrivals[0]?.sentMs ?? 0;
    const late = arrivals.filter(({ sequence, sentMs = 0 }) => sentMs - phase - sequence * 100 > 1e-6);
    expect(late.length).toBeGreaterThan(0);
    for (const { sequence, sentMs = 0 } of late) {
      const next = arrivals.find((one) => one.sequence > sequence);
      expect(next?.sequence).toBe(sequence + 1);
      expect(sentMs - phase - sequence * 100).toBeLessThan(100);
    }
    const gaps = arrivals.map(({ sequence }, place) => sequence - (arrivals[place - 1]?.sequence ?? -1));
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(31);
  });

  test('what arrives in a pause of the watching process is taken in at its end, by all peers alike', () => {
    const told = generate('own pauses');
    const untold = generate('own pauses, untold');
    expect(untold).toEqual({ ...told, stalls: [] });
    expect(told.stalls.length).toBeGreaterThan(0);
    expect(missing(told)).toBe(0);
    for (const { fromMs, untilMs } of told.stalls) {
      expect(untilMs - fromMs).toBeGreaterThanOrEqual(1000);
      expect(untilMs).toBeLessThanOrEqual(200_000);
      for (const { arrivals } of told.peers) {
        expect(arrivals.filter(({ arrivedMs }) => fromMs <= arrivedMs && arrivedMs < untilMs)).toEqual([]);
        expect(arrivals.filter(({ arrivedMs }) => arrivedMs === untilMs).length).toBeGreaterThanOrEqual(9);
      }
    }
  });
});
