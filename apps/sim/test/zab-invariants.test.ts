import { crc32, emptyRecovered, encodeText, packPayloads, placeEntries } from '@quorate/interface';
import type { CoreStatus, Effects, EntryBatch, JournalBatch, RoleChange } from '@quorate/interface';
import { Ledger } from '@quorate/simulator';
import type { MemberRecord, Observer } from '@quorate/simulator';
import { expect, test } from 'vitest';
import { acknowledged } from '../src/invariants/zab/acknowledged.ts';
import { activationBarrier } from '../src/invariants/zab/activation-barrier.ts';
import { committedDurably } from '../src/invariants/zab/committed-durably.ts';
import { countedOnce } from '../src/invariants/zab/counted-once.ts';
import { epochsOnDisk } from '../src/invariants/zab/epochs-on-disk.ts';
import { illegalMessages } from '../src/invariants/zab/illegal-messages.ts';
import { initialHistory } from '../src/invariants/zab/initial-history.ts';
import { leadership } from '../src/invariants/zab/leadership.ts';
import { prefixConsistency } from '../src/invariants/zab/prefix-consistency.ts';
import { primaryOrder } from '../src/invariants/zab/primary-order.ts';

/** A ledger of three members with one invariant on it. */
class Bench {
  readonly ledger = new Ledger(() => 0);
  readonly one: MemberRecord;
  readonly two: MemberRecord;
  detail: object = {};
  private writes = 0;

  constructor(build: (ledger: Ledger) => Observer) {
    this.ledger.add(build(this.ledger));
    [this.one, this.two] = [1, 2, 3].map((id) => this.ledger.member(id)) as [MemberRecord, MemberRecord];
    for (const member of this.ledger.members.values()) {
      this.ledger.born(member);
      this.ledger.recovered(member, emptyRecovered);
    }
  }

  write(member: MemberRecord, batch: Partial<JournalBatch>): void {
    const whole = { entries: [], commit: 0, ...batch };
    this.drain(member, { write: whole });
    this.ledger.appended(member, whole, ++this.writes);
    this.ledger.durable(member, this.writes);
  }

  drain(member: MemberRecord, effects: Partial<Effects<unknown>>): void {
    const whole = { commit: { index: member.commit, gate: 0 }, sends: [], ...effects } as unknown as Effects<unknown>;
    this.ledger.drained(member, whole, () => ({ detail: this.detail }) as CoreStatus);
  }

  lead(member: MemberRecord, round: number): void {
    const role = { role: 'leader', epoch: { round, owner: 0 }, leader: member.id, ready: true, settled: false } as RoleChange;
    this.drain(member, { role });
  }

  say(member: MemberRecord, message: object, gate = 1): void {
    this.drain(member, { sends: [{ links: [1], lane: 'log', gate, message, entries: [] }] });
  }

  commit(member: MemberRecord, index: number): void {
    this.drain(member, { commit: { index, gate: 0 } });
  }

  get broken(): string[] {
    return this.ledger.violations.map(({ invariant }) => invariant);
  }
}

const txn = (index: number, round: number, text = 'a'): EntryBatch =>
  placeEntries(
    packPayloads([encodeText(text)], (bytes) => crc32(bytes, 0)),
    index,
    { round, owner: 0 },
    'command',
  );

test('Leadership sees two established leaders of one epoch', () => {
  const it = new Bench(leadership);
  it.lead(it.one, 1);
  it.lead(it.two, 2);
  expect(it.broken).toEqual([]);
  it.lead(it.two, 1);
  expect(it.broken).toEqual(['I-02']);
});

test('PrefixConsistency sees equal zxids behind unequal histories', () => {
  const it = new Bench(prefixConsistency);
  it.write(it.one, { entries: [txn(1, 1), txn(2, 2)] });
  it.write(it.two, { entries: [txn(1, 1), txn(2, 2)] });
  expect(it.broken).toEqual([]);
  it.write(it.two, { truncateFrom: 2, entries: [txn(2, 2, 'b')] });
  expect(it.broken).toEqual(['I-03']);
});

test('PrimaryIntegrity sees a leader that lacks what is committed', () => {
  const it = new Bench(initialHistory);
  it.write(it.one, { entries: [txn(1, 1)] });
  it.commit(it.one, 1);
  it.lead(it.one, 2);
  expect(it.broken).toEqual([]);
  it.lead(it.two, 3);
  expect(it.broken).toEqual(['I-04']);
});

test('a commit that is on no quorum of disks is seen', () => {
  const it = new Bench((ledger) => committedDurably(ledger, [1, 2, 3]));
  it.write(it.one, { entries: [txn(1, 1), txn(2, 1)] });
  it.write(it.two, { entries: [txn(1, 1)] });
  it.commit(it.one, 1);
  expect(it.broken).toEqual([]);
  it.commit(it.one, 2);
  expect(it.broken).toEqual(['I-05']);
});

test('epochs that fall, that contradict the disk, and an acknowledgement ahead of its epoch are seen', () => {
  const it = new Bench(epochsOnDisk);
  const epochs = (acceptedEpoch: number, currentEpoch: number, epoch = 0): void => {
    it.detail = { acceptedEpoch, currentEpoch, lastZxid: { epoch, counter: 1 } };
  };
  epochs(3, 1, 2);
  // A last txn above the current epoch is legal, as long as nothing is acknowledged.
  it.write(it.one, { entries: [txn(1, 2)], hardState: new Uint8Array(1) });
  expect(it.broken).toEqual([]);
  it.say(it.one, { kind: 'ack-leader', epoch: 3 });
  expect(it.broken).toEqual(['I-06']);
  epochs(2, 1, 2);
  it.write(it.one, { hardState: new Uint8Array(1) });
  expect(it.broken).toEqual(['I-06', 'I-06']);
  epochs(1, 1, 2);
  it.write(it.two, { entries: [txn(1, 2)], hardState: new Uint8Array(1) });
  expect(it.broken).toEqual(['I-06', 'I-06', 'I-06']);
});

test('an ACK-E that counts twice, or leaves before it is durable, is seen', () => {
  const it = new Bench(countedOnce);
  const ack = { kind: 'ack-epoch', epoch: 4, counts: true };
  it.say(it.one, ack);
  it.say(it.one, { ...ack, counts: false });
  expect(it.broken).toEqual([]);
  it.say(it.one, ack);
  it.say(it.two, ack, 0);
  expect(it.broken).toEqual(['I-09', 'I-09']);
});

test('a txn before a quorum has acknowledged NEWLEADER is seen', () => {
  const it = new Bench((ledger) => activationBarrier(ledger, [1, 2, 3]));
  it.lead(it.one, 5);
  it.write(it.one, { entries: [txn(1, 5)] });
  expect(it.broken).toEqual(['I-02']);
  it.say(it.two, { kind: 'ack-leader', epoch: 5 });
  it.write(it.one, { entries: [txn(2, 5)] });
  expect(it.broken).toHaveLength(1);
});

test('a committed txn that its leader never proposed, or whose predecessor was left out, is seen', () => {
  const it = new Bench(primaryOrder);
  it.lead(it.one, 1);
  it.write(it.one, { entries: [txn(1, 1)] });
  it.commit(it.one, 1);
  expect(it.broken).toEqual([]);
  it.write(it.two, { entries: [txn(1, 1), txn(2, 1, 'stray')] });
  it.commit(it.two, 2);
  expect(it.broken).toEqual(['I-03']);
});

test('a message that is illegal where it comes is seen', () => {
  const it = new Bench(illegalMessages);
  it.ledger.event(it.one, { type: 'trace', events: [{ event: 'looking' }] });
  expect(it.broken).toEqual([]);
  it.ledger.event(it.one, { type: 'trace', events: [{ event: 'illegal', from: 2, reason: 'ACK outside of broadcast' }] });
  expect(it.broken).toEqual(['ShouldNotBeTriggered']);
});

test('a follower that is counted for more than its disk holds is seen', () => {
  const it = new Bench(acknowledged);
  it.lead(it.one, 1);
  it.write(it.two, { entries: [txn(1, 1)] });
  it.detail = { currentEpoch: 1, peers: [{ id: 2, acked: 1 }] };
  for (let i = 0; i < 64; i++) it.drain(it.one, {});
  expect(it.broken).toEqual([]);
  it.detail = { currentEpoch: 1, peers: [{ id: 2, acked: 2 }] };
  for (let i = 0; i < 64; i++) it.drain(it.one, {});
  expect(it.broken).toEqual(['I-05']);
});
