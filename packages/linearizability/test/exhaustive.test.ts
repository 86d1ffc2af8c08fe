import { describe, expect, test } from 'vitest';
import {
  type KvInput,
  kvModel,
  type KvOutput,
  type LockInput,
  lockModel,
  type LockOutput,
  type Model,
  type Operation,
  type RegisterInput,
  registerModel,
  type RegisterOutput,
  type State,
} from '../src/index.ts';
import { search } from '../src/search.ts';
import { naiveIsLinearizable } from './naive-check.ts';

type Answered<I, O> = readonly [input: I, output: O];
type Shape = readonly (readonly [call: number, returned: number])[];

/** All ways to lay `count` operations over time: which call and return comes where, up to the names of the operations. */
function shapesOf(count: number): readonly Shape[] {
  const shapes: Shape[] = [];
  const extend = (intervals: Shape, time: number): void => {
    const open = intervals.flatMap(([, returned], place) => (returned === Infinity ? [place] : []));
    if (intervals.length === count && open.length === 0) shapes.push(intervals);
    if (intervals.length < count) extend([...intervals, [time, Infinity]], time + 1);
    for (const place of open) extend(intervals.with(place, [intervals[place]?.[0] ?? 0, time]), time + 1);
  };
  extend([], 1);
  return shapes;
}

/** Every history of `count` operations from an alphabet of answers, each one answered so, or of unknown outcome. */
function* allHistories<I, O>(count: number, alphabet: readonly Answered<I, O>[]): Generator<readonly Operation<I, O>[]> {
  const inputs = new Map(alphabet.map(([input]) => [JSON.stringify(input), input]));
  const unknown = Array.from(inputs.values(), (input): Answered<I, O | undefined> => [input, undefined]);
  const letters: readonly Answered<I, O | undefined>[] = [...alphabet, ...unknown];
  for (const shape of shapesOf(count)) {
    for (let word = 0; word < letters.length ** count; word++) {
      yield shape.map(([call, returned], place) => {
        const letter = letters[Math.floor(word / letters.length ** place) % letters.length];
        if (letter === undefined) throw new Error('a word has letters of the alphabet');
        const [input, output] = letter;
        return { process: place, call, return: output === undefined ? Infinity : returned, input, output };
      });
    }
  }
}

function* without<T>(skips: (one: T) => boolean, all: Iterable<T>): Generator<T> {
  for (const one of all) if (!skips(one)) yield one;
}

function disagreements<S extends State, I, O>(
  model: Model<S, I, O>,
  initial: S,
  histories: Iterable<readonly Operation<I, O>[]>,
): { readonly ok: number; readonly violation: number; readonly wrong: readonly unknown[] } {
  const counts = { ok: 0, violation: 0 };
  const wrong: unknown[] = [];
  for (const operations of histories) {
    const expected = naiveIsLinearizable(model, initial, operations) ? 'ok' : 'violation';
    const { verdict } = search(model, { name: '', operations, initial }, 1e6);
    counts[expected]++;
    if (verdict !== expected && wrong.length < 3) wrong.push({ verdict, operations });
  }
  return { ...counts, wrong };
}

// The numbers of histories are part of the expectation: an enumeration that shrinks would prove less without being noticed.
describe('the search agrees with the definition on every small history', () => {
  const a: Answered<RegisterInput, RegisterOutput> = [{ op: 'write', value: 'a' }, { op: 'write' }];
  const b: Answered<RegisterInput, RegisterOutput> = [{ op: 'write', value: 'b' }, { op: 'write' }];
  const readsA: Answered<RegisterInput, RegisterOutput> = [{ op: 'read' }, { op: 'read', value: 'a' }];
  const readsB: Answered<RegisterInput, RegisterOutput> = [{ op: 'read' }, { op: 'read', value: 'b' }];

  test.each([
    { count: 1, ok: 5, violation: 2 },
    { count: 2, ok: 95, violation: 52 },
    { count: 3, ok: 3241, violation: 1904 },
  ])('of a register with two values: $count operations', ({ count, ok, violation }) => {
    const histories = allHistories(count, [a, b, readsA, readsB]);
    expect(disagreements(registerModel(), null, histories)).toEqual({ ok, violation, wrong: [] });
  });

  // Its values can be exchanged, so that those whose first operation is about b need not be looked at.
  test('of a register with two values: 4 operations', { timeout: 120_000 }, () => {
    const aboutB = new Set<RegisterInput | RegisterOutput | undefined>([b[0], readsB[1]]);
    const skips = ([first]: readonly Operation<RegisterInput, RegisterOutput>[]): boolean =>
      aboutB.has(first?.input) || aboutB.has(first?.output);
    const histories = without(skips, allHistories(4, [a, b, readsA, readsB]));
    expect(disagreements(registerModel(), null, histories)).toEqual({ ok: 92_015, violation: 52_045, wrong: [] });
  });

  test('of one key with put, delete, get and compare-and-set: 3 operations', () => {
    const key = 'k';
    const histories = allHistories<KvInput, KvOutput>(3, [
      [{ op: 'put', key, value: 'a' }, { op: 'put' }],
      [
        { op: 'delete', key },
        { op: 'delete', deleted: true },
      ],
      [
        { op: 'get', key },
        { op: 'get', value: 'a' },
      ],
      [
        { op: 'compare-and-set', key, expected: 'a', value: 'b' },
        { op: 'compare-and-set', swapped: true },
      ],
      [
        { op: 'compare-and-set', key, expected: 'a', value: 'b' },
        { op: 'compare-and-set', swapped: false },
      ],
    ]);
    expect(disagreements(kvModel(), null, histories)).toEqual({ ok: 5867, violation: 5068, wrong: [] });
  });

  test('of a lock: 3 operations', () => {
    const lock = 'l';
    const histories = allHistories<LockInput, LockOutput>(3, [
      [
        { op: 'acquire', lock, client: 'a' },
        { op: 'acquire', granted: true, token: 1 },
      ],
      [
        { op: 'acquire', lock, client: 'b' },
        { op: 'acquire', granted: true, token: 2 },
      ],
      [
        { op: 'acquire', lock, client: 'b' },
        { op: 'acquire', granted: false },
      ],
      [
        { op: 'release', lock, client: 'a', token: 1 },
        { op: 'release', released: true },
      ],
      [
        { op: 'holder', lock },
        { op: 'holder', client: 'a', token: 2 },
      ],
    ]);
    const initial = { holds: [], token: 0 };
    expect(disagreements(lockModel(), initial, histories)).toEqual({ ok: 5352, violation: 5583, wrong: [] });
  });

  test('of a lock with readers: 3 operations', () => {
    const lock = 'l';
    const mode = 'shared';
    const histories = allHistories<LockInput, LockOutput>(3, [
      [
        { op: 'acquire', lock, client: 'a', mode, request: 1 },
        { op: 'acquire', granted: true, token: 1 },
      ],
      [
        { op: 'acquire', lock, client: 'b', mode, request: 1 },
        { op: 'acquire', granted: true, token: 3 },
      ],
      [
        { op: 'acquire', lock, client: 'b', request: 2 },
        { op: 'acquire', granted: true, token: 4 },
      ],
      [
        { op: 'release', lock, client: 'b', request: 1 },
        { op: 'release', released: true, remaining: 0 },
      ],
      [
        { op: 'holder', lock },
        { op: 'holder', client: 'a', token: 2, holding: 2 },
      ],
    ]);
    expect(disagreements(lockModel(), { holds: [], token: 0 }, histories)).toEqual({ ok: 7989, violation: 7011, wrong: [] });
  });
});
