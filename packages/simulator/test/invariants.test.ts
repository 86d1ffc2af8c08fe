import { crc32 } from 'node:zlib';
import { emptyRecovered, encodeText, noops, packPayloads, placeEntries } from '@quorate/interface';
import type { Config, CoreStatus, Effects, Epoch, JournalBatch, Recovered } from '@quorate/interface';
import { defaultReplicaLimits } from '@quorate/replica';
import { describe, expect, test } from 'vitest';
import { Ledger } from '../src/evidence/ledger.ts';
import type { MemberRecord } from '../src/evidence/ledger.ts';
import type { Observer } from '../src/evidence/observer.ts';
import { checkRead } from '../src/evidence/read-check.ts';
import { ballotSafety } from '../src/invariants/ballot-safety.ts';
import { boundedMemory } from '../src/invariants/bounded-memory.ts';
import { configurationSafety } from '../src/invariants/configuration-safety.ts';
import { exactlyOnce } from '../src/invariants/exactly-once.ts';
import { failStop } from '../src/invariants/fail-stop.ts';
import { hardState } from '../src/invariants/hard-state.ts';
import { monotoneCounters } from '../src/invariants/monotone-counters.ts';
import { oneHistory } from '../src/invariants/one-history.ts';
import { replicaEquality } from '../src/invariants/replica-equality.ts';
import { stateMachineSafety } from '../src/invariants/state-machine-safety.ts';

const sum = (bytes: Uint8Array, seed: number): number => crc32(bytes, seed);

/** A ledger with one invariant on it, and two members in their first life. */
class Bench {
  readonly ledger = new Ledger(() => 0);
  readonly one: MemberRecord;
  readonly two: MemberRecord;
  private writes = 0;

  constructor(build: (ledger: Ledger) => Observer) {
    this.ledger.add(build(this.ledger));
    this.one = this.ledger.member(1);
    this.two = this.ledger.member(2);
    for (const member of [this.one, this.two]) {
      this.ledger.born(member);
      this.ledger.recovered(member, emptyRecovered);
    }
  }

  append(member: MemberRecord, ...batches: Partial<JournalBatch>[]): void {
    for (const batch of batches) this.ledger.appended(member, { entries: [], commit: 0, ...batch }, ++this.writes);
  }

  durable(member: MemberRecord): void {
    this.ledger.durable(member, this.writes);
  }

  drain(member: MemberRecord, effects: Partial<Effects<unknown>>): void {
    this.ledger.drained(member, { ...quiet, commit: { index: member.commit, gate: 0 }, ...effects }, () => ({}) as CoreStatus);
  }

  apply(member: MemberRecord, index: number, text: string, ordinal = index): void {
    this.ledger.applied(member, encodeText(text), { index, ordinal, clusterMs: 0, wallMs: 0 });
  }

  restart(member: MemberRecord, recovered: Partial<Recovered>): void {
    this.ledger.ended(member, { how: 'killed' });
    this.ledger.born(member);
    this.ledger.recovered(member, { ...emptyRecovered, ...recovered });
  }

  get broken(): string[] {
    return this.ledger.violations.map(({ invariant }) => invariant);
  }
}

const quiet: Effects<unknown> = {
  write: undefined,
  sends: [],
  closes: [],
  commit: { index: 0, gate: 0 },
  chosen: [],
  fetches: [],
  appended: [],
  rejected: [],
  reads: [],
  snapshots: [],
  config: undefined,
  role: undefined,
  diverged: undefined,
  nextDeadline: 0,
  trace: [],
};

const epoch = (round: number): Epoch => ({ round, owner: 0 });
const entry = (index: number, round: number, text: string) =>
  placeEntries(
    packPayloads([encodeText(text)], (bytes) => crc32(bytes)),
    index,
    epoch(round),
    'command',
  );
const leads = (round: number): Partial<Effects<unknown>> => ({
  role: { role: 'leader', epoch: epoch(round), leader: 1, ready: true, settled: true, suspectedAt: 0, electedAt: 0, readyAt: 0 },
});

describe('I-01', () => {
  const bench = (): Bench => new Bench((ledger) => stateMachineSafety(ledger, sum));

  test('is quiet while all commit and deliver the same', () => {
    const it = bench();
    for (const member of [it.one, it.two]) {
      it.append(member, { entries: [entry(1, 1, 'a')] });
      it.drain(member, { commit: { index: 1, gate: 1 } });
      it.apply(member, 1, 'a');
    }
    expect(it.broken).toEqual([]);
  });

  test('sees another entry committed, another command delivered, and delivery before commit', () => {
    const it = bench();
    it.append(it.one, { entries: [entry(1, 1, 'a')] });
    it.append(it.two, { entries: [entry(1, 2, 'b')] });
    it.drain(it.one, { commit: { index: 1, gate: 1 } });
    it.drain(it.two, { commit: { index: 1, gate: 1 } });
    expect(it.broken).toEqual(['I-01']);
    it.apply(it.one, 1, 'a');
    it.apply(it.two, 1, 'b');
    expect(it.broken).toHaveLength(2);
    it.apply(it.two, 2, 'c');
    expect(it.broken).toHaveLength(3);
  });

  test('sees a commit of what is not there', () => {
    const it = bench();
    it.drain(it.one, { commit: { index: 1, gate: 0 } });
    expect(it.broken).toEqual(['I-01']);
  });
});

test('I-03 sees two values at one position of one epoch, and allows another epoch to overwrite', () => {
  const it = new Bench(oneHistory);
  it.append(it.one, { entries: [entry(1, 1, 'a')] });
  it.append(it.two, { entries: [entry(1, 1, 'a')] });
  it.append(it.two, { entries: [entry(1, 2, 'b')] });
  expect(it.broken).toEqual([]);
  it.append(it.two, { entries: [entry(1, 1, 'c')] });
  expect(it.broken).toEqual(['I-03']);
});

describe('I-06', () => {
  const bench = (): Bench => new Bench(hardState);
  const written = { entries: [entry(1, 1, 'a')], hardState: Uint8Array.of(1) };
  const first: Partial<Recovered> = {
    runs: [{ from: 1, to: 1, epoch: epoch(1) }],
    tail: [entry(1, 1, 'a')],
    hardState: Uint8Array.of(1),
  };

  test('accepts what was durable, and any prefix of what was not', () => {
    for (const durable of [true, false]) {
      const it = bench();
      it.append(it.one, written);
      if (durable) it.durable(it.one);
      it.append(it.one, { entries: [entry(2, 1, 'b')] });
      it.restart(it.one, first);
      expect(it.broken).toEqual([]);
    }
    const it = bench();
    it.append(it.one, written);
    it.restart(it.one, {});
    expect(it.broken).toEqual([]);
  });

  test.each<[string, Partial<Recovered>]>([
    ['a lost batch', {}],
    ['half a batch', { ...first, hardState: undefined }],
    ['an older hard state', { ...first, hardState: Uint8Array.of(0) }],
    ['another term', { ...first, runs: [{ from: 1, to: 1, epoch: epoch(2) }] }],
    ['another payload', { ...first, tail: [entry(1, 1, 'x')] }],
    ['an entry that was never there', { ...first, runs: [{ from: 1, to: 2, epoch: epoch(1) }] }],
    ['a commit index from nowhere', { ...first, commit: 1 }],
  ])('sees %s', (_what, recovered) => {
    const it = bench();
    it.append(it.one, written);
    it.durable(it.one);
    it.restart(it.one, recovered);
    expect(it.broken).toEqual(['I-06']);
  });

  test('truncated entries do not come back', () => {
    const it = bench();
    it.append(it.one, { entries: [entry(1, 1, 'a'), entry(2, 1, 'b')] }, { truncateFrom: 2 });
    it.durable(it.one);
    it.restart(it.one, { runs: [{ from: 1, to: 2, epoch: epoch(1) }], tail: [entry(1, 1, 'a'), entry(2, 1, 'b')] });
    expect(it.broken).toEqual(['I-06']);
  });

  test('a disk that was damaged on purpose may say anything', () => {
    const it = bench();
    it.append(it.one, written);
    it.durable(it.one);
    it.one.damaged = true;
    it.restart(it.one, {});
    expect(it.broken).toEqual([]);
  });
});

test('I-07 sees a commit cursor that falls, and commands that are delivered twice, back or with a used ordinal', () => {
  const it = new Bench(monotoneCounters);
  it.append(it.one, { entries: [noops(1, 3, epoch(1))] });
  it.drain(it.one, { commit: { index: 3, gate: 1 } });
  it.apply(it.one, 2, 'a', 1);
  it.apply(it.one, 3, 'b', 2);
  expect(it.broken).toEqual([]);
  it.drain(it.one, { commit: { index: 2, gate: 1 } });
  it.apply(it.one, 3, 'b', 3);
  it.apply(it.one, 4, 'c', 3);
  expect(it.broken).toEqual(['I-07', 'I-07', 'I-07']);
  it.ledger.restored(it.one);
  it.apply(it.one, 2, 'a', 1);
  expect(it.broken).toHaveLength(3);
});

test('I-08 sees two contents under one id, and neighbours whose majorities do not meet', () => {
  const config = (id: number, voters: number[], next?: Config): Config => ({
    id,
    voters,
    learners: [],
    members: [],
    ...(next && { next }),
  });
  const it = new Bench((ledger) => configurationSafety(ledger, config(0, [1, 2, 3])));
  const show = (one: Config): void => it.drain(it.one, { config: { stage: 'active', config: one, index: 1 } });
  show(config(1, [1, 2, 3, 4]));
  show(config(2, [1, 2, 3, 4], config(3, [5, 6, 7])));
  show(config(3, [5, 6, 7]));
  expect(it.broken).toEqual([]);
  show(config(3, [5, 6]));
  // Another content, and it does not meet what came before.
  expect(it.broken).toEqual(['I-08', 'I-08']);
  show(config(4, [8, 9]));
  expect(it.broken).toHaveLength(3);
});

test('I-09 sees a second leader of one epoch, be it the same member in another life', () => {
  const it = new Bench(ballotSafety);
  it.drain(it.one, leads(1));
  it.drain(it.one, leads(1));
  it.drain(it.two, leads(2));
  expect(it.broken).toEqual([]);
  it.drain(it.two, leads(1));
  it.restart(it.two, {});
  it.drain(it.two, leads(2));
  expect(it.broken).toEqual(['I-09', 'I-09']);
});

test('I-11 sees a unique command at two places, and leaves others alone', () => {
  const it = new Bench((ledger) => exactlyOnce(ledger, sum, (command) => command[0] === 117));
  it.apply(it.one, 1, 'unique');
  it.apply(it.two, 1, 'unique');
  it.apply(it.one, 2, 'often');
  it.apply(it.one, 3, 'often');
  expect(it.broken).toEqual([]);
  it.apply(it.two, 4, 'unique');
  expect(it.broken).toEqual(['I-11']);
});

test('I-12 sees states that differ after the same entries', () => {
  const states = [0, 7, 7];
  const it = new Bench((ledger) => replicaEquality(ledger, 2, (member) => states[member] ?? 0));
  it.apply(it.one, 2, 'a');
  it.apply(it.two, 2, 'a');
  expect(it.broken).toEqual([]);
  states[2] = 8;
  it.apply(it.one, 3, 'a');
  it.apply(it.two, 3, 'a');
  it.apply(it.one, 4, 'a');
  it.apply(it.two, 4, 'a');
  expect(it.broken).toEqual(['I-12']);
});

test('I-13 sees a journal that gives what it was not given, or was not asked for', () => {
  const it = new Bench(oneHistory);
  it.append(it.one, { entries: [entry(1, 1, 'a')] });
  const eyes = { ledger: it.ledger, record: it.one };
  checkRead([entry(1, 1, 'a')], { from: 1, to: 1 }, eyes);
  checkRead('compacted', { from: 1, to: 1 }, eyes);
  expect(it.broken).toEqual([]);
  checkRead([entry(1, 1, 'b')], { from: 1, to: 1 }, eyes);
  checkRead([entry(2, 1, 'a')], { from: 1, to: 1 }, eyes);
  expect(it.broken).toEqual(['I-13', 'I-13']);
});

test('I-21 sees failures without a fault, of an unknown name, of the member itself, and work after a failure', () => {
  const faulty = new Set([2]);
  const it = new Bench((ledger) => failStop(ledger, (member) => faulty.has(member)));
  const fail = (member: MemberRecord, code: string): void => {
    it.ledger.event(member, { type: 'fatal', failure: { failure: true, code, text: '', exit: 74 } });
  };
  fail(it.two, 'E_DISK_IO');
  expect(it.broken).toEqual([]);
  it.append(it.two, {});
  it.drain(it.two, {});
  expect(it.broken).toEqual(['I-21', 'I-21']);
  it.restart(it.two, {});
  it.append(it.two, {});
  expect(it.broken).toHaveLength(2);
  fail(it.one, 'E_DISK_IO');
  fail(it.two, 'E_WHATEVER');
  expect(it.broken).toHaveLength(4);
  it.ledger.ended(it.two, { how: 'exit', code: 'E_INTERNAL', text: '', exit: 70 });
  expect(it.broken).toHaveLength(5);
});

test('I-22 sees every queue above its limit', () => {
  const it = new Bench(oneHistory);
  const check = boundedMemory(it.ledger, { ...defaultReplicaLimits, inFlightCommands: 4, pendingReads: 4, gatedBytes: 10 });
  const idle = { inFlight: 0, inFlightBytes: 0, waiting: 0, reads: 0, unapplied: 0, clientLinks: 0, gatedBytes: 0 };
  check(it.one, { ...idle, inFlight: 4, reads: 4, gatedBytes: 10 });
  expect(it.broken).toEqual([]);
  check(it.one, { ...idle, inFlight: 5 });
  check(it.one, { ...idle, reads: 5 });
  check(it.one, { ...idle, gatedBytes: 11 });
  expect(it.broken).toEqual(['I-22', 'I-22', 'I-22']);
});
