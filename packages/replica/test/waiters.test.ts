import { array, check, integer, nat, oneof, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Waiters, waiterStates } from '../src/waiters.ts';

function adder(waiters: Waiters, answers: string[]): (deadlineMs: number) => number {
  return (deadlineMs) => {
    const sequence = waiters.next;
    const receiver = (_error: unknown, result: Uint8Array | undefined): void => {
      answers.push(`${sequence}:${result?.[0] ?? 'late'}`);
    };
    waiters.add({ receiver, token: 0, deadlineMs, flags: 0, chunk: new Uint8Array(4), start: 0, length: 4 });
    return sequence;
  };
}

describe('commands that wait for an answer', () => {
  test('agree with a map, through growth, answers in any order and deadlines', () => {
    const steps = array(
      oneof(
        record({ add: integer({ min: 1, max: 400 }), in: nat(50) }),
        record({ answer: nat(3000) }),
        record({ pass: integer({ min: 1, max: 20 }) }),
      ),
      { maxLength: 40 },
    );
    const result = check(
      property(steps, (script) => {
        const answers: string[] = [];
        const waiters = new Waiters(4096);
        const add = adder(waiters, answers);
        const naive = new Map<number, number>();
        const expected: string[] = [];
        let now = 0;
        for (const step of script) {
          if ('add' in step) {
            for (let i = 0; i < step.add && !waiters.full; i++) {
              const sequence = add(now + step.in + 1);
              naive.set(sequence, now + step.in + 1);
              waiters.states[sequence & waiters.mask] = waiterStates.handed;
            }
          } else if ('answer' in step) {
            if (naive.delete(step.answer)) expected.push(`${step.answer}:1`);
            waiters.answer(step.answer, undefined, Uint8Array.of(1));
          } else {
            now += step.pass;
            for (const [sequence, deadlineMs] of naive) {
              if (deadlineMs > now) continue;
              naive.delete(sequence);
              expected.push(`${sequence}:late`);
            }
            waiters.expire(now, (sequence) => waiters.answer(sequence, undefined, undefined));
          }
          expect(answers.splice(0).sort()).toEqual(expected.splice(0).sort());
          expect(waiters.pending).toBe(naive.size);
          expect(waiters.bytes).toBe(naive.size * 4);
        }
      }),
      { numRuns: 60 },
    );
    expect(result.failed).toBe(false);
  });

  test('one that is never answered does not hold up the ring, and still gets its deadline', () => {
    const answers: string[] = [];
    const waiters = new Waiters(1024);
    const add = adder(waiters, answers);
    const stuck = add(5000);
    waiters.states[stuck & waiters.mask] = waiterStates.handed;
    for (let i = 0; i < 10_000; i++) {
      const sequence = add(100_000);
      waiters.states[sequence & waiters.mask] = waiterStates.handed;
      waiters.answer(sequence, undefined, Uint8Array.of(1));
    }
    expect(waiters.pending).toBe(1);
    expect(waiters.has(stuck)).toBe(true);
    waiters.expire(5000, (sequence) => waiters.answer(sequence, undefined, undefined));
    expect(answers.at(-1)).toBe(`${stuck}:late`);
    expect(waiters.pending).toBe(0);
  });

  test('are bounded: above the capacity it is full', () => {
    const waiters = new Waiters(16);
    const add = adder(waiters, []);
    for (let i = 0; i < 16; i++) add(1);
    expect(waiters.full).toBe(true);
  });
});
