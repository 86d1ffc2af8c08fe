import { at } from '@quorate/interface';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arrival,
  type ArrivalTrace,
  defaultBertierOptions,
  defaultChenOptions,
  defaultPhiAccrualOptions,
  fixedTimeout,
  type PeerReplay,
  replayTrace,
  type Stall,
} from '../src/index.ts';
import { naiveBertier, naiveChen, naiveFixed, type NaivePair, naivePhi } from './naive-detectors.ts';

const intervalMs = 100;
const window = 8;
const firstTimeoutMs = 450;
const pairs: readonly (readonly [string, NaivePair])[] = [
  ['a fixed timeout', naiveFixed({ timeoutMs: 170 })],
  ['Chen', naiveChen({ ...defaultChenOptions, intervalMs, marginMs: 60, window, firstTimeoutMs })],
  ['Bertier', naiveBertier({ ...defaultBertierOptions, intervalMs, window, firstMarginMs: 90, firstTimeoutMs })],
  [
    'φ, normal',
    naivePhi({ ...defaultPhiAccrualOptions, window, minStdDevMs: 5, firstIntervalMs: 100, threshold: 3, firstTimeoutMs }),
  ],
  [
    'φ, exponential',
    naivePhi({
      ...defaultPhiAccrualOptions,
      distribution: 'exponential',
      window,
      firstIntervalMs: 50,
      acceptablePauseMs: 20,
      threshold: 1,
      firstTimeoutMs,
    }),
  ],
];

/** Heartbeats with delays that reorder some of them, and with losses. */
const arrivals = fc
  .array(fc.option(fc.integer({ min: 0, max: 250 }), { freq: 5 }), { minLength: 1, maxLength: 40 })
  .map((delays) =>
    delays
      .flatMap((delay, sequence): Arrival[] =>
        delay === null ? [] : [{ sequence, sentMs: sequence * intervalMs, arrivedMs: sequence * intervalMs + delay }],
      )
      .toSorted((a, b) => a.arrivedMs - b.arrivedMs),
  );

function traceOf(heard: readonly Arrival[], stalls: readonly Stall[] = []): ArrivalTrace {
  const peers = [{ peer: 'p', arrivals: heard, crashMs: undefined }];
  return { intervalMs, fromMs: 0, untilMs: 6000, stalls, peers };
}

function suspectedAt({ changes }: PeerReplay, nowMs: number): boolean {
  return changes.findLast(({ atMs }) => atMs <= nowMs)?.status === 'suspect';
}

function only(replays: readonly PeerReplay[]): PeerReplay {
  return at(replays, 0);
}

describe('a replay', () => {
  test.each(pairs)('says at every moment what asking anew would say: %s', (_, { strategy, suspects }) => {
    fc.assert(
      fc.property(arrivals, (heard) => {
        const replay = only(replayTrace(traceOf(heard), strategy));
        const near = replay.changes.flatMap(({ atMs }) => [atMs - 1e-6, atMs + 1e-6]);
        const grid = Array.from({ length: 60 }, (__, place) => place * 100 + 0.5);
        const wrong = [...near, ...grid].filter((nowMs) => {
          const until = heard.filter(({ arrivedMs }) => arrivedMs <= nowMs);
          return nowMs >= 0 && nowMs < 6000 && suspectedAt(replay, nowMs) !== suspects(until, nowMs);
        });
        expect(wrong).toEqual([]);
      }),
    );
  });

  test('holds a stall against nobody: a countdown by milliseconds that stops in it agrees', () => {
    const pauses = fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 })), { maxLength: 4 });
    fc.assert(
      fc.property(arrivals, pauses, (sent, lengths) => {
        const stalls: Stall[] = [];
        for (const [wait, length] of lengths) {
          const fromMs = (stalls.at(-1)?.untilMs ?? 0) + wait;
          stalls.push({ fromMs, untilMs: fromMs + length });
        }
        const stallAt = (ms: number) => stalls.find(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs);
        const heard = sent.map((one) => ({ ...one, arrivedMs: stallAt(one.arrivedMs)?.untilMs ?? one.arrivedMs }));
        const replay = only(replayTrace(traceOf(heard, stalls), fixedTimeout({ timeoutMs: 170 })));
        const wrong: number[] = [];
        let left = 170;
        let newest = -1;
        for (let ms = 0; ms <= 6000; ms++) {
          for (const { sequence } of heard.filter(({ arrivedMs }) => arrivedMs === ms)) {
            if (sequence > newest) left = 170;
            newest = Math.max(newest, sequence);
          }
          if (suspectedAt(replay, ms) !== (left === 0)) wrong.push(ms);
          if (left > 0 && stallAt(ms) === undefined) left -= 1;
        }
        expect(wrong).toEqual([]);
      }),
    );
  });

  test('ends with the trace', () => {
    const late = [{ sequence: 0, sentMs: undefined, arrivedMs: 7000 }];
    const replay = only(replayTrace(traceOf(late), fixedTimeout({ timeoutMs: 5000 })));
    expect(replay.changes.map(({ status, atMs }) => [status, atMs])).toEqual([['suspect', 5000]]);
  });
});
