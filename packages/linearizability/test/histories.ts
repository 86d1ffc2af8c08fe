import type { KvInput, KvOutput, Operation, RegisterInput, RegisterOutput } from '../src/index.ts';
import { bothGet, bothPut, get, put, putIf, read, remove, swap, together, write } from './operations.ts';

export interface Example<I, O> {
  readonly name: string;
  readonly verdict: 'ok' | 'violation';
  readonly operations: readonly Operation<I, O>[];
}

export const registerExamples: readonly Example<RegisterInput, RegisterOutput>[] = [
  // Nothing was asked, so nothing was answered wrongly.
  { name: 'the empty history', verdict: 'ok', operations: [] },
  // The register starts as null.
  { name: 'a read before every write', verdict: 'ok', operations: [read([1, 1, 2], null)] },
  // A value comes from a write or from the beginning, from nowhere else.
  { name: 'a read of a value never written', verdict: 'violation', operations: [write([1, 1, 2], 'a'), read([2, 3, 4], 'b')] },
  // The second write had returned before the read was called.
  {
    name: 'a stale read',
    verdict: 'violation',
    operations: [write([1, 1, 2], 'a'), write([1, 3, 4], 'b'), read([2, 5, 6], 'a')],
  },
  // The same answers, but now the second write is still under way: the read goes first.
  {
    name: 'an old value read while the new one is being written',
    verdict: 'ok',
    operations: [write([1, 1, 2], 'a'), write([1, 3, 6], 'b'), read([2, 4, 5], 'a')],
  },
  // A write takes effect somewhere between call and return, also before the return.
  {
    name: 'a value read before its write returned',
    verdict: 'ok',
    operations: [write([1, 1, 6], 'a'), read([2, 2, 3], 'a'), read([3, 4, 5], 'a')],
  },
  // A read cannot see what was not even asked for yet.
  {
    name: 'a value read before its write was called',
    verdict: 'violation',
    operations: [read([1, 1, 2], 'a'), write([2, 3, 4], 'a')],
  },
  // Both reads are within the write, but the first one has shown that it took effect.
  {
    name: 'a new value, then the old one, within one write (new-old inversion)',
    verdict: 'violation',
    operations: [write([1, 1, 2], 'a'), write([1, 3, 8], 'b'), read([2, 4, 5], 'b'), read([3, 6, 7], 'a')],
  },
  // Concurrent reads may be ordered either way.
  {
    name: 'a new and an old value in reads that overlap',
    verdict: 'ok',
    operations: [write([1, 1, 2], 'a'), write([1, 3, 8], 'b'), read([2, 4, 6], 'b'), read([3, 5, 7], 'a')],
  },
  // A new leader that lacks the last write answers the second read: within one client time runs backwards.
  {
    name: 'reads that go back after a failover',
    verdict: 'violation',
    operations: [write([1, 1, 2], 'a'), write([1, 3, 4], 'b'), read([2, 5, 6], 'b'), read([2, 7, 8], 'a')],
  },
  // a, b, a needs two writes of a; two clients that overlap cannot alternate.
  {
    name: 'two concurrent writes seen alternating',
    verdict: 'violation',
    operations: [
      write([1, 1, 10], 'a'),
      write([2, 1, 10], 'b'),
      read([3, 2, 3], 'a'),
      read([3, 4, 5], 'b'),
      read([3, 6, 7], 'a'),
    ],
  },
  // Two observers must agree on one order of two writes.
  {
    name: 'two observers see two writes in opposite orders',
    verdict: 'violation',
    operations: [write([1, 1, 2], 'a'), write([2, 1, 2], 'b'), read([3, 3, 4], 'a'), read([4, 5, 6], 'b')],
  },
  // The same value twice is two writes: the second explains the read after b.
  {
    name: 'a value written again',
    verdict: 'ok',
    operations: [write([1, 1, 2], 'a'), write([2, 1, 6], 'a'), write([1, 3, 4], 'b'), read([3, 7, 8], 'a')],
  },
  // The write may have taken effect long after its client gave up.
  {
    name: 'an unknown write seen late',
    verdict: 'ok',
    operations: [write([1, 1, 2], 'a'), write([2, 3], 'b'), read([3, 5, 6], 'a'), read([3, 7, 8], 'b')],
  },
  // What was seen has happened, once and for all; nobody wrote a again.
  {
    name: 'an unknown write seen, then unseen',
    verdict: 'violation',
    operations: [write([1, 1, 2], 'a'), write([2, 3], 'b'), read([3, 5, 6], 'b'), read([3, 7, 8], 'a')],
  },
  // It need not ever happen.
  {
    name: 'an unknown write never seen',
    verdict: 'ok',
    operations: [write([1, 1, 2], 'a'), write([2, 3], 'b'), read([3, 5, 6], 'a'), read([3, 7, 8], 'a')],
  },
  // Unknown is not "at any time": never before its call.
  { name: 'an unknown write seen before its call', verdict: 'violation', operations: [read([1, 1, 2], 'a'), write([2, 3], 'a')] },
  // One unknown write of a explains one return to a, and the reads want two.
  {
    name: 'one unknown write that would have to happen twice',
    verdict: 'violation',
    operations: [write([1, 1], 'a'), read([2, 2, 3], 'a'), write([2, 4, 5], 'b'), read([2, 6, 7], 'a')],
  },
  // The moment of a return and the moment of a call are not apart.
  {
    name: 'a read called at the moment when a write returns',
    verdict: 'ok',
    operations: [write([1, 1, 2], 'a'), read([2, 2, 3], null)],
  },
];

export const kvExamples: readonly Example<KvInput, KvOutput>[] = [
  // Each key is judged alone.
  {
    name: 'two keys that know nothing of each other',
    verdict: 'ok',
    operations: [put([1, 1, 2], 'x', 'a'), put([2, 1, 2], 'y', 'b'), get([1, 3, 4], 'y', 'b'), get([2, 3, 4], 'x', 'a')],
  },
  // What was put under x is not under y.
  { name: 'a value under the wrong key', verdict: 'violation', operations: [put([1, 1, 2], 'x', 'a'), get([1, 3, 4], 'y', 'a')] },
  // Each read-modify-write read null, so one of the two increments is gone.
  {
    name: 'a lost update',
    verdict: 'violation',
    operations: [put([1, 1, 2], 'x', '1', null), put([2, 1, 2], 'x', '2', null)],
  },
  // After one has swapped, the other finds its own value there.
  {
    name: 'two compare-and-sets of one expectation both succeed',
    verdict: 'violation',
    operations: [put([1, 1, 2], 'x', 'a'), swap([1, 3, 4], 'x', ['a', 'b'], true), swap([2, 3, 4], 'x', ['a', 'c'], true)],
  },
  // One of the two wins.
  {
    name: 'one of two concurrent compare-and-sets succeeds',
    verdict: 'ok',
    operations: [put([1, 1, 2], 'x', 'a'), swap([1, 3, 4], 'x', ['a', 'b'], true), swap([2, 3, 4], 'x', ['a', 'c'], false)],
  },
  // Nobody was there who could have made it fail.
  {
    name: 'a compare-and-set that fails for no reason',
    verdict: 'violation',
    operations: [put([1, 1, 2], 'x', 'a'), swap([1, 3, 4], 'x', ['a', 'b'], false)],
  },
  // The unknown put, never seen itself, is the reason.
  {
    name: 'a compare-and-set that fails because of an unknown put',
    verdict: 'ok',
    operations: [put([1, 1, 2], 'x', 'a'), put([2, 1], 'x', 'z'), swap([1, 3, 4], 'x', ['a', 'b'], false)],
  },
  // a, then z (failed), then a again: one put of z cannot be taken back.
  {
    name: 'an unknown put that excuses a failure and is not there afterwards',
    verdict: 'violation',
    operations: [
      put([1, 1, 2], 'x', 'a'),
      put([2, 1], 'x', 'z'),
      swap([1, 3, 4], 'x', ['a', 'b'], false),
      get([1, 5, 6], 'x', 'a'),
    ],
  },
  // Two unknown operations in a row: the second needs the first.
  {
    name: 'an unknown compare-and-set on top of an unknown put',
    verdict: 'ok',
    operations: [put([1, 1], 'x', 'a'), swap([2, 2], 'x', ['a', 'b'], true), get([3, 5, 6], 'x', 'b')],
  },
  // The chain has a hole: nobody wrote what is expected.
  {
    name: 'an unknown compare-and-set whose expectation nobody wrote',
    verdict: 'violation',
    operations: [put([1, 1], 'x', 'c'), swap([2, 2], 'x', ['a', 'b'], true), get([3, 5, 6], 'x', 'b')],
  },
  // After a delete the key is absent.
  {
    name: 'a deleted key is gone',
    verdict: 'ok',
    operations: [
      put([1, 1, 2], 'x', 'a'),
      remove([1, 3, 4], 'x', true),
      get([2, 5, 6], 'x', null),
      remove([1, 7, 8], 'x', false),
    ],
  },
  // The delete had returned.
  {
    name: 'a deleted key is still seen',
    verdict: 'violation',
    operations: [put([1, 1, 2], 'x', 'a'), remove([1, 3, 4], 'x', true), get([2, 5, 6], 'x', 'a')],
  },
  // Only one can have removed the one value.
  {
    name: 'two deletes of one value both succeed',
    verdict: 'violation',
    operations: [put([1, 1, 2], 'x', 'a'), remove([2, 3, 4], 'x', true), remove([3, 3, 4], 'x', true)],
  },
  // An absent key and an empty value are not the same.
  {
    name: 'an empty value is not absence',
    verdict: 'violation',
    operations: [put([1, 1, 2], 'x', ''), get([1, 3, 4], 'x', null)],
  },
  // A compare-and-set from absence creates.
  {
    name: 'a compare-and-set that expects absence',
    verdict: 'ok',
    operations: [swap([1, 1, 2], 'x', [null, 'a'], true), swap([2, 3, 4], 'x', [null, 'b'], false), get([2, 5, 6], 'x', 'a')],
  },
  // Both keys change at once.
  {
    name: 'a transaction seen whole',
    verdict: 'ok',
    operations: [bothPut([1, 1, 6], '1'), bothGet([2, 2, 3], null, null), bothGet([2, 4, 5], '1', '1')],
  },
  // Half of a transaction was seen.
  {
    name: 'a transaction seen half',
    verdict: 'violation',
    operations: [bothPut([1, 1, 4], '1'), bothGet([2, 2, 3], '1', null)],
  },
  // Key by key this is fine; only together it is not.
  {
    name: 'two transactions whose effects are mixed',
    verdict: 'violation',
    operations: [bothPut([1, 1, 4], '1'), bothPut([2, 1, 4], '2'), get([3, 5, 6], 'x', '1'), get([3, 7, 8], 'y', '2')],
  },
  // Each read the other's key before the other wrote it: in one order, one of them would have seen a write.
  {
    name: 'write skew',
    verdict: 'violation',
    operations: [
      together(
        [1, 1, 4],
        [
          [
            { op: 'get', key: 'x' },
            { op: 'get', value: null },
          ],
          [{ op: 'put', key: 'y', value: '1' }, { op: 'put' }],
        ],
      ),
      together(
        [2, 2, 3],
        [
          [
            { op: 'get', key: 'y' },
            { op: 'get', value: null },
          ],
          [{ op: 'put', key: 'x', value: '1' }, { op: 'put' }],
        ],
      ),
    ],
  },
  // A transaction of unknown outcome happens whole or not at all.
  {
    name: 'an unknown transaction seen under one key and missing under the other',
    verdict: 'violation',
    operations: [bothPut([1, 1], '1'), get([2, 3, 4], 'x', '1'), get([2, 5, 6], 'y', null)],
  },
  // Two unknown puts before one read that needs both, in whichever order.
  {
    name: 'two unknown puts seen by one transaction',
    verdict: 'ok',
    operations: [put([1, 1], 'x', '1'), put([2, 1], 'y', '1'), bothGet([3, 3, 4], null, null), bothGet([3, 5, 6], '1', '1')],
  },
  // What was seen of x is gone when y is seen.
  {
    name: 'two unknown puts seen alone, each before the other',
    verdict: 'violation',
    operations: [put([1, 1], 'x', '1'), put([2, 1], 'y', '1'), bothGet([3, 3, 4], '1', null), bothGet([3, 5, 6], null, '1')],
  },
  // The put of x does not need the transaction before it; but after it, the transaction would not have written y.
  {
    name: 'an unknown transaction that must go before a write that does not need it',
    verdict: 'ok',
    operations: [put([1, 1, 2], 'x', 'a'), putIf([2, 3], 'a', '1'), put([3, 4, 5], 'x', 'c'), get([3, 6, 7], 'y', '1')],
  },
  // Its condition never held after its call.
  {
    name: 'an unknown transaction whose condition was gone before it was called',
    verdict: 'violation',
    operations: [put([1, 1, 2], 'x', 'a'), put([3, 3, 4], 'x', 'c'), putIf([2, 5], 'a', '1'), get([3, 6, 7], 'y', '1')],
  },
  // Later steps see earlier ones.
  {
    name: 'a transaction reads its own write',
    verdict: 'ok',
    operations: [
      together(
        [1, 1, 2],
        [
          [{ op: 'put', key: 'x', value: '1' }, { op: 'put' }],
          [
            { op: 'get', key: 'x' },
            { op: 'get', value: '1' },
          ],
          [
            { op: 'delete', key: 'x' },
            { op: 'delete', deleted: true },
          ],
        ],
      ),
      get([1, 3, 4], 'x', null),
    ],
  },
];
