import { expect, test } from 'vitest';
import { chaos } from './fixture/chaos.ts';

// Seeds are few enough for every run; the simulator runs many more against the real journal.
const seeds = Array.from({ length: 15 }, (_, group) => Array.from({ length: 14 }, (_unused, place) => group * 14 + place + 1));

test.each(seeds.map((group) => ({ first: group[0], group })))(
  'keeps one history through links that break and crashes at any gate (seeds from $first, Zab §IV)',
  ({ group }) => {
    let committed = 0;
    for (const seed of group) committed += chaos(seed);
    expect(committed).toBeGreaterThan(0);
  },
);
