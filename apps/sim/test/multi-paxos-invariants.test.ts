import { crc32, emptyRecovered, encodeText, noops, packPayloads, placeEntries } from '@quorate/interface';
import type { CoreStatus, Effects, EntryBatch, Epoch, JournalBatch } from '@quorate/interface';
import { Ledger } from '@quorate/simulator';
import type { MemberRecord, Observer } from '@quorate/simulator';
import { describe, expect, test } from 'vitest';
import { chosenOnce } from '../src/invariants/multi-paxos/chosen-once.ts';
import { committedDurably } from '../src/invariants/multi-paxos/committed-durably.ts';
import { completePromises } from '../src/invariants/multi-paxos/complete-promises.ts';
import { promiseKept } from '../src/invariants/multi-paxos/promise-kept.ts';
import { safeProposals } from '../src/invariants/multi-paxos/safe-proposals.ts';
import { votesRise } from '../src/invariants/multi-paxos/votes-rise.ts';

/** A ledger of three members with one invariant on it. */
class Bench {
  readonly ledger = new Ledger(() => 0);
  readonly members: readonly MemberRecord[];
  private writes = 0;

  constructor(build: (ledger: Ledger) => Observer) {
    this.ledger.add(build(this.ledger));
    this.members = [1, 2, 3].map((id) => this.ledger.member(id));
    for (const member of this.members) {
      this.ledger.born(member);
      this.ledger.recovered(member, emptyRecovered);
    }
  }

  write(member: MemberRecord, batch: Partial<JournalBatch>, durable = true): void {
    this.ledger.appended(member, { entries: [], commit: 0, ...batch }, ++this.writes);
    if (durable) this.ledger.durable(member, this.writes);
  }

  drain(member: MemberRecord, effects: Partial<Effects<unknown>>): void {
    const whole = { commit: { index: member.commit, gate: 0 }, chosen: [], ...effects } as unknown as Effects<unknown>;
    this.ledger.drained(member, whole, () => ({ detail: {} }) as CoreStatus);
  }

  trace(member: MemberRecord, event: object): void {
    this.ledger.event(member, { type: 'trace', events: [event] });
  }

  get broken(): string[] {
    return this.ledger.violations.map(({ invariant }) => invariant);
  }
}

const first: Epoch = { round: 1, owner: 1 };
const second: Epoch = { round: 1, owner: 2 };
const third: Epoch = { round: 2, owner: 3 };

function vote(slot: number, ballot: Epoch, text: string): EntryBatch {
  const payloads = packPayloads([encodeText(text)], (bytes) => crc32(bytes, 0));
  return placeEntries(payloads, slot, ballot, 'command');
}

function hardState({ round, owner }: Epoch): Uint8Array {
  const bytes = new Uint8Array(17);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1;
  view.setUint32(1, round, true);
  view.setUint32(9, owner, true);
  return bytes;
}

test('I-09 sees a vote above the promise, and a promise that falls', () => {
  const bench = new Bench(promiseKept);
  const [one, two] = bench.members as [MemberRecord, MemberRecord];
  bench.write(one, { hardState: hardState(second), entries: [vote(1, first, 'a')] });
  expect(bench.broken).toEqual([]);
  bench.write(one, { entries: [vote(2, third, 'b')] });
  expect(bench.broken).toEqual(['I-09']);
  bench.write(two, { hardState: hardState(third) });
  bench.write(two, { hardState: hardState(second) });
  expect(bench.broken).toEqual(['I-09', 'I-09']);
});

test('I-05 sees a promise that was counted before it was durable', () => {
  for (const durable of [true, false]) {
    const bench = new Bench(promiseKept);
    const [one, two] = bench.members as [MemberRecord, MemberRecord];
    bench.write(one, { hardState: hardState(first) });
    bench.write(two, { hardState: hardState(first) }, durable);
    const answers = [1, 2].map((member) => ({ member, chosenUpTo: 0, votes: [] }));
    bench.trace(one, { event: 'phase1', ballot: first, fromSlot: 1, answers });
    expect(bench.broken).toEqual(durable ? [] : ['I-05']);
  }
});

test('I-06 sees a promise that a restart forgot, once it was durable', () => {
  for (const durable of [true, false]) {
    const bench = new Bench(promiseKept);
    const [one] = bench.members as [MemberRecord];
    bench.write(one, { hardState: hardState(third) }, durable);
    bench.ledger.recovered(one, { ...emptyRecovered, hardState: hardState(first) });
    expect(bench.broken).toEqual(durable ? ['I-06'] : []);
  }
});

test('I-07 sees a slot voted on again in a ballot that is not higher, and a cut', () => {
  const bench = new Bench(votesRise);
  const [one] = bench.members as [MemberRecord];
  bench.write(one, { entries: [vote(1, first, 'a')] });
  bench.write(one, { entries: [vote(1, second, 'a')] });
  expect(bench.broken).toEqual([]);
  bench.write(one, { entries: [vote(1, second, 'a')] });
  bench.write(one, { truncateFrom: 1 });
  expect(bench.broken).toEqual(['I-07', 'I-07']);
});

test('I-01 sees two values called chosen in one slot, out of order or not', () => {
  const bench = new Bench(chosenOnce);
  const [one, two] = bench.members as [MemberRecord, MemberRecord];
  bench.write(one, { entries: [vote(5, first, 'a')] });
  bench.write(two, { entries: [vote(5, second, 'b')] });
  bench.drain(one, { chosen: [{ from: 5, to: 5 }] });
  expect(bench.broken).toEqual([]);
  bench.drain(two, { chosen: [{ from: 5, to: 5 }] });
  expect(bench.broken).toEqual(['I-01']);
});

test('I-05 counts disks by value, whatever the ballot', () => {
  const bench = new Bench((ledger) => committedDurably(ledger, [1, 2, 3], 2));
  const [one, two] = bench.members as [MemberRecord, MemberRecord];
  bench.write(one, { entries: [vote(1, first, 'a'), vote(2, first, 'b')] });
  bench.write(two, { entries: [vote(1, second, 'a'), vote(2, second, 'c')] });
  bench.drain(one, { commit: { index: 1, gate: 0 } });
  expect(bench.broken).toEqual([]);
  bench.drain(one, { commit: { index: 2, gate: 0 } });
  expect(bench.broken).toEqual(['I-05']);
});

describe('P2c', () => {
  const phase1 = {
    event: 'phase1',
    ballot: third,
    fromSlot: 1,
    answers: [
      { member: 3, chosenUpTo: 1, votes: [] },
      {
        member: 1,
        chosenUpTo: 0,
        votes: [
          { from: 2, to: 2, ballot: first },
          { from: 4, to: 4, ballot: first },
        ],
      },
      { member: 2, chosenUpTo: 0, votes: [{ from: 2, to: 2, ballot: second }] },
    ],
  };

  function judged(...proposals: EntryBatch[]): string[] {
    const bench = new Bench(safeProposals);
    const [one, two, three] = bench.members as [MemberRecord, MemberRecord, MemberRecord];
    bench.write(one, { entries: [vote(2, first, 'a'), vote(4, first, 'd')] });
    bench.write(two, { entries: [vote(2, second, 'b')] });
    bench.write(three, { entries: proposals });
    bench.trace(three, phase1);
    return bench.broken;
  }

  test('the vote of the highest ballot, no-ops below a vote, anything above', () => {
    expect(judged(vote(2, third, 'b'), noops(3, 1, third), vote(4, third, 'd'), vote(5, third, 'new'))).toEqual([]);
  });

  test('I-03 sees the vote of a lower ballot, another value, and a command in a hole', () => {
    expect(judged(vote(2, third, 'a'))).toEqual(['I-03']);
    expect(judged(vote(4, third, 'x'))).toEqual(['I-03']);
    expect(judged(vote(3, third, 'x'))).toEqual(['I-03']);
  });

  test('I-04 sees a proposal where something is known chosen', () => {
    expect(judged(vote(1, third, 'x'))).toEqual(['I-04']);
  });
});

test('I-04 sees a promise that leaves a vote out, and one that was never given', () => {
  const bench = new Bench(completePromises);
  const [one, , three] = bench.members as [MemberRecord, MemberRecord, MemberRecord];
  bench.write(one, { entries: [vote(2, first, 'a')] });
  bench.trace(one, { event: 'promised', ballot: third });
  const told = (chosenUpTo: number, votes: object[]): object => ({
    event: 'phase1',
    ballot: third,
    fromSlot: 1,
    answers: [{ member: 1, chosenUpTo, votes }],
  });
  bench.trace(three, told(0, [{ from: 2, to: 2, ballot: first }]));
  bench.trace(three, told(2, []));
  expect(bench.broken).toEqual([]);
  bench.trace(three, told(0, []));
  expect(bench.broken).toEqual(['I-04']);
  bench.trace(three, { ...told(0, []), ballot: second });
  expect(bench.broken).toEqual(['I-04', 'I-09']);
});
