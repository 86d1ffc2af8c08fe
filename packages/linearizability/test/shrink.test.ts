import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkHistory,
  explainViolations,
  forgetOutcome,
  kvModel,
  type KvOutput,
  registerModel,
  shrinkViolation,
} from '../src/index.ts';
import { checkPartition } from '../src/check.ts';
import { naiveIsLinearizable } from './naive-check.ts';
import { get, type KvOperation, put, read, type RegisterOperation, swap, write } from './operations.ts';
import { Choices, choices, plain, randomRun } from './random-histories.ts';

/** Many good operations before and after a few bad ones; the bad ones are at the times from 1000 on. */
function among(bad: readonly RegisterOperation[]): readonly RegisterOperation[] {
  const good = (from: number): readonly RegisterOperation[] =>
    Array.from({ length: 60 }, (_, place) => {
      const time = from + 4 * place;
      return [write([50, time, time + 1], `v${from}.${place}`), read([51, time + 2, time + 3], `v${from}.${place}`)];
    }).flat();
  return [...good(1), ...bad, ...good(2_000)];
}

function shrunkOf(history: readonly RegisterOperation[]): readonly string[] {
  const model = registerModel();
  const [explanation] = explainViolations(model, checkHistory(model, history));
  expect(explanation?.minimal).toBe(true);
  return explanation?.report.partition.operations.map(({ input, output }) => model.describeOperation(input, output)) ?? [];
}

describe('a violation among many good operations', () => {
  test('shrinks to the stale read, the write that was read and the one that overwrote it', () => {
    const bad = [write([1, 1000, 1001], 'a'), write([1, 1002, 1003], 'b'), read([2, 1004, 1005], 'a')];
    expect(shrunkOf(among(bad))).toEqual(['write "a"', 'write "b"', 'read → "a"']);
  });

  test('shrinks to a read alone where nobody ever wrote its value', () => {
    expect(shrunkOf(among([read([2, 1004, 1005], 'nonsense')]))).toEqual(['read → "nonsense"']);
  });

  // Without the writes, the first read would be a contradiction already, and another one than what happened.
  test('keeps the writes that its reads need', () => {
    const bad = [
      write([1, 1000, 1010], 'a'),
      write([2, 1000, 1011], 'b'),
      read([3, 1001, 1002], 'a'),
      read([3, 1003, 1004], 'b'),
      read([3, 1005, 1006], 'a'),
    ];
    expect(shrunkOf(among(bad))).toEqual(['write "a"', 'write "b"', 'read → "a"', 'read → "b"', 'read → "a"']);
  });

  test('is explained in words', () => {
    const model = kvModel();
    const history = [
      put([1, 1, 2], 'x', 'a'),
      get([1, 3, 4], 'x', 'a'),
      swap([1, 5, 6], 'x', ['a', 'b'], true),
      swap([2, 5, 7], 'x', ['a', 'c'], true),
      put([3, 1, 2], 'y', 'd'),
    ];
    const texts = explainViolations(model, checkHistory(model, history)).map(({ text }) => text);
    expect(texts).toEqual([
      [
        'x: violation',
        '      1  1…2  process 1  put x "a"',
        '      2  5…6  process 1  compare-and-set x "a" ⇒ "b" → swapped',
        '  stuck  5…7  process 2  compare-and-set x "a" ⇒ "c" → swapped',
        'The longest order found leads to "b", where process 2\'s compare-and-set x "a" ⇒ "c" → swapped is impossible.',
      ].join('\n'),
    ]);
  });

  test('is given back as it is where the budget allows no check', () => {
    const [partition] = registerModel().partition(among([read([2, 1004, 1005], 'nonsense')]));
    if (partition === undefined) throw new Error('there is one partition');
    expect(shrinkViolation(registerModel(), partition, { maxChecks: 0 }).partition.operations).toHaveLength(
      partition.operations.length,
    );
    expect(shrinkViolation(registerModel(), partition, { maxChecks: 0 }).minimal).toBe(false);
  });
});

describe('what is shrunk', () => {
  test('is a violation by the definition, is small, and follows from the whole history', () => {
    let shrunk = 0;
    fc.assert(
      fc.property(choices(400), fc.nat(), (numbers, which) => {
        const history = plain(randomRun(new Choices(numbers), 4).history);
        const spoilt = spoil(history, which);
        const model = kvModel();
        const violations = checkHistory(model, spoilt).partitions.filter(({ verdict }) => verdict === 'violation');
        for (const { partition } of violations) {
          const { partition: small, needed, minimal } = shrinkViolation(model, partition);
          const isLinearizable = (known: readonly KvOperation[]): boolean =>
            checkPartition(model, { ...partition, operations: forgetAllBut(partition.operations, known) }, 1e6).verdict === 'ok';
          expect(minimal).toBe(true);
          expect(naiveIsLinearizable(model, small.initial, small.operations)).toBe(false);
          expect(checkHistory(model, small.operations).verdict).toBe('violation');
          expect(small.operations.filter((operation) => !partition.operations.includes(operation))).toEqual([]);
          expect(needed.filter((operation) => !small.operations.includes(operation))).toEqual([]);
          expect(isLinearizable(needed), 'what is needed contradicts itself, whatever the others did').toBe(false);
          for (const operation of needed) {
            const others = needed.filter((other) => other !== operation);
            const shown = forgetAllBut(small.operations, others);
            expect(naiveIsLinearizable(model, small.initial, shown), 'each one is needed').toBe(true);
          }
          shrunk++;
        }
      }),
      { numRuns: 100 },
    );
    expect(shrunk).toBeGreaterThan(30);
  });
});

/** All but these of unknown outcome; reads of unknown outcome say nothing. */
function forgetAllBut(operations: readonly KvOperation[], known: readonly KvOperation[]): readonly KvOperation[] {
  return operations
    .filter((one) => known.includes(one) || !kvModel().isObservation(one.input, undefined))
    .map((one) => (known.includes(one) ? one : forgetOutcome(one)));
}

/** One get that answers what nobody wrote, or what was written at some time. */
function spoil(history: readonly KvOperation[], which: number): readonly KvOperation[] {
  const gets = history.flatMap((operation, place) => (operation.input.op === 'get' ? [place] : []));
  const place = gets[which % Math.max(1, gets.length)];
  const operation = history[place ?? -1];
  if (place === undefined || operation === undefined) return history;
  const output: KvOutput = { op: 'get', value: [null, '1', '2', 'never'][which % 4] ?? null };
  return history.with(place, { ...operation, output });
}
