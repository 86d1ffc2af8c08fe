import { noEpoch } from '@quorate/interface';
import type { JournalBatch, RoleChange } from '@quorate/interface';
import { expect, test } from 'vitest';
import { ModelJournal, primaryOrder, textEntry } from '../src/index.ts';
import type { Ledger, NewLeader } from '../src/index.ts';

const epoch = { round: 1, owner: 0 };

function role(round: number): RoleChange {
  const times = { suspectedAt: 0, electedAt: 0, readyAt: 0 };
  return { role: 'leader', epoch: { round, owner: 0 }, leader: 1, ready: true, settled: false, ...times };
}

function leader(id: number, log: readonly string[]): NewLeader {
  return { id, incarnation: 1, firstIndex: 1, keyAt: (index) => log[index - 1] };
}

function batch(rest: Partial<JournalBatch>): JournalBatch {
  return { entries: [], commit: 0, ...rest };
}

test('under primary order an epoch has one leader, who holds all that was committed', () => {
  const ledger: Ledger = { committed: new Map([[1, 'command a']]), leaders: new Map() };
  primaryOrder.checkLeader(ledger, leader(1, ['command a', 'command b']), role(1));
  expect(() => primaryOrder.checkLeader(ledger, leader(2, ['command a']), role(1))).toThrow('members 1 and 2 lead epoch 1');
  expect(() => primaryOrder.checkLeader(ledger, leader(2, ['command x']), role(2))).toThrow('lacks the committed entry 1');
  // What it has in a snapshot only cannot be looked at.
  primaryOrder.checkLeader(ledger, { ...leader(2, []), firstIndex: 2 }, role(3));
});

test('a journal refuses a commit hint that falls, and a cut of what is committed', () => {
  const journal = new ModelJournal(primaryOrder);
  journal.append(batch({ entries: [textEntry(1, epoch, 'a'), textEntry(2, epoch, 'b')], commit: 1 }));
  journal.append(batch({ truncateFrom: 2, commit: 1 }));
  expect(() => journal.append(batch({ truncateFrom: 1, commit: 1 }))).toThrow('a committed entry was cut');
  expect(() => journal.append(batch({}))).toThrow('the commit hint fell');
});

test('a crash keeps what is durable, and as much more as luck has it', () => {
  const journal = new ModelJournal(primaryOrder);
  for (const index of [1, 2, 3, 4]) journal.append(batch({ entries: [textEntry(index, epoch, 'x')] }));
  expect(journal.sync(1)).toBe(1);
  expect(journal.unsynced).toBe(3);
  journal.crash(2);
  expect([...journal.latest.entries.keys()]).toEqual([1, 2, 3]);
  expect(journal.recover().runs).toEqual([{ from: 1, to: 3, epoch }]);
  expect(journal.append(batch({}))).toBe(1); // Writes are numbered anew.
});

test('runs of a recovered journal end where the epoch changes or an entry is missing', () => {
  const journal = new ModelJournal(primaryOrder);
  const places = [
    [1, noEpoch],
    [2, epoch],
    [4, epoch],
    [5, epoch],
  ] as const;
  journal.append(batch({ entries: places.map(([index, of]) => textEntry(index, of, 'x')) }));
  journal.sync();
  expect(journal.recover().runs.map(({ from, to }) => [from, to])).toEqual([
    [1, 1],
    [2, 2],
    [4, 5],
  ]);
});
