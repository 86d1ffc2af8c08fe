import { describe, expect, test } from 'vitest';
import {
  checkHistory,
  groupByKeys,
  kvModel,
  registerModel,
  type RegisterInput,
  type RegisterOutput,
  type Operation,
} from '../src/index.ts';
import { ConfigurationSet } from '../src/configuration-set.ts';
import { bothPut, get, put, read, swap, write } from './operations.ts';

/** Concurrent writes and one read that none of them explains: all orders must be tried. */
function hard(count: number): readonly Operation<RegisterInput, RegisterOutput>[] {
  const writes = Array.from({ length: count }, (_, process) => write([process, 1, 100], `v${process}`));
  return [...writes, read([count, 1, 100], 'nonsense')];
}

describe('the budget', () => {
  test('ends a search with "unknown", never with "ok"', () => {
    const report = checkHistory(registerModel(), hard(12), { maxSteps: 50 });
    expect(report.verdict).toBe('unknown');
    expect(report.partitions.map(({ verdict, stuck }) => [verdict, stuck === undefined])).toEqual([['unknown', false]]);
    expect(report.steps).toBeLessThan(50 + 2 * 13);
    expect(checkHistory(registerModel(), hard(12)).verdict).toBe('violation');
  });

  test('is counted in steps, which are the same each time', () => {
    expect(checkHistory(registerModel(), hard(8)).steps).toBe(checkHistory(registerModel(), hard(8)).steps);
  });

  test('is for each partition, and the worst verdict is the verdict', () => {
    const manyPuts = Array.from({ length: 12 }, (_, process) => put([process, 1, 100], 'x', `v${process}`));
    const undecided = [...manyPuts, get([12, 1, 100], 'x', 'nonsense')];
    const good = [put([20, 1, 2], 'y', 'a'), get([20, 3, 4], 'y', 'a')];
    const bad = [get([30, 1, 2], 'z', 'a')];
    const verdictsOf = (history: Parameters<typeof checkHistory<never, never, never>>[1]) => {
      const { verdict, partitions } = checkHistory(kvModel(), history, { maxSteps: 50 });
      return [verdict, ...partitions.map((one) => `${one.partition.name} ${one.verdict}`)];
    };
    expect(verdictsOf([...undecided, ...good] as never)).toEqual(['unknown', 'x unknown', 'y ok']);
    expect(verdictsOf([...undecided, ...good, ...bad] as never)).toEqual(['violation', 'x unknown', 'y ok', 'z violation']);
  });
});

describe('the memo', () => {
  // 2^n sets and n states, against n! orders.
  test('keeps the cost at the number of configurations, not of orders', () => {
    const steps = checkHistory(registerModel(), hard(9)).steps;
    expect(steps).toBeLessThan(2 ** 9 * 9 * 10 * 2);
  });

  // Sets are compared in words of 32: what was placed and taken back in another word must leave nothing behind.
  test.each([20, 27, 28, 60])('costs no more after %d operations that came before', (before) => {
    const beginning = Array.from({ length: before }, (_, place) =>
      write([100, place - before, place - before + 0.5], `old ${place}`),
    );
    const { steps } = checkHistory(registerModel(), [...beginning, ...hard(9)]);
    expect(steps).toBe(checkHistory(registerModel(), hard(9)).steps + before);
  });

  test('lets a configuration that used fewer unknown operations stand for those that used more', () => {
    const seen = new ConfigurationSet(1);
    const placed = Uint32Array.of(7);
    expect(seen.add(1, 0, placed, 0, 0, Uint32Array.of(0b10))).toBe(true);
    expect(seen.add(1, 0, placed, 0, 0, Uint32Array.of(0b10))).toBe(false);
    expect(seen.add(1, 0, placed, 0, 0, Uint32Array.of(0b11))).toBe(false);
    expect(seen.add(1, 0, placed, 0, 0, Uint32Array.of(0b01))).toBe(true);
  });

  test('tells configurations with one hash apart, also after it has grown', () => {
    const seen = new ConfigurationSet(0);
    const none = new Uint32Array(0);
    for (let state = 0; state < 2_000; state++) expect(seen.add(state % 7, state, Uint32Array.of(1, 2), 0, 1, none)).toBe(true);
    for (let state = 0; state < 2_000; state++) expect(seen.add(state % 7, state, Uint32Array.of(1, 2), 0, 1, none)).toBe(false);
    expect(seen.add(0, 0, Uint32Array.of(1, 3), 0, 1, none)).toBe(true);
    expect(seen.add(0, 0, Uint32Array.of(1, 2), 1, 1, none)).toBe(true);
  });
});

describe('operations of unknown outcome', () => {
  test('that nobody saw cost next to nothing, however many there are', () => {
    const unknown = Array.from({ length: 200 }, (_, process) => put([process, process], 'x', `lost ${process}`));
    const reads = Array.from({ length: 200 }, (_, place) => {
      const time = 1_000 + 4 * place;
      return [put([500, time, time + 1], 'x', `v${place}`), get([500, time + 2, time + 3], 'x', `v${place}`)];
    }).flat();
    const { verdict, steps } = checkHistory(kvModel(), [...unknown, ...reads]);
    expect(verdict).toBe('ok');
    expect(steps).toBeLessThan(2_000);
  });

  test('that only differ in values nobody compares are tried once, not in all combinations', () => {
    const unknown = Array.from({ length: 40 }, (_, process) => put([process, process], 'x', `lost ${process}`));
    // Each of ten failures needs one of them; the last read shows that there was no way.
    const failures = Array.from({ length: 10 }, (_, place) => {
      const time = 1_000 + 4 * place;
      return [put([500, time, time + 1], 'x', 'a'), swap([500, time + 2, time + 3], 'x', ['a', 'b'], false)];
    }).flat();
    const { verdict, steps } = checkHistory(kvModel(), [...unknown, ...failures, get([500, 5_000, 5_001], 'x', 'nonsense')]);
    expect(verdict).toBe('violation');
    expect(steps).toBeLessThan(10_000);
  });
});

describe('long histories', () => {
  test('need a depth of their length, and no more steps than a few for each operation', () => {
    const history = Array.from({ length: 20_000 }, (_, place) => write([place % 3, 10 * place, 10 * place + 25], `v${place}`));
    const { verdict, steps, partitions } = checkHistory(registerModel(), history);
    expect(verdict).toBe('ok');
    expect(steps).toBe(20_000);
    expect(partitions[0]?.linearization).toHaveLength(20_000);
  });
});

describe('partitions', () => {
  test('are connected by what transactions touch together', () => {
    const keys = new Map([
      ['ab', ['a', 'b']],
      ['c', ['c']],
      ['bd', ['b', 'd']],
      ['none', []],
    ]);
    const history = [...keys.keys()].map((input, process) => ({ process, call: 1, return: 2, input, output: '' }));
    const groups = groupByKeys(history, (input) => keys.get(input) ?? []);
    expect(groups.map((group) => [group.keys, group.operations.map(({ input }) => input)])).toEqual([
      [
        ['a', 'b', 'd'],
        ['ab', 'bd'],
      ],
      [['c'], ['c']],
      [[''], ['none']],
    ]);
  });

  test('hold every operation once', () => {
    const history = [put([1, 1, 2], 'x', 'a'), bothPut([2, 1, 2], 'b'), put([3, 1, 2], 'z', 'a'), get([4, 3, 4], 'y', 'b')];
    const parts = kvModel().partition(history);
    expect(parts.map(({ name, operations }) => [name, operations.length])).toEqual([
      ['x y', 3],
      ['z', 1],
    ]);
  });
});
