import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NaiveModel, type ModelAnswer, type ModelOp, type ModelTxn } from './fixtures/naive-model.ts';
import { StoreDriver } from './fixtures/store-driver.ts';

// Few keys, so that they meet; some that a careless map would stumble over.
const key = fc.constantFrom('a', 'ab', 'b', 'ba', 'c', '\0', '\0\0', '\xff', '\xff\xff', '__proto__', 'constructor', 'toString');
const rangeEnd = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constant('\0') },
  { weight: 3, arbitrary: key },
);
const value = fc.constantFrom('', '0', '1', '10', '\0', 'x'.repeat(200));
const smallRevision = fc.integer({ min: -1, max: 60 });

const put = fc.record({ key, value, prevKv: fc.boolean(), ignoreValue: fc.integer({ min: 0, max: 5 }).map((n) => n === 0) });
const remove = fc.record({ key, rangeEnd, prevKv: fc.boolean() });
const filter = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) });
const range = fc.record({
  key,
  rangeEnd,
  limit: fc.integer({ min: -1, max: 4 }),
  revision: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: smallRevision }),
  sortOrder: fc.constantFrom(0, 0, 1, 2),
  sortTarget: fc.constantFrom(0, 0, 0, 1, 2, 3, 4),
  keysOnly: fc.boolean(),
  countOnly: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  minMod: filter,
  maxMod: filter,
  minCreate: filter,
  maxCreate: filter,
});
const compare = fc.record({
  key,
  rangeEnd,
  target: fc.constantFrom('version', 'create', 'mod', 'value' as const),
  result: fc.integer({ min: 0, max: 3 }),
  number: fc.integer({ min: -1, max: 12 }),
  text: value,
});
const txn: fc.Arbitrary<ModelTxn> = fc.letrec<{ txn: ModelTxn; op: ModelOp }>((tie) => ({
  txn: fc.record({
    compare: fc.array(compare, { maxLength: 2 }),
    success: fc.array(tie('op'), { maxLength: 4 }),
    failure: fc.array(tie('op'), { maxLength: 4 }),
  }),
  op: fc.oneof(
    { maxDepth: 2 },
    range.map((inner) => ({ range: inner })),
    put.map((inner) => ({ put: inner })),
    remove.map((inner) => ({ remove: inner })),
    tie('txn').map((inner) => ({ txn: inner })),
  ),
})).txn;

interface Subject {
  range(request: typeof range extends fc.Arbitrary<infer T> ? T : never): ModelAnswer;
  put(request: typeof put extends fc.Arbitrary<infer T> ? T : never): ModelAnswer;
  remove(request: typeof remove extends fc.Arbitrary<infer T> ? T : never): ModelAnswer;
  txn(request: ModelTxn): ModelAnswer;
  compact(revision: number): ModelAnswer;
}

type Step = { readonly run: (subject: Subject) => ModelAnswer; readonly text: string } | { readonly restart: number };

function step<T>(
  arbitrary: fc.Arbitrary<T>,
  name: string,
  run: (subject: Subject, request: T) => ModelAnswer,
): fc.Arbitrary<Step> {
  return arbitrary.map((request) => ({ run: (subject) => run(subject, request), text: `${name} ${JSON.stringify(request)}` }));
}

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: step(put, 'put', (subject, request) => subject.put(request)) },
    { weight: 2, arbitrary: step(remove, 'remove', (subject, request) => subject.remove(request)) },
    { weight: 4, arbitrary: step(range, 'range', (subject, request) => subject.range(request)) },
    { weight: 4, arbitrary: step(txn, 'txn', (subject, request) => subject.txn(request)) },
    { weight: 1, arbitrary: step(smallRevision, 'compact', (subject, revision) => subject.compact(revision)) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 100 }).map((restart) => ({ restart })) },
  ),
  // Without a size fast-check keeps arrays near ten.
  { maxLength: 80, size: 'max' },
);

describe('the store against a naive model', () => {
  test('answers any commands alike, through snapshots and restores', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const store = new StoreDriver();
        const answers: object[] = [];
        const expected: object[] = [];
        const twin = new StoreDriver();
        const model = new NaiveModel();
        for (const each of all) {
          if ('restart' in each) store.restart(each.restart);
          else {
            answers.push({ step: each.text, answer: each.run(store) });
            expected.push({ step: each.text, answer: each.run(model) });
            each.run(twin);
          }
        }
        expect(answers).toEqual(expected);
        // A member that was restored and one that was not hold the same.
        expect(store.machine.stateHash()).toBe(twin.machine.stateHash());
      }),
      { numRuns: 150 },
    );
  });

  test('emits one event per changed key, in order, and replaying them gives the newest contents', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const store = new StoreDriver();
        const replayed = new Map<string, string>();
        let before = { revision: 0, sub: 0 };
        for (const each of all) if (!('restart' in each)) each.run(store);
        for (const event of store.events) {
          const name = String.fromCharCode(...event.key);
          const { modRevision: revision, sub } = event;
          expect(revision > before.revision ? sub === 0 : revision === before.revision && sub === before.sub + 1).toBe(true);
          before = { revision, sub };
          if (event.type === 'delete') replayed.delete(name);
          else replayed.set(name, String.fromCharCode(...event.value));
        }
        const everything = { ...emptyRange, key: '\0', rangeEnd: '\0' };
        const answer = store.range(everything);
        const kvs = 'kvs' in answer ? answer.kvs : [];
        expect(new Map(kvs.map((kv) => [kv.key, kv.value]))).toEqual(replayed);
      }),
      { numRuns: 60 },
    );
  });
});

const emptyRange = {
  key: '',
  rangeEnd: '',
  limit: 0,
  revision: 0,
  sortOrder: 0,
  sortTarget: 0,
  keysOnly: false,
  countOnly: false,
  minMod: 0,
  maxMod: 0,
  minCreate: 0,
  maxCreate: 0,
};
