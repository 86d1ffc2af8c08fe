import { crc32, emptyRecovered, encodeText, packPayloads, placeEntries } from '@quorate/interface';
import type { CoreStatus, Effects, EntryBatch, JournalBatch, RoleChange } from '@quorate/interface';
import { Ledger } from '@quorate/simulator';
import type { MemberRecord, Observer } from '@quorate/simulator';
import { describe, expect, test } from 'vitest';
import { committedDurably } from '../src/invariants/raft/committed-durably.ts';
import { electionSafety } from '../src/invariants/raft/election-safety.ts';
import { leaderCompleteness } from '../src/invariants/raft/leader-completeness.ts';
import { logMatching } from '../src/invariants/raft/log-matching.ts';
import { matchIndexes } from '../src/invariants/raft/match-indexes.ts';
import { oneVotePerTerm } from '../src/invariants/raft/one-vote-per-term.ts';

/** A ledger of three members with one invariant on it. */
class Bench {
  readonly ledger = new Ledger(() => 0);
  readonly members: readonly MemberRecord[];
  /** What the cores' status says next. */
  detail: object = {};
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
    this.drain(member, { write: { entries: [], commit: 0, ...batch } });
    this.ledger.appended(member, { entries: [], commit: 0, ...batch }, ++this.writes);
    if (durable) this.ledger.durable(member, this.writes);
  }

  drain(member: MemberRecord, effects: Partial<Effects<unknown>>): void {
    const whole = { commit: { index: member.commit, gate: 0 }, ...effects } as Effects<unknown>;
    this.ledger.drained(member, whole, () => ({ detail: this.detail }) as CoreStatus);
  }

  lead(member: MemberRecord, round: number): void {
    const role = { role: 'leader', epoch: { round, owner: 0 }, leader: member.id, ready: true, settled: false } as RoleChange;
    this.drain(member, { role });
  }

  commit(member: MemberRecord, index: number): void {
    this.drain(member, { commit: { index, gate: 0 } });
  }

  get broken(): string[] {
    return this.ledger.violations.map(({ invariant }) => invariant);
  }
}

function entry(index: number, round: number, text: string): EntryBatch {
  const payloads = packPayloads([encodeText(text)], (bytes) => crc32(bytes, 0));
  return placeEntries(payloads, index, { round, owner: 0 }, 'command');
}

test('I-02 sees two leaders of one term', () => {
  const it = new Bench(electionSafety);
  const [one, two] = it.members as [MemberRecord, MemberRecord];
  it.lead(one, 1);
  it.lead(two, 2);
  it.lead(one, 1);
  expect(it.broken).toEqual([]);
  it.lead(two, 1);
  expect(it.broken).toEqual(['I-02']);
});

describe('I-09 and I-06', () => {
  const vote = (it: Bench, term: number, votedFor: number, durable = true): void => {
    it.detail = { term, votedFor };
    it.write(it.ledger.member(1), { hardState: Uint8Array.of(term, votedFor) }, durable);
  };

  test('a second vote in a term, and a term that falls, are seen', () => {
    const it = new Bench(oneVotePerTerm);
    vote(it, 1, 0);
    vote(it, 1, 2);
    vote(it, 2, 3);
    expect(it.broken).toEqual([]);
    vote(it, 2, 1);
    expect(it.broken).toEqual(['I-09']);
    vote(it, 1, 0);
    expect(it.broken).toEqual(['I-09', 'I-06']);
  });

  test('a vote that was never durable may be forgotten with its process', () => {
    const it = new Bench(oneVotePerTerm);
    const [one] = it.members as [MemberRecord];
    vote(it, 1, 2, false);
    it.ledger.ended(one, { how: 'power-lost' });
    it.ledger.born(one);
    it.ledger.recovered(one, emptyRecovered);
    vote(it, 1, 3);
    expect(it.broken).toEqual([]);
  });
});

describe('I-03', () => {
  test('equal entries behind unequal prefixes are seen', () => {
    const it = new Bench(logMatching);
    const [one, two] = it.members as [MemberRecord, MemberRecord];
    it.write(one, { entries: [entry(1, 1, 'a'), entry(2, 2, 'b')] });
    it.write(two, { entries: [entry(1, 1, 'x')] });
    expect(it.broken).toEqual(['I-03']);
    it.write(two, { entries: [entry(2, 2, 'b')] });
    expect(it.broken).toHaveLength(2);
  });

  test('a tail that is truncated and written anew is in order, a hole is not', () => {
    const it = new Bench(logMatching);
    const [one, two] = it.members as [MemberRecord, MemberRecord];
    it.write(one, { entries: [entry(1, 1, 'a'), entry(2, 1, 'b')] });
    it.write(two, { entries: [entry(1, 1, 'a'), entry(2, 2, 'c'), entry(3, 2, 'd')] });
    it.write(one, { truncateFrom: 2, entries: [entry(2, 2, 'c'), entry(3, 2, 'd')] });
    expect(it.broken).toEqual([]);
    it.write(one, { entries: [entry(5, 2, 'e')] });
    expect(it.broken).not.toEqual([]);
  });
});

test('I-04 sees a leader without a committed entry', () => {
  const it = new Bench(leaderCompleteness);
  const [one, two, three] = it.members as [MemberRecord, MemberRecord, MemberRecord];
  for (const member of [one, two]) it.write(member, { entries: [entry(1, 1, 'a')] });
  it.commit(one, 1);
  it.lead(two, 2);
  expect(it.broken).toEqual([]);
  it.lead(three, 3);
  expect(it.broken).toEqual(['I-04']);
});

test('I-04 asks nothing of a leader that learns of its election after a later one has committed', () => {
  const it = new Bench(leaderCompleteness);
  const [one, two, three] = it.members as [MemberRecord, MemberRecord, MemberRecord];
  for (const member of [one, two]) it.write(member, { entries: [entry(1, 1, 'a')] });
  it.lead(two, 3);
  it.commit(two, 1);
  it.lead(three, 2);
  expect(it.broken).toEqual([]);
  it.lead(three, 4);
  expect(it.broken).toEqual(['I-04']);
});

test('I-05 sees a commit that no majority has on disk', () => {
  const it = new Bench((ledger) => committedDurably(ledger, [1, 2, 3]));
  const [one, two] = it.members as [MemberRecord, MemberRecord];
  for (const member of [one, two]) it.write(member, { entries: [entry(1, 1, 'a')] });
  it.commit(one, 1);
  expect(it.broken).toEqual([]);
  it.write(one, { entries: [entry(2, 1, 'b')] });
  it.write(two, { entries: [entry(2, 1, 'b')] }, false);
  it.commit(one, 2);
  expect(it.broken).toEqual(['I-05']);
});

test('I-07 sees a match index that falls, and I-05 one beyond the follower’s disk', () => {
  const it = new Bench(matchIndexes);
  const [one, two] = it.members as [MemberRecord, MemberRecord];
  it.write(two, { entries: [entry(1, 1, 'a'), entry(2, 1, 'b')] });
  it.lead(one, 1);
  const look = (match: number): void => {
    it.detail = { term: 1, peers: [{ id: 2, match }] };
    for (let drains = 0; drains < 64; drains++) it.drain(one, {});
  };
  look(2);
  expect(it.broken).toEqual([]);
  look(1);
  expect(it.broken).toEqual(['I-07']);
  look(3);
  expect(it.broken).toEqual(['I-07', 'I-05']);
  // A deposed leader counts what a later one has cut.
  it.lead(it.members[2] ?? two, 2);
  look(4);
  expect(it.broken).toHaveLength(2);
});
