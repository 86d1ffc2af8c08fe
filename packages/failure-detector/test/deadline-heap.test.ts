import { at } from '@quorate/interface';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeadlineHeap, type Timed } from '../src/deadline-heap.ts';

const step = fc.record({
  item: fc.integer({ min: 0, max: 19 }),
  deed: fc.constantFrom('move', 'move', 'move', 'toggle'),
  deadline: fc.integer({ min: 0, max: 100 }),
});

describe('the heap of deadlines', () => {
  test('knows the earliest, however deadlines move and items come and go', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new DeadlineHeap<Timed>();
        const items: Timed[] = Array.from({ length: 20 }, () => ({ deadline: 50, key: 0, place: -1 }));
        for (const { item: number, deed, deadline } of steps) {
          const item = at(items, number);
          if (deed === 'toggle') {
            if (item.place === -1) heap.add(item);
            else heap.remove(item);
          } else {
            item.deadline = deadline;
            if (item.place !== -1) heap.moved(item);
          }
          const inside = items.filter(({ place }) => place !== -1);
          expect(heap.first()?.deadline).toBe(inside.length === 0 ? undefined : Math.min(...inside.map((one) => one.deadline)));
        }
      }),
    );
  });

  test('refuses an item that it has, and one that it has not', () => {
    const heap = new DeadlineHeap<Timed>();
    const item = { deadline: 1, key: 0, place: -1 };
    expect(() => heap.remove(item)).toThrow('only what is inside is removed');
    heap.add(item);
    expect(() => heap.add(item)).toThrow('an item is added to one heap, once');
  });
});
