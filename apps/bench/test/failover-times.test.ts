import { describe, expect, it } from 'vitest';
import { failoverTimes } from '../src/compare/failover-times.ts';

const epoch = 1_700_000_000_000;

/** An operation every 10 ms that takes 2 ms; the leader is dead from 500 to 700, what was sent meanwhile ends at 705. */
function trail() {
  const sent = Array.from({ length: 100 }, (_, i) => i * 10);
  return {
    sentAtMs: sent.map((at) => epoch + at),
    endedAtMs: sent.map((at) => epoch + (at >= 500 && at <= 700 ? 705 : at + 2)),
    outcomes: sent.map((at) => (at === 500 ? 2 : at === 510 ? 1 : 0)),
  };
}

const leadership = { leader: 'n2', suspectedAtMs: epoch + 520, electedAtMs: epoch + 650, readyAtMs: epoch + 651 };

describe('the times of a failover', () => {
  it('follow each other from the kill to the first success', () => {
    expect(failoverTimes(trail(), epoch + 495, leadership)).toEqual({
      // From 492 to 705, less the 10 ms that are usual.
      gapMs: 203,
      detectionMs: 25,
      electionMs: 130,
      readyMs: 1,
      firstCommitMs: 54,
      totalMs: 210,
      failed: 1,
      unknown: 1,
    });
  });

  it('are unknown where the new leader does not tell, or tells of another time', () => {
    const silent = { leader: 'n2', suspectedAtMs: undefined, electedAtMs: undefined, readyAtMs: undefined };
    expect(failoverTimes(trail(), epoch + 495, silent)).toMatchObject({ gapMs: 203, totalMs: 210, detectionMs: undefined });
    const stale = { ...leadership, suspectedAtMs: epoch + 100 };
    expect(failoverTimes(trail(), epoch + 495, stale)).toMatchObject({ detectionMs: undefined, readyMs: 1 });
  });

  it('are none where nothing that was sent after the kill succeeded', () => {
    expect(failoverTimes(trail(), epoch + 5000, leadership)).toBeUndefined();
  });
});
