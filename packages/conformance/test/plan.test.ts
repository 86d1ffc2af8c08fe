import { expect, test } from 'vitest';
import { plan, type ConformanceCase } from '../src/index.ts';

type Capability = 'swims' | 'flies';

const run = (): Promise<void> => Promise.resolve();
const cases: readonly ConformanceCase<Capability>[] = [
  { name: 'walks', needs: [], run },
  { name: 'crosses a lake', needs: ['swims'], run },
  { name: 'crosses an ocean', needs: ['swims', 'flies'], run },
];

test('skips a case only for a reason, and says it', () => {
  expect(plan(cases, { swims: true, flies: 'it is a penguin' })).toEqual([
    { title: 'walks', skipped: false, run },
    { title: 'crosses a lake', skipped: false, run },
    { title: 'crosses an ocean (without flies: it is a penguin)', skipped: true, run },
  ]);
  const [, , last] = plan(cases, { swims: 'it is afraid', flies: 'it is a cat' });
  expect(last?.title).toBe('crosses an ocean (without swims: it is afraid; without flies: it is a cat)');
});

test('refuses a manifest that is silent, and a reason that is none', () => {
  expect(() => plan(cases, { swims: true } as never)).toThrow(/does not say anything about flies/u);
  expect(() => plan(cases, { swims: true, flies: ' ' })).toThrow(/gives no reason for the lack of flies/u);
});

test('refuses two cases of one name', () => {
  expect(() => plan([...cases, ...cases], { swims: true, flies: true })).toThrow(/two cases have the name "walks"/u);
});
