import { describe, expect, test } from 'vitest';
import { kvModel, type KvInput, type KvOutput, type Operation, type RegisterInput, type RegisterOutput } from '../src/index.ts';
import { registerModel } from '../src/index.ts';
import { search } from '../src/search.ts';
import { naiveIsLinearizable } from './naive-check.ts';

type Answered<I, O> = readonly [input: I, output: O];

/** All ways to lay `count` operations over time: which call and return comes where, up to the names of the operations. */
function shapesOf(count: number): readonly (readonly (readonly [call: number, returned: number])[])[] {
  const shapes: [number, number][][] = [];
  const extend = (intervals: readonly (readonly [number, number])[], open: readonly number[], time: number): void => {
    if (intervals.length === count && open.length === 0) shapes.push(intervals.map(([call, returned]) => [call, returned]));
    if (intervals.length < count) extend([...intervals, [time, Infinity]], [...open, intervals.length], time + 1);
    for (const operation of open) {
      const closed = intervals.map(([call, returned], place): [number, number] => [call, place === operation ? time : returned]);
      extend(
        closed,
        open.filter((other) => other !== operation),
        time + 1,
      );
    }
  };
  extend([], [], 1);
  return shapes;
}

/** Every history of `count` operations whose answers come from `alphabet`, each operation answered or of unknown outcome. */
function* allHistories<I, O>(count: number, alphabet: readonly Answered<I, O>[]): Generator<readonly Operation<I, O>[]> {
  const choices: readonly Answered<I, O | undefined>[] = [
    ...alphabet,
    ...[...new Map(alphabet.map(([input]) => [JSON.stringify(input), input])).values()].map((input): [I, undefined] => [input, undefined]),
  ];
  for (const shape of shapesOf(count)) {
    for (let number = 0; number < choices.length ** count; number++) {
      const history = shape.map(([call, returned], place) => {
        const [input, output] = choices[Math.floor(number / choices.length ** place) % choices.length] as Answered<I, O | undefined>;
        return { process: place, call, return: output === undefined ? Infinity : returned, input, output };
      });
      yield history;
    }
  }
}

function compare<S extends string | null, I, O>(
  model: { name: string } & Parameters<typeof search<S, I, O>>[0],
  initial: S,
  histories: Iterable<readonly Operation<I, O>[]>,
): { readonly ok: number; readonly violation: number } {
  const counts = { ok: 0, violation: 0 };
  for (const operations of histories) {
    const expected = naiveIsLinearizable(model, initial, operations) ? 'ok' : 'violation';
    const { verdict } = search(model, { name: '', operations, initial }, 1e6);
    if (verdict !== expected) throw new Error(JSON.stringify({operations,verdict}));
    counts[expected]++;
  }
  return counts;
}

describe('the search agrees with the definition on every small history', () => {
  test('of a register', () => {
    const alphabet: Answered<RegisterInput, RegisterOutput>[] = [
      [{ op: 'write', value: 'a' }, { op: 'write' }],
      [{ op: 'write', value: 'b' }, { op: 'write' }],
      [{ op: 'read' }, { op: 'read', value: 'a' }],
      [{ op: 'read' }, { op: 'read', value: 'b' }],
    ];
    for (const count of [1, 2, 3, 4]) console.log(count, shapesOf(count).length, compare(registerModel(), null, allHistories(count, alphabet)));
  });
  test('of a kv', () => {
    const key = 'k';
    const alphabet: Answered<KvInput, KvOutput>[] = [
      [{ op: 'put', key, value: 'a' }, { op: 'put' }],
      [{ op: 'delete', key }, { op: 'delete', deleted: true }],
      [{ op: 'get', key }, { op: 'get', value: 'a' }],
      [{ op: 'compare-and-set', key, expected: 'a', value: 'b' }, { op: 'compare-and-set', swapped: true }],
      [{ op: 'compare-and-set', key, expected: 'a', value: 'b' }, { op: 'compare-and-set', swapped: false }],
    ];
    for (const count of [1, 2, 3]) console.log(count, compare(kvModel() as never, null, allHistories(count, alphabet)));
  });
});
