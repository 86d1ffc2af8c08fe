import { describe, expect, test } from 'vitest';
import { fixedTimeout, replayTrace, traceRecorder } from '../src/index.ts';

describe('a recorder of arrivals', () => {
  test('writes down what it is told, and what it wrote can be replayed', () => {
    const recorder = traceRecorder({ intervalMs: 100, fromMs: 1000 });
    recorder.heartbeat('a', { sequence: 1, sentMs: undefined, arrivedMs: 1100 });
    recorder.heartbeat('b', { sequence: 7, sentMs: 1090, arrivedMs: 1110 });
    recorder.stalled(1150, 1250);
    recorder.heartbeat('a', { sequence: 2, sentMs: undefined, arrivedMs: 1300 });
    recorder.crashed('b', 1310);
    const trace = recorder.trace(2000);
    expect(trace).toEqual({
      intervalMs: 100,
      fromMs: 1000,
      untilMs: 2000,
      stalls: [{ fromMs: 1150, untilMs: 1250 }],
      peers: [
        {
          peer: 'a',
          arrivals: [
            { sequence: 1, sentMs: undefined, arrivedMs: 1100 },
            { sequence: 2, sentMs: undefined, arrivedMs: 1300 },
          ],
          crashMs: undefined,
        },
        { peer: 'b', arrivals: [{ sequence: 7, sentMs: 1090, arrivedMs: 1110 }], crashMs: 1310 },
      ],
    });
    const [a, b] = replayTrace(trace, fixedTimeout({ timeoutMs: 150 }));
    expect(a?.changes.map(({ status, atMs }) => [status, atMs])).toEqual([['suspect', 1450]]);
    expect(b?.changes.map(({ status, atMs }) => [status, atMs])).toEqual([['suspect', 1360]]);
  });

  test('is not changed by what comes later', () => {
    const recorder = traceRecorder({ intervalMs: 100, fromMs: 0 });
    recorder.heartbeat('a', { sequence: 1, sentMs: undefined, arrivedMs: 100 });
    const trace = recorder.trace(150);
    recorder.heartbeat('a', { sequence: 2, sentMs: undefined, arrivedMs: 200 });
    recorder.stalled(210, 220);
    expect([trace.peers[0]?.arrivals.length, trace.stalls.length]).toEqual([1, 0]);
  });

  test('that is full ends where it had no room, and claims nothing of the time behind', () => {
    const recorder = traceRecorder({ intervalMs: 100, fromMs: 0, maxArrivals: 2 });
    for (const sequence of [1, 2, 3, 4]) recorder.heartbeat('a', { sequence, sentMs: undefined, arrivedMs: sequence * 100 });
    recorder.crashed('a', 450);
    recorder.stalled(460, 470);
    const trace = recorder.trace(1000);
    expect(trace.untilMs).toBe(300);
    expect(trace.peers.map(({ arrivals, crashMs }) => [arrivals.length, crashMs])).toEqual([[2, undefined]]);
    expect(trace.stalls).toEqual([]);
  });

  test('names all problems of its options at once', () => {
    expect(() => traceRecorder({ intervalMs: 0, fromMs: 0, maxArrivals: 0 })).toThrow(
      /E_USAGE: .*intervalMs is 0.*maxArrivals is 0/,
    );
  });
});
