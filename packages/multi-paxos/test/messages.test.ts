import { genesisOf } from '@quorate/core-testing';
import { encodeConfig, packPayloads, placeEntries } from '@quorate/interface';
import { expect, test } from 'vitest';
import { describeMessage } from '../src/index.ts';
import type { MultiPaxosMessage } from '../src/index.ts';
import { malformation } from '../src/malformation.ts';
import { accept, ballot, heartbeat, metaOf, promise, vote } from './fixture/lone.ts';

const b = ballot('3.2');
const fine: readonly (readonly [MultiPaxosMessage, string])[] = [
  [{ kind: 'prepare', ballot: b, fromSlot: 4 }, 'prepare 3.2 from 4'],
  [promise(b, { fromSlot: 4, chosenUpTo: 3 }), 'promise 3.2 votes 4- chosen up to 3'],
  [promise(b, { fromSlot: 4, toSlot: 6, trimmedBelow: 3 }), 'promise 3.2 votes 4-6 chosen up to 0 trimmed below 3'],
  [{ kind: 'nack', ballot: b, promised: ballot('3.3') }, 'nack 3.2 promised 3.3'],
  [
    {
      kind: 'accepted',
      ballot: b,
      runs: [
        { from: 1, to: 2 },
        { from: 4, to: 4 },
      ],
    },
    'accepted 3.2 1-2 4',
  ],
  [{ kind: 'chosen', runs: [{ from: 1, to: 2, ballot: b }] }, 'chosen 1-2@3.2'],
  [heartbeat('3.2', { chosenFrom: 2, chosenUpTo: 4 }), 'heartbeat 3.2 chosen up to 4 (from 2 in it)'],
  [
    heartbeat('3.2', { chosenFrom: 5, chosenUpTo: 4, readRound: 2, inContact: false }),
    'heartbeat 3.2 chosen up to 4 read 2 without contact',
  ],
  [
    { kind: 'heartbeat-response', ballot: b, readRound: 2, chosenUpTo: 4, lastSlot: 9 },
    'heartbeat-response 3.2 chosen up to 4 read 2',
  ],
  [{ kind: 'learn-request', fromSlot: 7 }, 'learn-request from 7'],
  [{ kind: 'learn-reply', fromSlot: 7, chosenUpTo: 9 }, 'learn-reply from 7 chosen up to 9'],
  [{ kind: 'have-snapshot', meta: metaOf(9, '1.1') }, 'have-snapshot at 9'],
  [{ kind: 'learned', chosenUpTo: 9 }, 'learned up to 9'],
  [{ kind: 'read-request', incarnation: 1, context: 6 }, 'read-request 6'],
  [{ kind: 'read-reply', incarnation: 1, context: 6, confirmed: true, index: 8 }, 'read-reply 6 at 8'],
  [{ kind: 'read-reply', incarnation: 1, context: 6, confirmed: false, index: 0 }, 'read-reply 6 refused'],
  [{ kind: 'read-query', incarnation: 1, context: 6 }, 'read-query 6'],
  [{ kind: 'read-query-reply', incarnation: 1, context: 6, lastSlot: 8 }, 'read-query-reply 6 last 8'],
  [{ kind: 'take-over', ballot: b }, 'take-over 3.2'],
];

test.each(fine)('takes and describes %o', (message, text) => {
  expect(malformation(2, message, [])).toBeUndefined();
  expect(describeMessage(message)).toBe(text);
});

test('an accept needs a proposal, and says what rides on it', () => {
  expect(malformation(2, accept('3.2'), [])).toBe('an accept without a proposal');
  expect(malformation(2, accept('3.2'), [vote('1:a@3.2'), vote('4:b@3.2')])).toBeUndefined();
  expect(malformation(2, accept('3.2'), [vote('1:a@3.1')])).toBe('a proposal under another ballot');
  expect(describeMessage({ ...accept('3.2'), chosen: [{ from: 1, to: 1, ballot: b }] })).toBe('accept 3.2 chosen 1@3.2');
});

const numbers = [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY, '1', undefined];

test('every number of every message must be a safe integer', () => {
  for (const [message] of fine)
    for (const [field, value] of Object.entries(message)) {
      if (typeof value !== 'number') continue;
      for (const wrong of numbers) {
        const bent = { ...message, [field]: wrong } as unknown as MultiPaxosMessage;
        expect(malformation(2, bent, []), `${message.kind}.${field} = ${wrong}`).toBeDefined();
      }
    }
});

test('every ballot must be one, and prepares, accepts and heartbeats are in the own one', () => {
  for (const [message] of fine) {
    if (!('ballot' in message)) continue;
    for (const wrong of [ballot('0.2'), ballot('3.0'), { round: 2 ** 52 + 1, owner: 2 }])
      expect(malformation(2, { ...message, ballot: wrong }, []), message.kind).toBeDefined();
    const owned = ['prepare', 'heartbeat', 'take-over'].includes(message.kind);
    if (owned) expect(malformation(2, { ...message, ballot: ballot('3.1') }, [])).toBe('a ballot of another member');
  }
  expect(malformation(2, { kind: 'nack', ballot: b, promised: b }, [])).toBeDefined();
});

test('votes are inside of their chunk, rise, and are not above the promise', () => {
  const part = promise(b, { fromSlot: 2, toSlot: 5 });
  expect(malformation(1, part, [vote('2:a@1.1'), vote('5:b@3.2')])).toBeUndefined();
  expect(malformation(1, part, [vote('1:a@1.1')])).toBe('votes outside of the chunk');
  expect(malformation(1, part, [vote('6:a@1.1')])).toBe('votes outside of the chunk');
  expect(malformation(1, part, [vote('3:a@3.3')])).toBe('a vote above the promise');
  expect(malformation(1, part, [vote('3:a@1.1'), vote('3:a@1.1')])).toBe('entries that do not rise');
  expect(malformation(1, { ...part, toSlot: 1 }, [])).toBe('a chunk that ends before it begins');
});

test('configurations are read before they are believed', () => {
  const entries = (bytes: Uint8Array): Parameters<typeof malformation>[2] => [
    placeEntries(
      packPayloads([bytes], () => 0),
      1,
      b,
      'config',
    ),
  ];
  expect(malformation(2, accept('3.2'), entries(encodeConfig({ ...genesisOf([1, 2, 3]), id: 1 })))).toBeUndefined();
  expect(malformation(2, accept('3.2'), entries(encodeConfig({ ...genesisOf([]), id: 1 })))).toBeDefined();
  expect(malformation(2, accept('3.2'), entries(Uint8Array.of(1)))).toBeDefined();
});
