import { crc32, encodeText } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { DeadlineHeap } from '../src/deadline-heap.ts';
import type { Deadline } from '../src/deadline-heap.ts';
import { nodeHost } from '../src/node-host.ts';

describe('timers', () => {
  test('run in the order of their deadlines, and never early', async () => {
    const host = nodeHost();
    const beganMs = host.monotonicMs();
    const fired: number[] = [];
    const late: number[] = [];
    await new Promise<void>((resolve) => {
      for (const delayMs of [12.3, 3.7, 0, 7.9, 20.1]) {
        host.at(beganMs + delayMs, () => {
          fired.push(delayMs);
          late.push(host.monotonicMs() - beganMs - delayMs);
          if (fired.length === 5) resolve();
        });
      }
    });
    expect(fired).toEqual([0, 3.7, 7.9, 12.3, 20.1]);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(host.takeWorstLatenessMs()).toBeGreaterThan(0);
    expect(host.takeWorstLatenessMs()).toBe(0);
  });

  test('never run within the call, even when they are overdue', async () => {
    const host = nodeHost();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      host.at(0, () => {
        order.push('first');
        host.at(0, () => {
          order.push('second');
          resolve();
        });
        order.push('asked');
      });
      order.push('called');
    });
    expect(order).toEqual(['called', 'first', 'asked', 'second']);
  });

  test('a cancelled one does not run, even when another of the same moment cancels it', async () => {
    const host = nodeHost();
    const deadlineMs = host.monotonicMs() + 2;
    const fired: string[] = [];
    host.at(deadlineMs - 1, () => fired.push('never')).cancel();
    await new Promise<void>((resolve) => {
      host.at(deadlineMs, () => victim.cancel());
      const victim = host.at(deadlineMs, () => fired.push('never'));
      host.at(deadlineMs, resolve);
    });
    expect(fired).toEqual([]);
  });

  test('an earlier deadline overtakes one that is set', async () => {
    const host = nodeHost();
    const fired: string[] = [];
    await new Promise<void>((resolve) => {
      const nowMs = host.monotonicMs();
      host.at(nowMs + 30, () => (fired.push('late'), resolve()));
      host.at(nowMs + 3, () => fired.push('early'));
    });
    expect(fired).toEqual(['early', 'late']);
  });
});

describe('the end of a turn', () => {
  test('comes once for all that asked, after the inputs of the turn, and can ask for another', async () => {
    const host = nodeHost();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      host.endOfTurn(() => {
        order.push('end 1');
        host.endOfTurn(() => (order.push('next turn'), resolve()));
      });
      host.endOfTurn(() => order.push('end 2'));
      order.push('input');
    });
    expect(order).toEqual(['input', 'end 1', 'end 2', 'next turn']);
  });
});

test('crc32 is the one of the contract', () => {
  const bytes = encodeText('123456789');
  expect(nodeHost().crc32(bytes, 0)).toBe(0xcbf43926);
  expect(nodeHost().crc32(bytes.subarray(4), nodeHost().crc32(bytes.subarray(0, 4), 0))).toBe(crc32(bytes, 0));
});

test('the heap agrees with sorting, whatever is added and removed', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let round = 0; round < 200; round++) {
    const heap = new DeadlineHeap();
    const model: Deadline[] = [];
    for (let step = 0; step < 60; step++) {
      const choice = random(3);
      if (choice > 0 || model.length === 0) {
        const item: Deadline = { deadlineMs: random(20), order: step, run: () => undefined, place: -1, cancelled: false };
        heap.add(item);
        model.push(item);
      } else {
        const [item] = model.splice(random(model.length), 1);
        if (item !== undefined) heap.remove(item);
      }
      model.sort((a, b) => a.deadlineMs - b.deadlineMs || a.order - b.order);
      expect(heap.first()).toBe(model[0]);
      expect(heap.size).toBe(model.length);
    }
  }
});
