import type { LockInput, LockOutput } from '../src/index.ts';
import type { Example } from './histories.ts';
import { acquire, check, expire, holder, release } from './operations.ts';

export const lockExamples: readonly Example<LockInput, LockOutput>[] = [
  // One after the other, each with a higher token.
  {
    name: 'a lock handed on',
    verdict: 'ok',
    operations: [acquire([1, 1, 2], 'a', 1), release([1, 3, 4], 'a', 1), acquire([2, 1, 6], 'b', 5), check([2, 7, 8], 5, true)],
  },
  // Nobody released.
  { name: 'a lock granted twice', verdict: 'violation', operations: [acquire([1, 1, 2], 'a', 1), acquire([2, 3, 4], 'b', 2)] },
  // The first one may be released before the second grant.
  {
    name: 'a lock granted while it is being released',
    verdict: 'ok',
    operations: [acquire([1, 1, 2], 'a', 1), release([1, 3, 6], 'a', 1), acquire([2, 4, 5], 'b', 2)],
  },
  // A resource that saw 7 would reject the new holder.
  {
    name: 'a token that falls',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 7), release([1, 3, 4], 'a', 7), acquire([2, 5, 6], 'b', 6)],
  },
  // A resource could not tell the two apart.
  {
    name: 'a token given twice',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 7), release([1, 3, 4], 'a', 7), acquire([2, 5, 6], 'b', 7)],
  },
  // A grant answered again, as to a client that asks again.
  {
    name: 'a holder is told its grant again',
    verdict: 'ok',
    operations: [acquire([1, 1, 2], 'a', 7), acquire([1, 3, 4], 'a', 7)],
  },
  // That would be a second grant while the first one is held.
  {
    name: 'a holder is given a new token',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 7), acquire([1, 3, 4], 'a', 8)],
  },
  // Somebody held it.
  {
    name: 'a refusal while the lock is held',
    verdict: 'ok',
    operations: [acquire([1, 1, 2], 'a', 1), acquire([2, 3, 4], 'b', 'refused')],
  },
  // Nobody held it.
  {
    name: 'a refusal while the lock is free',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1), release([1, 3, 4], 'a', 1), acquire([2, 5, 6], 'b', 'refused')],
  },
  // The environment ended the session of the holder.
  {
    name: 'a grant after the holder expired',
    verdict: 'ok',
    operations: [acquire([1, 1, 2], 'a', 1), expire([9, 3], 'a'), acquire([2, 5, 6], 'b', 2), release([1, 7, 8], 'a', 1, false)],
  },
  // The session that ended was another's.
  {
    name: 'a grant after somebody else expired',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1), expire([9, 3, 4], 'c'), acquire([2, 5, 6], 'b', 2)],
  },
  // An administrator's release is for whoever holds the lock.
  {
    name: 'a grant after a forced release',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1),
      expire([9, 3, 4], undefined, true),
      acquire([2, 5, 6], 'b', 2),
      check([1, 7, 8], 1, false),
    ],
  },
  // Forced releases that found nothing freed nothing.
  {
    name: 'a grant after a forced release that found nobody',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1), expire([9, 3, 4], undefined, false), acquire([2, 5, 6], 'b', 2)],
  },
  // The lock was lost, and its holder told that it released it.
  {
    name: 'a release that succeeds after the lock was handed on',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1), expire([9, 3, 4], 'a'), acquire([2, 5, 6], 'b', 2), release([1, 7, 8], 'a', 1)],
  },
  // The unknown acquire was granted; its client holds the lock without knowing.
  {
    name: 'a refusal because of an unknown acquire',
    verdict: 'ok',
    operations: [acquire([1, 1], 'a', 1), acquire([2, 3, 4], 'b', 'refused'), holder([2, 5, 6], 'a', 3)],
  },
  // The unknown grant took a token between 1 and 2, and there is none.
  {
    name: 'an unknown grant between two tokens that leave no room',
    verdict: 'violation',
    operations: [
      acquire([1, 1, 2], 'a', 1),
      release([1, 3, 4], 'a', 1),
      acquire([2, 5], 'b', 0),
      acquire([3, 6, 7], 'c', 'refused'),
      expire([9, 8, 9], 'b', true),
      acquire([3, 10, 11], 'c', 2),
    ],
  },
  // With room for it, the same is fine.
  {
    name: 'an unknown grant between two tokens that leave room',
    verdict: 'ok',
    operations: [
      acquire([1, 1, 2], 'a', 1),
      release([1, 3, 4], 'a', 1),
      acquire([2, 5], 'b', 0),
      acquire([3, 6, 7], 'c', 'refused'),
      expire([9, 8, 9], 'b', true),
      acquire([3, 10, 11], 'c', 3),
    ],
  },
  // The token that was shown is the token of the grant, and stays it.
  {
    name: 'a holder shown with two tokens',
    verdict: 'violation',
    operations: [acquire([1, 1], 'a', 1), holder([2, 3, 4], 'a', 3), holder([2, 5, 6], 'a', 4)],
  },
  // The token of a lost grant is valid for nobody else.
  {
    name: 'a stale token that is called valid',
    verdict: 'violation',
    operations: [acquire([1, 1, 2], 'a', 1), expire([9, 3, 4], 'a'), acquire([2, 5, 6], 'b', 2), check([1, 7, 8], 1, true)],
  },
  // Free again.
  {
    name: 'nobody holds a lock that was released',
    verdict: 'ok',
    operations: [acquire([1, 1, 2], 'a', 1), release([1, 3, 4], 'a', 1), holder([2, 5, 6], null, null)],
  },
];
