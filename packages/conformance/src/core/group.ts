import { crc32, encodeText, packPayloads } from '@quorate/interface';
import type { Config, CoreLimits, Effects, EntryBatch, Index, LinkId, MemberId } from '@quorate/interface';
import { expectPresent, expectThat } from '../expectation.ts';
import { seededRandom } from '../seeded-random.ts';
import { CoreMember } from './core-member.ts';
import type { CoreSubject } from './core-subject.ts';
import { GroupRecord } from './group-record.ts';

/** A message on its way. */
export interface Flight<M> {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly link: LinkId;
  readonly lane: string;
  readonly message: M;
  readonly entries: readonly EntryBatch[];
}

/** What a case needs. */
export interface GroupSetup {
  readonly voters: number;
  readonly learners?: number;
  readonly seed?: number;
  readonly limits?: Partial<CoreLimits>;
  readonly audit?: boolean;
  /** Members beyond the configuration, for a case that adds them. */
  readonly strangers?: number;
}

const generousLimits: CoreLimits = {
  uncommittedBytes: 1 << 20,
  windowBytes: 1 << 20,
  windowMessages: 64,
  memoryBytes: 1 << 20,
  messageBytes: 1 << 16,
  tailBytes: 1 << 16,
};

/** Some members, the messages between them, and virtual time. Deterministic: chance comes from the seed alone. */
export class Group<M> {
  now = 0;
  readonly subject: CoreSubject<M>;
  readonly record: GroupRecord = new GroupRecord();
  readonly random: () => number;
  readonly members: readonly CoreMember<M>[];
  flights: Flight<M>[] = [];
  private readonly links: Map<string, { readonly a: LinkId; readonly b: LinkId }> = new Map();
  private readonly cuts: Set<string> = new Set();
  private lastLink = 0;
  private lastText = 0;

  constructor(subject: CoreSubject<M>, setup: GroupSetup) {
    const { voters, learners = 0, strangers = 0, seed = 1, audit = true } = setup;
    this.subject = subject;
    this.random = seededRandom(seed);
    const ids = Array.from({ length: voters + learners + strangers }, (_, place) => place + 1);
    const genesis = configOf(ids.slice(0, voters), ids.slice(voters, voters + learners));
    const limits = { ...generousLimits, ...setup.limits };
    const now = (): number => this.now;
    const carry = (from: MemberId, link: LinkId, send: Effects<M>['sends'][number]): void => this.carry(from, link, send);
    const closeLink = (id: MemberId, link: LinkId): void => this.closeLink(id, link);
    const shared = { subject, genesis, limits, seed, audit, record: this.record, now, carry, closeLink };
    this.members = ids.map((id) => new CoreMember<M>({ ...shared, id }));
    for (const member of this.members) member.start();
    this.connectAll();
  }

  member(id: MemberId): CoreMember<M> {
    return expectPresent(this.members[id - 1], `there is a member ${id}`);
  }

  get up(): readonly CoreMember<M>[] {
    return this.members.filter(({ isUp }) => isUp);
  }

  /** Those that a case named, or all that are up. */
  others(...ids: readonly MemberId[]): readonly CoreMember<M>[] {
    return this.up.filter(({ id }) => !ids.includes(id));
  }

  // ── links ──────────────────────────────────────────────────────────────────────────────────────────────

  connectAll(): void {
    for (const one of this.members) for (const other of this.members) if (one.id < other.id) this.connect(one, other);
  }

  private connect(one: CoreMember<M>, other: CoreMember<M>): void {
    const key = pairOf(one.id, other.id);
    if (this.links.has(key) || this.cuts.has(key) || !one.isUp || !other.isUp) return;
    const link = { a: ++this.lastLink, b: ++this.lastLink };
    this.links.set(key, link);
    one.linkUp(other.id, link.a);
    other.linkUp(one.id, link.b);
  }

  disconnect(one: MemberId, other: MemberId): void {
    const [low, high] = one < other ? [one, other] : [other, one];
    const link = this.links.get(pairOf(low, high));
    if (link === undefined) return;
    this.links.delete(pairOf(low, high));
    this.flights = this.flights.filter((flight) => flight.link !== link.a && flight.link !== link.b);
    this.member(low).input({ type: 'linkDown', peer: high, link: link.a });
    this.member(high).input({ type: 'linkDown', peer: low, link: link.b });
  }

  /** The link between two members ends, and they cannot meet again before `heal`. */
  cut(one: MemberId, other: MemberId): void {
    this.cuts.add(pairOf(one, other));
    this.disconnect(one, other);
  }

  isolate(id: MemberId): void {
    for (const { id: other } of this.members) if (other !== id) this.cut(id, other);
  }

  heal(): void {
    this.cuts.clear();
    this.connectAll();
  }

  /** A member's own number of its link to a peer. */
  linkOf(self: MemberId, peer: MemberId): LinkId | undefined {
    const link = this.links.get(pairOf(self, peer));
    return self < peer ? link?.a : link?.b;
  }

  private closeLink(id: MemberId, link: LinkId): void {
    for (const { id: other } of this.members) if (other !== id && this.linkOf(id, other) === link) this.disconnect(id, other);
  }

  private carry(from: MemberId, link: LinkId, { lane, message, entries }: Effects<M>['sends'][number]): void {
    const to = this.members.find(({ id }) => id !== from && this.linkOf(from, id) === link);
    // A link that ended drops its sends.
    if (to !== undefined) this.flights.push({ from, to: to.id, link, lane, message, entries });
  }

  deliver({ from, to, link, message, entries }: Flight<M>): void {
    const there = this.linkOf(to, from);
    if (there !== undefined && this.linkOf(from, to) === link)
      this.member(to).input({ type: 'message', from, link: there, message, entries });
  }

  // ── lives ──────────────────────────────────────────────────────────────────────────────────────────────

  crash(id: MemberId, kept = 0): void {
    this.member(id).crash(kept);
    this.dropLinksOf(id);
  }

  restart(id: MemberId): void {
    if (this.member(id).isUp) return;
    this.dropLinksOf(id);
    this.member(id).start();
    this.connectAll();
  }

  private dropLinksOf(id: MemberId): void {
    for (const { id: other } of this.members) if (other !== id) this.disconnect(id, other);
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Everything that is under way arrives, and what follows from it, at this instant. */
  settle(allow: (flight: Flight<M>) => boolean = () => true): void {
    for (let round = 0; ; round++) {
      expectThat(round < 2_000, 'messages and turns come to an end while no time passes');
      for (const member of this.members) {
        member.turn();
        if (!member.isUp) this.dropLinksOf(member.id);
      }
      const ready = this.flights.filter(allow);
      this.flights = this.flights.filter((flight) => !allow(flight));
      for (const flight of ready) this.deliver(flight);
      for (const member of this.members) member.serve((peer, id) => this.storeOf(peer, id));
      this.connectAll();
      if (ready.length === 0 && !this.members.some(({ hasWork }) => hasWork)) return;
    }
  }

  storeOf(peer: MemberId, id: string): ReadonlyMap<Index, string> | undefined {
    const member = this.member(peer);
    return member.isUp ? member.snapshots.get(id)?.state : undefined;
  }

  /** Lets time pass, waking every member at its deadline, and delivers everything on the way. */
  advance(ms: number, allow: (flight: Flight<M>) => boolean = () => true): void {
    const end = this.now + ms;
    this.settle(allow);
    for (;;) {
      const next = Math.min(...this.up.map(({ deadline }) => deadline));
      if (!(next <= end)) break;
      this.now = Math.max(this.now, next);
      this.wakeDue();
      this.settle(allow);
      this.expectWokenUp();
    }
    this.now = end;
  }

  wakeDue(): void {
    for (const member of this.up) if (member.deadline <= this.now) member.wake();
  }

  /** A core that asks to be woken again at once must come to an end of that: its deadline moves. */
  private expectWokenUp(): void {
    for (let again = 0; this.up.some(({ deadline }) => deadline <= this.now); again++) {
      expectThat(again < 200, 'a wake moves the next deadline: nobody is woken for ever while no time passes');
      this.wakeDue();
      this.settle();
    }
  }

  /** Lets time pass until the condition holds. */
  until(condition: () => boolean, what: string, ms: number = 20 * this.subject.settleMs): void {
    const step = this.subject.settleMs / 20;
    this.settle();
    for (let passed = 0; passed < ms && !condition(); passed += step) this.advance(step);
    expectThat(condition(), `it comes true that ${what} (${this.describe()})`);
  }

  // ── what cases do ──────────────────────────────────────────────────────────────────────────────────────

  get leader(): CoreMember<M> | undefined {
    const settled = this.up.filter(({ status }) => status.role.settled);
    return settled.toSorted((a, b) => b.status.role.epoch.round - a.status.role.epoch.round)[0];
  }

  /** Waits until somebody leads whom everybody (or everybody in `among`) follows. */
  elect(among: readonly CoreMember<M>[] = this.up): CoreMember<M> {
    const led = (): boolean => {
      const { leader } = this;
      return leader !== undefined && among.includes(leader) && among.every((member) => member.status.role.leader === leader.id);
    };
    this.until(led, 'a leader is settled and everybody follows it');
    return expectPresent(this.leader, 'there is a leader');
  }

  /** Hands a run of commands to a member; returns their texts. */
  propose(member: CoreMember<M>, count = 1, bytes = 10): { readonly first: number; readonly texts: readonly string[] } {
    const texts = Array.from({ length: count }, () => `c${++this.lastText} `.padEnd(bytes, '.'));
    const first = member.nextIds(count);
    const payloads = packPayloads(
      texts.map((text) => encodeText(text)),
      (chunk) => crc32(chunk, 0),
    );
    member.input({ type: 'propose', run: { ...payloads, firstId: first } });
    return { first, texts };
  }

  /** Proposes to the leader and waits until every member that is up has applied it. */
  commit(count = 1, bytes = 10): void {
    const leader = this.leader ?? this.elect();
    const before = leader.status.last;
    this.propose(leader, count, bytes);
    this.until(
      () => this.up.every(({ appliedIndex }) => appliedIndex >= before + count),
      'every member applies what was proposed',
    );
  }

  /** Everybody is up and connected: the group comes to rest with one history. */
  calm(): void {
    this.heal();
    for (const member of this.members) {
      member.syncs = true;
      member.serves = true;
      member.plannedCrash = undefined;
      this.restart(member.id);
      member.sync();
    }
    this.elect();
    this.commit();
    const { acknowledged } = this.record;
    this.until(() => this.members.every(({ appliedIndex }) => appliedIndex >= acknowledged), 'every member applies everything');
    this.until(() => this.members.every(({ rules }) => rules.openReads === 0), 'every read is answered');
    this.verify();
  }

  /** Looks once more at everything that was kept for it. */
  verify(): void {
    for (const { rules } of this.members) rules.verifyGiven();
  }

  private describe(): string {
    return this.members
      .map(
        ({ id, isUp, status, appliedIndex }) =>
          `${id}: ${isUp ? status.role.role : 'down'} ${status.commit}/${status.last} applied ${appliedIndex}`,
      )
      .join(', ');
  }
}

/** A configuration with these members. */
export function configOf(voters: readonly MemberId[], learners: readonly MemberId[] = [], id = 0): Config {
  const members = [...voters, ...learners].map((member) => ({ id: member, name: `n${member}`, peerUrls: [], diskId: '' }));
  return { id, voters, learners, members };
}

function pairOf(one: MemberId, other: MemberId): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
