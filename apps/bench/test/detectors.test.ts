import { describe, expect, test } from 'vitest';
import { detectorRows, heartbeatIntervalsMs } from '../src/detectors/detector-study.ts';
import { decodeHeartbeat, encodeHeartbeat, HeartbeatSchedule } from '../src/detectors/heartbeat.ts';
import { detectorStatement } from '../src/report/sections/detector-statement.ts';
import { simulatedDetectors } from '../src/report/sections/detectors.ts';
import type { DetectorRow } from '../src/result/detectors.ts';
import { heartbeatNetworks, recordHeartbeats } from '../src/simulated/heartbeats.ts';
import { chanceFrom } from '../src/statistics/chance.ts';
import { sampleDetectors } from './fixtures/sample-detectors.ts';

test('a heartbeat arrives as it was sent', () => {
  const heartbeat = { place: 3, sequence: 4_000_000_000, sentMs: 123_456.789 };
  expect(decodeHeartbeat(encodeHeartbeat(heartbeat))).toEqual(heartbeat);
  expect(() => decodeHeartbeat(new Uint8Array(12))).toThrow('a heartbeat of 12 bytes');
});

test('a sender that comes late sends the last that is due, and none twice', () => {
  const schedule = new HeartbeatSchedule(1000, 100);
  expect([schedule.dueMs, schedule.take(1000), schedule.dueMs]).toEqual([1000, 0, 1100]);
  expect([schedule.take(1099.7), schedule.take(1540), schedule.dueMs]).toEqual([1, 5, 1600]);
  expect(schedule.take(1540)).toBe(6);
});

describe('detectors over a recording', () => {
  const heard = (sequence: number) => ({ sequence, sentMs: sequence * 100, arrivedMs: sequence * 100 + 1 });
  const lost = new Set([50, 51, 52, 53]);
  const arrivals = Array.from({ length: 100 }, (_, sequence) => heard(sequence)).filter(({ sequence }) => !lost.has(sequence));
  const trace = {
    intervalMs: 100,
    fromMs: 0,
    untilMs: 10_000,
    stalls: [],
    peers: [{ peer: 'a', arrivals, crashMs: undefined }],
  };
  const rows = detectorRows({ scenario: 's', trace }, chanceFrom(1));
  const fixed = rows.find(({ strategy }) => strategy === 'fixed 3 η');

  test('err where heartbeats are missing, for as long as they are', () => {
    expect(fixed).toMatchObject({ mistakes: 1, intervalMs: 100, messagesPerSecond: 10, hours: 10 / 3600 });
    // From 300 ms behind the last that came until the next: number 49 to number 54.
    expect(fixed?.mistakeDurationMs).toBeCloseTo(200, 6);
    expect(fixed?.accuracy).toBeCloseTo(0.98, 6);
    expect(rows.find(({ strategy }) => strategy === 'fixed 10 η')?.mistakes).toBe(0);
  });

  test('detect crashes that are cuts of it', () => {
    expect(fixed?.detectionP50Ms).toBeGreaterThan(220);
    expect(fixed?.detectionP50Ms).toBeLessThan(290);
    expect(fixed?.detectionP99Ms).toBeLessThanOrEqual(301);
  });
});

describe('heartbeats in virtual time', () => {
  const [site, , datagrams, pauses, regions] = heartbeatNetworks;
  const record = (network = site, seed = 1) => {
    if (network === undefined) throw new Error('there are five networks');
    return recordHeartbeats(network, 20, seed);
  };
  const delays = (traces: ReturnType<typeof record>): readonly number[] =>
    traces.flatMap(({ peers }) =>
      peers.map(({ arrivals }) => Math.min(...arrivals.map((one) => one.arrivedMs - (one.sentMs ?? 0)))),
    );
  const count = (traces: ReturnType<typeof record>): number =>
    traces.reduce((sum, { peers }) => sum + peers.reduce((own, { arrivals }) => own + arrivals.length, 0), 0);

  test('follow from the seed, and from nothing else', () => {
    expect(record()).toEqual(record());
    expect(record(site, 2)).not.toEqual(record());
  });

  test('come at all intervals, one site: each of them', () => {
    const traces = record();
    expect(traces.map(({ intervalMs }) => intervalMs)).toEqual(heartbeatIntervalsMs);
    for (const { intervalMs, peers } of traces)
      expect(peers.map(({ arrivals }) => arrivals.length)).toEqual(Array(4).fill(20_000 / intervalMs));
  });

  test('get lost as datagrams, and are not sent in a pause', () => {
    const all = count(record());
    expect(count(record(datagrams)) / all).toBeCloseTo(0.99, 2);
    expect(count(record(pauses))).toBeLessThan(all);
  });

  test('need the time from region to region', () => {
    // From Oregon, Ireland, Tokyo and São Paulo to Virginia, each half of a round trip.
    const least = new Set(delays(record(regions)).map((ms) => Math.floor(ms / 0.5) * 0.5));
    expect([...least].toSorted((a, b) => a - b)).toEqual([40.5, 43.5, 60, 72.5]);
  });
});

describe('what is said of detectors', () => {
  const rows = sampleDetectors.filter(({ scenario }) => scenario === 'jitter 20 ms');
  const say = (change: (row: DetectorRow) => Partial<DetectorRow>) =>
    detectorStatement(rows.map((row) => ({ ...row, ...change(row) })));

  test('ranks none of them, and names those that cannot be told apart together', () => {
    const statement = say(({ strategy }) =>
      strategy === 'phi 8' ? { detectionP99Ms: 90 } : { detectionP99Ms: strategy === 'chen α 200' ? 310 : 300, mistakes: 0 },
    );
    expect(statement.weight).toBe('unranked');
    expect(statement.text).toBe(
      'Jitter 20 ms, 10 messages per second: deaths were noticed within 310\u00A0ms (p99) without a mistake by fixed 4 × η and chen α 200, within 90.0\u00A0ms at 36.0 mistakes an hour by phi 8.',
    );
  });

  test('says so where nobody was without a mistake', () => {
    expect(say(() => ({ mistakes: 1 })).text).toContain('noticed by none without a mistake, within');
  });

  test('says how much no mistake means', () => {
    const text = (hours: number) =>
      JSON.stringify(simulatedDetectors({ seconds: 1, peers: 1, load: '', rows: rows.map((row) => ({ ...row, hours })) }));
    expect(text(0.5)).toContain('no mistake means fewer than 6.00 an hour (95 %)');
    expect(text(0)).not.toContain('no mistake means');
  });
});
