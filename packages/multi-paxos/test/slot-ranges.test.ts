import { seededRandom } from '@quorate/datadriven';
import { expect, test } from 'vitest';
import { addRange, clearRanges, createRanges, dropUpTo, endOfRange, endOfSegment, listRanges } from '../src/slot-ranges.ts';

test('ranges that meet or touch become one', () => {
  const ranges = createRanges();
  addRange(ranges, 5, 6);
  addRange(ranges, 7, 8);
  addRange(ranges, 1, 2);
  addRange(ranges, 12, 12);
  expect(listRanges(ranges)).toEqual([
    { from: 1, to: 2 },
    { from: 5, to: 8 },
    { from: 12, to: 12 },
  ]);
  addRange(ranges, 3, 4);
  expect(listRanges(ranges)).toEqual([
    { from: 1, to: 8 },
    { from: 12, to: 12 },
  ]);
  clearRanges(ranges);
  expect(listRanges(ranges)).toEqual([]);
});

test('behaves like a set of slots', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 200; round++) {
    const ranges = createRanges();
    const model = new Set<number>();
    for (let step = 0; step < 12; step++) {
      const from = 1 + Math.floor(random() * 30);
      const to = from + Math.floor(random() * 5);
      if (random() < 0.8) {
        addRange(ranges, from, to);
        for (let slot = from; slot <= to; slot++) model.add(slot);
      } else {
        dropUpTo(ranges, from);
        for (const slot of model) if (slot <= from) model.delete(slot);
      }
      for (let slot = 1; slot < 40; slot++) expect(endOfRange(ranges, slot) !== 0).toBe(model.has(slot));
      const end = endOfSegment(ranges, from);
      for (let slot = from; slot <= Math.min(end, 40); slot++) expect(model.has(slot)).toBe(model.has(from));
      if (end < 40) expect(model.has(end + 1)).toBe(!model.has(from));
    }
  }
});
