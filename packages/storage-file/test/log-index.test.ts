import { describe, expect, it } from 'vitest';
import { createLogIndex } from '../src/log-index.ts';
import type { LogIndex, Row } from '../src/log-index.ts';
import { seeded } from './fixtures/sim-disk.ts';

function row(from: number, to: number, stamp: number): Row {
  const place = { generation: stamp, head: stamp, payload: stamp, payloadBytes: 0 };
  return { from, to, first: from, count: to - from + 1, round: 1, owner: 0, kind: 'command', ...place };
}

function positions(index: LogIndex): Map<number, number> {
  const found = new Map<number, number>();
  for (let place = 0; place < index.count; place++) {
    const { from, to, generation } = index.row(place);
    for (let i = from; i <= to; i++) found.set(i, generation);
  }
  return found;
}

describe('the index of the log', () => {
  it('agrees with a map of every position after any sequence of puts, truncations and compactions', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seeded(seed);
      const pick = (count: number): number => Math.floor(random() * count);
      const index = createLogIndex();
      const model = new Map<number, number>();
      let below = 1;
      for (let step = 1; step < 150; step++) {
        const action = pick(10);
        const last = Math.max(0, ...model.keys());
        if (action < 7) {
          const from = action < 5 ? Math.max(last, below) + 1 + pick(2) : below + pick(Math.max(1, last - below + 2));
          const to = from + pick(5);
          index.put(row(from, to, step));
          for (let i = from; i <= to; i++) model.set(i, step);
        } else if (action < 8) {
          const from = below + pick(Math.max(1, last - below + 2));
          index.truncate(from);
          for (const i of model.keys()) if (i >= from) model.delete(i);
        } else {
          below += pick(4);
          index.compact(below);
          for (const i of model.keys()) if (i < below) model.delete(i);
        }
        expect([...positions(index)], `seed ${seed}, step ${step}`).toEqual([...model].sort(([a], [b]) => a - b));
        expect(index.last).toBe(Math.max(0, ...model.keys()));
        expect(index.oldestGeneration()).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        const probe = below + pick(20);
        const place = index.find(probe);
        const next = [...model.keys()].filter((i) => i >= probe).sort((a, b) => a - b)[0];
        expect(place === index.count ? undefined : Math.max(probe, index.row(place).from)).toBe(next);
      }
    }
  });

  it('says which entry of a record a row begins with, after its front was overwritten or compacted', () => {
    const index = createLogIndex();
    index.put(row(1, 10, 1));
    index.put(row(4, 5, 2));
    index.compact(2);
    expect(
      [0, 1, 2].map((place) => index.row(place)).map(({ from, to, first, generation }) => [from, to, first, generation]),
    ).toEqual([
      [2, 3, 1, 1],
      [4, 5, 4, 2],
      [6, 10, 1, 1],
    ]);
  });
});
