import type { LockInput, LockOutput } from '../src/index.ts';
import type { Example } from './histories.ts';
import { acquire, check, expire, holder, leave, release } from './operations.ts';

const reader = (request: number): { readonly mode: 'shared'; readonly request: number } => ({ mode: 'shared', request });
const writer = (request: number): { readonly mode: 'exclusive'; readonly request: number } => ({ mode: 'exclusive', request });
const permit = (
  request: number,
  permits = 2,
): { readonly mode: 'permit'; readonly permits: number; readonly request: number } => ({
  mode: 'permit',
  permits,
  request,
});

/** Readers, permits, and grants that are entered again. */
export const lockModeExamples: readonly Example<LockInput, LockOutput>[] = [
  {
    name: 'readers together, and a writer when they are gone',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1, reader(1)),
      acquire([2, 3, 4], 'b', 2, reader(1)),
      holder([4, 5, 6], 'a', 1, 2),
      release([1, 7, 8], 'a', 1),
      release([2, 9, 10], 'b', 2),
      acquire([3, 5, 12], 'c', 3, writer(1)),
    ],
  },
  {
    name: 'a reader beside a writer',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1, writer(1)), acquire([2, 3, 4], 'b', 2, reader(1))],
  },
  {
    name: 'a writer beside a reader',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1, reader(1)), acquire([2, 3, 4], 'b', 2, writer(1))],
  },
  {
    name: 'a reader that is refused while a writer waits in front of it',
    verdict: 'ok',
    operations: [acquire([1, 1, 2], 'a', 1, reader(1)), acquire([2, 3, 4], 'b', 'refused', reader(1))],
  },
  {
    name: 'a number of holders that is wrong',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1, reader(1)), acquire([2, 3, 4], 'b', 2, reader(1)), holder([3, 5, 6], 'a', 1, 1)],
  },
  {
    name: 'a reader that was never answered has a token below that of a later one',
    verdict: 'violation',
    operations: [acquire([1, 1], 'a', 1, reader(1)), holder([3, 2, 3], 'a', 5, 1), acquire([2, 4, 5], 'b', 4, reader(1))],
  },
  {
    name: 'a token between two others is that of the reader that was never answered',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 3, reader(1)),
      acquire([2, 3], 'b', 1, reader(1)),
      acquire([3, 4, 5], 'c', 9, reader(1)),
      check([4, 6, 7], 6, true),
      check([4, 8, 9], 5, false),
    ],
  },
  {
    name: 'the token of a reader that was never answered is above that of a later one',
    verdict: 'violation',
    operations: [acquire([1, 1], 'a', 1, reader(1)), holder([4, 2, 3], 'a', 10, 1), acquire([3, 4, 5], 'c', 9, reader(1))],
  },
  {
    name: 'the oldest of two readers has the higher token',
    verdict: 'violation',
    operations: [acquire([1, 1], 'a', 1, reader(1)), acquire([2, 2, 3], 'c', 9, reader(1)), holder([3, 4, 5], 'a', 10, 2)],
  },
  {
    name: 'the oldest of two readers has the lower token',
    verdict: 'ok',
    operations: [acquire([1, 1], 'a', 1, reader(1)), acquire([2, 2, 3], 'c', 9, reader(1)), holder([3, 4, 5], 'a', 8, 2)],
  },
  {
    name: 'no more permits than there are',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1, permit(1)),
      acquire([1, 3, 4], 'a', 2, permit(2)),
      acquire([2, 5, 6], 'b', 'refused', permit(1)),
      leave([1, 7, 8], 'a', 1, 1, 0),
      acquire([2, 9, 10], 'b', 3, permit(2)),
    ],
  },
  {
    name: 'one permit too many',
    verdict: 'violation',
    operations: [
      acquire([1, 1, 2], 'a', 1, permit(1)),
      acquire([1, 3, 4], 'a', 2, permit(2)),
      acquire([2, 5, 6], 'b', 3, permit(1)),
    ],
  },
  {
    name: 'a refusal while a permit is left',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1, permit(1)), acquire([2, 3, 4], 'b', 'refused', permit(1))],
  },
  {
    name: 'a request that is asked again has the permit that it has',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1, permit(1)),
      acquire([1, 3, 4], 'a', 1, permit(1)),
      acquire([2, 5, 6], 'b', 2, permit(1)),
    ],
  },
  {
    name: 'a request that is asked again gets a second permit',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1, permit(1)), acquire([1, 3, 4], 'a', 2, permit(1))],
  },
  {
    name: 'a lock that is entered twice is left twice',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1, writer(1)),
      acquire([1, 3, 4], 'a', 1, writer(2)),
      leave([1, 5, 6], 'a', 1, 1, 1),
      acquire([2, 7, 8], 'b', 'refused', writer(1)),
      leave([1, 9, 10], 'a', 1, 2, 0),
      acquire([2, 11, 12], 'b', 2, writer(2)),
    ],
  },
  {
    name: 'a lock that is entered twice is free when it is left once',
    verdict: 'violation',
    operations: [
      acquire([1, 1, 2], 'a', 1, writer(1)),
      acquire([1, 3, 4], 'a', 1, writer(2)),
      leave([1, 5, 6], 'a', 1, 1, 1),
      acquire([2, 7, 8], 'b', 2, writer(1)),
    ],
  },
  {
    name: 'fewer requests remain than entered',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1, writer(1)), acquire([1, 3, 4], 'a', 1, writer(2)), leave([1, 5, 6], 'a', 1, 1, 0)],
  },
  {
    name: 'a reader that is alone becomes the writer, with a token of its own',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1, reader(1)),
      acquire([1, 3, 4], 'a', 2, writer(2)),
      acquire([2, 5, 6], 'b', 'refused', reader(1)),
      leave([1, 7, 8], 'a', 2, 2, 1),
      acquire([2, 9, 10], 'b', 3, reader(2)),
    ],
  },
  {
    name: 'a reader becomes the writer under the token that it has',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1, reader(1)), acquire([1, 3, 4], 'a', 1, writer(2))],
  },
  {
    name: 'a reader becomes the writer beside another reader',
    verdict: 'violation',
    operations: [
      acquire([1, 1, 2], 'a', 1, reader(1)),
      acquire([2, 3, 4], 'b', 2, reader(1)),
      acquire([1, 5, 6], 'a', 3, writer(2)),
    ],
  },
  {
    name: 'a reader beside another one is refused as the writer',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1, reader(1)),
      acquire([2, 3, 4], 'b', 2, reader(1)),
      acquire([1, 5, 6], 'a', 'refused', writer(2)),
    ],
  },
  {
    name: 'a lone reader is refused as the writer',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1, reader(1)), acquire([1, 3, 4], 'a', 'refused', writer(2))],
  },
  {
    name: 'the end of a session frees all its permits',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1, permit(1)),
      acquire([1, 3, 4], 'a', 2, permit(2)),
      expire([9, 5, 6], 'a', true),
      holder([2, 7, 8], null, null, 0),
    ],
  },
];
