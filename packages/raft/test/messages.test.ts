import { genesisOf } from '@quorate/core-testing';
import { encodeConfig, noops } from '@quorate/interface';
import type { EntryBatch } from '@quorate/interface';
import { expect, test } from 'vitest';
import { describeMessage } from '../src/index.ts';
import type { RaftMessage } from '../src/index.ts';
import { malformation } from '../src/malformation.ts';
import { append, entry, metaOf, noop } from './fixture/lone.ts';

const fine: readonly (readonly [RaftMessage, string])[] = [
  [{ kind: 'pre-vote', term: 2, candidate: 2, lastLogIndex: 4, lastLogTerm: 1 }, 'pre-vote t2 last 4@1'],
  [{ kind: 'pre-vote-response', term: 2, granted: false }, 'pre-vote-response t2 refused'],
  [{ kind: 'request-vote', term: 2, candidate: 2, lastLogIndex: 4, lastLogTerm: 1, transfer: true }, 'vote t2 last 4@1 transfer'],
  [{ kind: 'request-vote-response', term: 2, granted: true }, 'vote-response t2 granted'],
  [append(2, 2, [4, 1], 3), 'append t2 prev 4@1 commit 3'],
  [{ ...append(2, 2, [4, 1], 3), notice: true }, 'notice t2 prev 4@1 commit 3'],
  [
    { kind: 'append-response', term: 2, success: true, matchIndex: 7, rejectedIndex: 0, hintIndex: 0, hintTerm: 0 },
    'append-response t2 match 7',
  ],
  [
    { kind: 'append-response', term: 2, success: false, matchIndex: 0, rejectedIndex: 9, hintIndex: 3, hintTerm: 1 },
    'append-response t2 refused 9 hint 3@1',
  ],
  [{ kind: 'heartbeat', term: 2, leader: 2, commit: 3, readContext: 0 }, 'heartbeat t2 commit 3'],
  [{ kind: 'heartbeat-response', term: 2, readContext: 5 }, 'heartbeat-response t2 read 5'],
  [{ kind: 'install-snapshot', term: 2, leader: 2, meta: metaOf(9, 1) }, 'snapshot t2 9@1'],
  [{ kind: 'install-snapshot-response', term: 2, offeredIndex: 9, acceptedUpTo: 4 }, 'snapshot-response t2 offered 9 accepted 4'],
  [{ kind: 'timeout-now', term: 2 }, 'timeout-now t2'],
  [{ kind: 'read-index', term: 2, incarnation: 1, context: 6 }, 'read-index t2 context 6'],
  [
    { kind: 'read-index-response', term: 2, incarnation: 1, context: 6, confirmed: true, index: 8 },
    'read-index-response t2 context 6 at 8',
  ],
];

test.each(fine)('takes and describes %o', (message, text) => {
  expect(malformation(2, message, [])).toBeUndefined();
  expect(describeMessage(message)).toBe(text);
});

const numbers = [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY, '1', undefined];

test('every number of every message must be a safe integer', () => {
  for (const [message] of fine)
    for (const [field, value] of Object.entries(message)) {
      if (typeof value !== 'number') continue;
      for (const wrong of numbers) {
        const bent = { ...message, [field]: wrong } as unknown as RaftMessage;
        expect(malformation(2, bent, []), `${message.kind}.${field} = ${wrong}`).toBeDefined();
      }
    }
});

const halfEmpty = { ...genesisOf([1, 2, 3]), id: 2, next: { ...genesisOf([]), id: 3 } };

/** A run of one configuration, in these chunks. */
function configs(...body: readonly Uint8Array[]): EntryBatch {
  let bytes = 0;
  for (const chunk of body) bytes += chunk.length;
  return { ...entry(5, 2), kind: 'config', body, ends: Uint32Array.of(bytes) };
}

test.each<[string, RaftMessage, readonly EntryBatch[]]>([
  ['a gap', append(2, 2, [4, 1]), [entry(6, 1)]],
  ['terms that fall', append(3, 2, [4, 2]), [entry(5, 1)]],
  ['a term above the message’s', append(2, 2, [4, 1]), [entry(5, 3)]],
  ['an owner', append(2, 2, [4, 1]), [{ ...entry(5, 2), epoch: { round: 2, owner: 7 } }]],
  ['an empty run', append(2, 2, [4, 1]), [noops(5, 0, { round: 2, owner: 0 })]],
  ['a body that is too short', append(2, 2, [4, 1]), [{ ...entry(5, 2), body: [] }]],
  ['too few checksums', append(2, 2, [4, 1]), [{ ...entry(5, 2), checksums: new Uint32Array(0) }]],
  ['a configuration that is none', append(2, 2, [4, 1]), [{ ...entry(5, 2), kind: 'config' }]],
  ['a configuration over two chunks', append(2, 2, [4, 1]), [configs(new Uint8Array(2), new Uint8Array(1))]],
  [
    'configurations whose ends fall',
    append(2, 2, [4, 1]),
    [{ ...configs(new Uint8Array(3)), count: 2, ends: Uint32Array.of(9, 3), checksums: new Uint32Array(2) }],
  ],
  ['a joint configuration of which one half has no voters', append(2, 2, [4, 1]), [configs(encodeConfig(halfEmpty))]],
  ['a snapshot of such a configuration', { kind: 'install-snapshot', term: 2, leader: 2, meta: metaOf(9, 1, halfEmpty) }, []],
  ['a notice with entries', { ...append(2, 2, [4, 1]), notice: true }, [entry(5, 2)]],
  ['a term at index 0', append(2, 2, [0, 1]), []],
  ['no term at an index', append(2, 2, [4, 0]), []],
  ['entries beside a vote', { kind: 'timeout-now', term: 1 }, [noop(1, 1)]],
  [
    'a snapshot without configuration',
    { kind: 'install-snapshot', term: 2, leader: 2, meta: { ...metaOf(9, 1), configs: [] } },
    [],
  ],
  ['a snapshot of the future', { kind: 'install-snapshot', term: 2, leader: 2, meta: metaOf(9, 3) }, []],
  ['another sender', append(2, 3, [4, 1]), []],
])('refuses %s', (_name, message, entries) => {
  expect(malformation(2, message, entries)).toBeDefined();
});
