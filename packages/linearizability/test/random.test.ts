import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkHistory,
  type KvInput,
  kvModel,
  type KvOutput,
  kvRevisions,
  lockModel,
  type LockInput,
  type LockOutput,
  type Operation,
} from '../src/index.ts';
import { naiveIsLinearizable } from './naive-check.ts';
import { Choices, choices, intervals, keyNames, plain, randomInput, randomRun } from './random-histories.ts';

/** An answer that some store could give, so that histories are often nearly right. */
function plausibleAnswer(choice: Choices, input: KvInput): KvOutput {
  const store = kvRevisions().open();
  for (const key of keyNames) if (choice.below(3) > 0) store.execute({ op: 'put', key, value: choice.of(['1', '2']) }, 0);
  return store.execute(input, 0);
}

function randomKvHistory(choice: Choices): readonly Operation<KvInput, KvOutput>[] {
  return intervals(choice, 1 + choice.below(6)).map(([call, returned], process) => {
    const input = randomInput(choice);
    return { process, call, return: returned, input, output: returned === Infinity ? undefined : plausibleAnswer(choice, input) };
  });
}

function randomLockOperation(choice: Choices): readonly [LockInput, LockOutput] {
  const lock = choice.of(['l', 'm']);
  const client = choice.of(['a', 'b']);
  const token = 1 + choice.below(3);
  return choice.of<readonly [LockInput, LockOutput]>([
    [
      { op: 'acquire', lock, client },
      { op: 'acquire', granted: true, token },
    ],
    [
      { op: 'acquire', lock, client },
      { op: 'acquire', granted: true, token },
    ],
    [
      { op: 'acquire', lock, client },
      { op: 'acquire', granted: false },
    ],
    [
      { op: 'release', lock, client, token },
      { op: 'release', released: choice.below(3) > 0 },
    ],
    [
      { op: 'release', lock, client },
      { op: 'release', released: true },
    ],
    [{ op: 'expire', lock, client }, { op: 'expire' }],
    [
      { op: 'expire', lock },
      { op: 'expire', released: choice.below(2) === 0 },
    ],
    [
      { op: 'check', lock, token },
      { op: 'check', valid: choice.below(2) === 0 },
    ],
    [
      { op: 'holder', lock },
      { op: 'holder', client, token },
    ],
  ]);
}

/** A lock that knows every token: those of the grants of unknown outcome are tried, all that could make a difference. */
function naiveLock(
  operations: readonly Operation<LockInput, LockOutput>[],
  held: { readonly client: string; readonly token: number } | null = null,
  last = 0,
): boolean {
  if (operations.every(({ output }) => output === undefined)) return true;
  return operations.some((operation, place) => {
    if (operations.some((other) => other.return < operation.call)) return false;
    const rest = operations.toSpliced(place, 1);
    const { input, output } = operation;
    const frees = input.op === 'release' || input.op === 'expire';
    if (frees) {
      const isHolders = held !== null && (input.client ?? held.client) === held.client;
      const released = isHolders && (input.op === 'expire' || (input.token ?? held.token) === held.token);
      if ((output as { released?: boolean } | undefined)?.released === !released) return false;
      return naiveLock(rest, released ? null : held, last);
    }
    if (input.op === 'check')
      return (output as { valid: boolean }).valid === (held?.token === input.token) && naiveLock(rest, held, last);
    if (input.op === 'holder') {
      const { client, token } = output as { client: string; token: number };
      return held?.client === client && held.token === token && naiveLock(rest, held, last);
    }
    if (output === undefined) {
      const tokens = Array.from({ length: 10 }, (_, token) => token).filter((token) => token > last);
      return held === null && tokens.some((token) => naiveLock(rest, { client: input.client, token }, token));
    }
    const answer = output as { granted: boolean; token: number };
    if (!answer.granted) return held !== null && naiveLock(rest, held, last);
    if (held !== null) return held.client === input.client && held.token === answer.token && naiveLock(rest, held, last);
    return answer.token > last && naiveLock(rest, { client: input.client, token: answer.token }, answer.token);
  });
}

describe('random histories', () => {
  test('of two keys with transactions and unknown outcomes: the check agrees with the definition', () => {
    const verdicts = { ok: 0, violation: 0, unknown: 0 };
    fc.assert(
      fc.property(choices(80), (numbers) => {
        const history = randomKvHistory(new Choices(numbers));
        const { verdict } = checkHistory(kvModel(), history);
        expect(verdict).toBe(naiveIsLinearizable(kvModel(), new Map(), history) ? 'ok' : 'violation');
        verdicts[verdict]++;
      }),
      { numRuns: 4_000 },
    );
    expect(Math.min(verdicts.ok, verdicts.violation), 'both kinds are common').toBeGreaterThan(400);
  });

  test('of two locks: the check agrees with the definition', () => {
    const verdicts = { ok: 0, violation: 0, unknown: 0 };
    fc.assert(
      fc.property(choices(60), (numbers) => {
        const choice = new Choices(numbers);
        const history = intervals(choice, 1 + choice.below(6)).map(([call, returned], process) => {
          const [input, output] = randomLockOperation(choice);
          // Nobody records a read of unknown outcome.
          const end = input.op === 'check' || input.op === 'holder' ? Math.min(returned, call + 3) : returned;
          return { process, call, return: end, input, output: end === Infinity ? undefined : output };
        });
        const { verdict } = checkHistory(lockModel(), history);
        const naive = ['l', 'm'].every((lock) => naiveLock(history.filter(({ input }) => input.lock === lock)));
        expect(verdict).toBe(naive ? 'ok' : 'violation');
        verdicts[verdict]++;
      }),
      { numRuns: 4_000 },
    );
    expect(Math.min(verdicts.ok, verdicts.violation), 'both kinds are common').toBeGreaterThan(400);
  });

  test('recorded from an atomic store are linearizable, and the order that is returned proves it', () => {
    fc.assert(
      fc.property(choices(1_200), (numbers) => {
        const report = checkHistory(kvModel(), plain(randomRun(new Choices(numbers), 5).history));
        expect(report.verdict).toBe('ok');
        for (const { linearization, partition } of report.partitions) {
          let state: typeof partition.initial | undefined = partition.initial;
          let newestCall = -Infinity;
          for (const { input, output, call, return: returned } of linearization) {
            state = state === undefined ? undefined : kvModel().step(state, input, output);
            expect(returned, 'nothing comes after what it preceded in real time').toBeGreaterThanOrEqual(newestCall);
            newestCall = Math.max(newestCall, call);
          }
          expect(state).not.toBe(undefined);
          const missing = partition.operations.filter((one) => !linearization.includes(one));
          expect(missing.filter(({ output }) => output !== undefined)).toEqual([]);
        }
      }),
    );
  });
});

describe('planted stale reads', () => {
  let unique = 0;
  const inputOf = (choice: Choices): KvInput => {
    const key = choice.of(keyNames);
    return choice.below(2) === 0 ? { op: 'get', key } : { op: 'put', key, value: `v${unique++}` };
  };

  test('in recorded histories are found', () => {
    let planted = 0;
    fc.assert(
      fc.property(choices(600), fc.nat(), (numbers, which) => {
        const history = plain(randomRun(new Choices(numbers), 4, inputOf).history);
        const stale = staleReads(history);
        const spoilt = stale[which % Math.max(1, stale.length)];
        if (spoilt === undefined) return;
        planted++;
        expect(checkHistory(kvModel(), history).verdict).toBe('ok');
        expect(checkHistory(kvModel(), history.with(spoilt.place, spoilt.operation)).verdict).toBe('violation');
      }),
      { numRuns: 100 },
    );
    expect(planted).toBeGreaterThan(80);
  });
});

/** Each read with an answer that was overwritten for certain before it was called. */
function staleReads(history: readonly Operation<KvInput, KvOutput>[]) {
  const puts = history.flatMap(({ input, output, call, return: returned }) =>
    input.op === 'put' && output !== undefined ? [{ key: input.key, value: input.value, call, returned }] : [],
  );
  return history.flatMap((operation, place) => {
    const { input, output, call } = operation;
    if (input.op !== 'get' || output === undefined) return [];
    const own = puts.filter(({ key, returned }) => key === input.key && returned < call);
    const old = own.find(({ returned }) => own.some((other) => other.call > returned));
    return old === undefined ? [] : [{ place, operation: { ...operation, output: { op: 'get' as const, value: old.value } } }];
  });
}
