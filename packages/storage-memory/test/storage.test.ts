import { describe, expect, it } from 'vitest';
import { sampleEntries, sampleIdentity, textsOf } from '@quorate/conformance/storage';
import type { Failure, Identity, Recovered, Storage } from '@quorate/interface';
import { memoryMedium, memoryStorage } from '../src/index.ts';

// What is special about a medium; its promises as a storage are in conformance.test.ts. Everything here completes at once.

function now<T>(call: (done: (result: T) => void) => void): T {
  let answer: { readonly value: T } | undefined;
  call((value) => {
    answer = { value };
  });
  if (answer === undefined) throw new Error('no answer');
  return answer.value;
}

const open = (storage: Storage): Identity | Failure => now((done) => storage.open(sampleIdentity, done));

describe('a crash of the owner', () => {
  it('loses what was flushed but not yet durable, and nothing completes afterwards', () => {
    const medium = memoryMedium();
    const due: (() => void)[] = [];
    const host = { endOfTurn: (run: () => void): void => void due.push(run) };
    const first = memoryStorage({ medium, host, sync: 'turn' });
    open(first);
    const durable: number[] = [];
    first.journal.onDurable = (number) => durable.push(number);
    first.journal.append({ entries: [sampleEntries(1, ['a'])], commit: 0 });
    first.journal.flush();
    due.shift()?.();
    first.journal.append({ entries: [sampleEntries(2, ['b'])], commit: 0 });
    first.journal.flush();
    medium.crash();
    due.shift()?.();
    expect(durable).toEqual([1]);
    const second = memoryStorage({ medium, host });
    open(second);
    const recovered = now<Recovered | Failure>((done) => second.journal.open(done)) as Recovered;
    expect(textsOf(recovered.tail)).toEqual({ 1: 'a' });
  });

  it('leaves a dead owner that must not free, closed late, what is another one’s by now', () => {
    const medium = memoryMedium();
    const host = { endOfTurn: (): void => undefined };
    const first = memoryStorage({ medium, host });
    open(first);
    medium.crash();
    expect(open(memoryStorage({ medium, host }))).toMatchObject({ incarnation: 2 });
    first.close(() => undefined);
    expect(open(memoryStorage({ medium, host }))).toMatchObject({ code: 'E_DATA_LOCKED', exit: 78 });
  });
});
