import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkHistory,
  type Fate,
  type KvInput,
  kvModel,
  type KvOutput,
  kvRevisions,
  type Operation,
  replayRevisions,
  type Revisioned,
} from '../src/index.ts';
import { bothGet, bothPut, get, type KvOperation, put, remove, swap } from './operations.ts';
import { Choices, choices, intervals, plain, randomInput, randomRun } from './random-histories.ts';

type RevisionedOperation = Operation<KvInput, Revisioned<KvOutput>>;

function at(revision: number, operation: KvOperation): RevisionedOperation {
  const { output } = operation;
  return { ...operation, output: output === undefined ? undefined : { revision, output } };
}

function kindsOf(history: readonly RevisionedOperation[], fates?: ReadonlyMap<RevisionedOperation, Fate>): readonly string[] {
  const report = replayRevisions(kvRevisions(), history, fates);
  return [report.verdict, ...report.problems.map(({ kind, revision }) => `${kind} ${revision}`)];
}

interface Example {
  readonly name: string;
  readonly expected: readonly string[];
  readonly operations: readonly RevisionedOperation[];
}

const examples: readonly Example[] = [
  { name: 'nothing', expected: ['ok'], operations: [] },
  // An empty store is at revision 1, and the first write takes 2.
  {
    name: 'an empty store and its first write',
    expected: ['ok'],
    operations: [at(1, get([1, 1, 2], 'x', null)), at(2, put([1, 3, 4], 'x', 'a'))],
  },
  // A put of the same value is a write like any other.
  {
    name: 'a put that changes no value',
    expected: ['ok'],
    operations: [at(2, put([1, 1, 2], 'x', 'a')), at(3, put([1, 3, 4], 'x', 'a'))],
  },
  // What changes nothing carries the revision that it was served at.
  {
    name: 'a delete of nothing and a failed compare-and-set',
    expected: ['ok'],
    operations: [
      at(1, remove([1, 1, 2], 'x', false)),
      at(1, swap([1, 3, 4], 'x', ['a', 'b'], false)),
      at(2, put([1, 5, 6], 'x', 'c')),
    ],
  },
  // Two puts, one revision.
  {
    name: 'a transaction of two writes',
    expected: ['ok'],
    operations: [at(2, bothPut([1, 1, 2], '1')), at(2, bothGet([1, 3, 4], '1', '1')), at(3, remove([1, 5, 6], 'x', true))],
  },
  // A reader of one key cannot have seen half of it.
  {
    name: 'half a transaction',
    expected: ['violation', 'answer 2'],
    operations: [at(2, bothPut([1, 1, 2], '1')), at(2, bothGet([1, 3, 4], '1', null))],
  },
  // Served from the state at 2, though 3 had been answered.
  {
    name: 'a stale read that says so',
    expected: ['violation', 'order 2'],
    operations: [at(2, put([1, 1, 2], 'x', 'a')), at(3, put([1, 3, 4], 'x', 'b')), at(2, get([2, 5, 6], 'x', 'a'))],
  },
  // Concurrent with the write of 3, a read may be served at 2.
  {
    name: 'a read at the older of two revisions while the newer is being made',
    expected: ['ok'],
    operations: [at(2, put([1, 1, 2], 'x', 'a')), at(3, put([1, 3, 7], 'x', 'b')), at(2, get([2, 5, 6], 'x', 'a'))],
  },
  // It claims the new revision and gives the old value.
  {
    name: 'a stale read that claims to be new',
    expected: ['violation', 'answer 3'],
    operations: [at(2, put([1, 1, 2], 'x', 'a')), at(3, put([1, 3, 4], 'x', 'b')), at(3, get([2, 5, 6], 'x', 'a'))],
  },
  // One of the two was overwritten without a trace.
  {
    name: 'two writes with one revision',
    expected: ['violation', 'shared 2'],
    operations: [at(2, put([1, 1, 4], 'x', 'a')), at(2, put([2, 2, 3], 'x', 'b'))],
  },
  // A later write cannot have an earlier revision.
  {
    name: 'revisions against real time',
    expected: ['violation', 'order 2'],
    operations: [at(3, put([1, 1, 2], 'x', 'a')), at(2, put([1, 3, 4], 'x', 'b'))],
  },
  // A read that carries a revision before its write was called.
  {
    name: 'a read from the future',
    expected: ['violation', 'order 2'],
    operations: [at(2, get([1, 1, 2], 'x', 'a')), at(2, put([1, 3, 4], 'x', 'a'))],
  },
  // Nobody made revision 3.
  {
    name: 'a revision that no operation made',
    expected: ['violation', 'gap 3'],
    operations: [at(2, put([1, 1, 2], 'x', 'a')), at(4, put([1, 3, 4], 'x', 'b'))],
  },
  // No store of this kind is below revision 1, and no write has it.
  {
    name: 'a write at the revision of the empty store',
    expected: ['violation', 'range 1'],
    operations: [at(1, put([1, 1, 2], 'x', 'a'))],
  },
  {
    name: 'a revision that is no number',
    expected: ['violation', 'range 1.5'],
    operations: [at(1.5, get([1, 1, 2], 'x', null))],
  },
  // It carries the revision of a write, and wrote nothing.
  {
    name: 'a delete of something that was not there',
    expected: ['violation', 'answer 2'],
    operations: [at(2, remove([1, 1, 2], 'x', true))],
  },
];

describe('a replay by revision', () => {
  test.each(examples.map((example) => ({ ...example })))('judges $name', ({ operations, expected }) => {
    expect(kindsOf(operations)).toEqual(expected);
    expect(kindsOf(operations.toReversed())).toEqual(expected);
    if (expected[0] === 'ok') expect(checkHistory(kvModel(), plain(operations)).verdict).toBe('ok');
  });

  describe('with an operation of unknown outcome', () => {
    const lost = at(0, put([1, 1], 'x', 'a'));
    const operations = [lost, at(3, put([2, 2, 4], 'y', 'b')), at(3, get([3, 5, 6], 'x', 'a'))];

    test('is unknown while a revision may be its own', () => {
      expect(kindsOf(operations)).toEqual(['unknown', 'open 2']);
    });

    test('is unknown no longer when more revisions are missing than there are such operations', () => {
      expect(kindsOf([lost, at(4, put([2, 2, 4], 'y', 'b'))])).toEqual(['violation', 'gap 2']);
    });

    test('is ok when its fate explains the answers', () => {
      expect(kindsOf(operations, new Map([[lost, { type: 'applied', revision: 2 }]]))).toEqual(['ok']);
    });

    test('is a violation when its fate does not', () => {
      expect(kindsOf(operations, new Map([[lost, { type: 'never' }]]))).toEqual(['violation', 'gap 2', 'answer 3']);
    });

    test('is a violation when it is said to have been applied before it was called', () => {
      const late = at(0, put([1, 9], 'x', 'a'));
      const history = [late, at(3, put([2, 2, 4], 'y', 'b'))];
      expect(kindsOf(history, new Map([[late, { type: 'applied', revision: 2 }]]))).toEqual(['violation', 'order 2']);
    });

    test('is a violation when it is said to have been applied where it changes nothing', () => {
      const nothing = at(0, remove([1, 1], 'x', true));
      expect(kindsOf([nothing], new Map([[nothing, { type: 'applied', revision: 2 }]]))).toEqual(['violation', 'fate 2']);
    });

    test('is ok without a fate while no revision is missing', () => {
      expect(kindsOf([lost, at(2, put([2, 2, 4], 'y', 'b'))])).toEqual(['ok']);
    });
  });

  test('says what is wrong', () => {
    const history = [at(2, put([1, 1, 2], 'x', 'a')), at(2, get([2, 3, 4], 'x', 'b'))];
    const [problem] = replayRevisions(kvRevisions(), history).problems;
    expect(problem?.text).toBe('get x → "b" (process 2) has revision 2, where the answer is "a"');
    expect(problem?.operations).toEqual([history[1]]);
  });

  test('accepts what an atomic store answered, as the search does', () => {
    fc.assert(
      fc.property(choices(800), (numbers) => {
        const { history, fates } = randomRun(new Choices(numbers), 5);
        expect(replayRevisions(kvRevisions(), history, fates).problems).toEqual([]);
        expect(checkHistory(kvModel(), plain(history)).verdict).toBe('ok');
      }),
    );
  });

  test('agrees with the definition on small histories, and never accepts what is not linearizable', () => {
    const verdicts = { ok: 0, violation: 0, unknown: 0 };
    fc.assert(
      fc.property(choices(80), (numbers) => {
        const { history, fates } = randomClaims(new Choices(numbers));
        const { verdict } = replayRevisions(kvRevisions(), history, fates);
        verdicts[verdict]++;
        expect(verdict).toBe(naiveIsClaimed(history, fates) ? 'ok' : 'violation');
        if (verdict === 'ok') expect(checkHistory(kvModel(), plain(history)).verdict).toBe('ok');
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(verdicts.ok, verdicts.violation), 'both kinds are common').toBeGreaterThan(300);
  });
});

/** A small run of an atomic store, whose times or answers are then moved a little. */
function randomClaims(choice: Choices): {
  history: readonly RevisionedOperation[];
  fates: ReadonlyMap<RevisionedOperation, Fate>;
} {
  const model = kvRevisions();
  const store = model.open();
  let revision = model.initialRevision;
  const fates = new Map<RevisionedOperation, Fate>();
  const history: RevisionedOperation[] = [];
  for (const [place, [call, returned]] of intervals(choice, 1 + choice.below(5)).entries()) {
    const input = randomInput(choice);
    const output = store.execute(input, revision + 1);
    const wrote = model.writes(input, output);
    revision += Number(wrote);
    const claimed = choice.below(8) === 0 ? revision + choice.below(3) - 1 : revision;
    const [start, end] = choice.below(3) > 0 ? [2 * place, 2 * place + 1 + choice.below(4)] : [call, returned];
    const known = end !== Infinity;
    const operation = {
      process: place,
      call: start,
      return: end,
      input,
      output: known ? { revision: claimed, output } : undefined,
    };
    history.push(operation);
    if (!known) fates.set(operation, wrote ? { type: 'applied', revision: claimed } : { type: 'never' });
  }
  return { history, fates };
}

/** Whether some order that keeps real time gives every answer and every revision: tries all of them, with the other model. */
function naiveIsClaimed(history: readonly RevisionedOperation[], fates: ReadonlyMap<RevisionedOperation, Fate>): boolean {
  const model = kvModel();
  const place = (state: ReadonlyMap<string, string>, revision: number, left: readonly RevisionedOperation[]): boolean =>
    left.length === 0 ||
    left.some((operation, index) => {
      if (left.some((other) => other.return < operation.call)) return false;
      const { input, output } = operation;
      const after = model.step(state, input, output?.output);
      if (after === undefined || after === null || typeof after === 'string') return false;
      const fate = fates.get(operation);
      // A put writes, also where it changes nothing; a delete or a swap that answers so changed something.
      const answer = output?.output;
      const wrote = answer === undefined ? fate?.type === 'applied' && after !== state : hasWritten(input, answer);
      if (answer === undefined && !wrote) return false;
      const claimed = output?.revision ?? (fate?.type === 'applied' ? fate.revision : Number.NaN);
      return claimed === revision + Number(wrote) && place(after, claimed, left.toSpliced(index, 1));
    });
  return place(
    new Map(),
    1,
    history.filter((operation) => fates.get(operation)?.type !== 'never'),
  );
}

function hasWritten(input: KvInput, output: KvOutput): boolean {
  if (input.op === 'put') return true;
  if (output.op === 'delete') return output.deleted;
  if (output.op === 'compare-and-set') return output.swapped;
  if (output.op !== 'txn') return false;
  return output.results.some((result) => result.op === 'put' || (result.op === 'delete' && result.deleted));
}
