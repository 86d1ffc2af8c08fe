import type { Core, CoreInput, CoreKind, CoreLimits, Config, Effects, LinkId, MemberId, SnapshotMeta } from '@quorate/interface';
import { Applier } from './applier.ts';
import { type ClusterInvariants, checkRuns } from './cluster-invariants.ts';
import { formatEntries, formatRange, formatWrite } from './format.ts';
import { MemberLinks } from './member-links.ts';
import type { Cargo, Network } from './network.ts';
import { observedEntries, type Observer } from './observation.ts';
import { ProposalLedger } from './proposal-ledger.ts';
import { ReadLedger } from './read-ledger.ts';
import { RoleNews } from './role-news.ts';
import { SimulatedJournal } from './simulated-journal.ts';
import { check, TraceError } from './trace-error.ts';
import type { Transcript } from './transcript.ts';

/** What a member stands in: time, wires, the other members, and who writes down what happens. */
export interface Surroundings<M> {
  readonly network: Network<M>;
  readonly invariants: ClusterInvariants;
  readonly transcript: Transcript;
  readonly observe: Observer<M>;
  /** Virtual milliseconds. */
  now(): number;
  endLink(a: MemberId, b: MemberId, reason: string): void;
  /** The process of a member is over, though nobody crashed it. */
  stopped(member: MemberId): void;
  /** True when a member is up and holds that snapshot. */
  holdsSnapshot(member: MemberId, id: string): boolean;
}

/** How a member was made; the same for every life of it. */
export interface MemberSetup<M> {
  readonly id: MemberId;
  readonly kind: CoreKind<M>;
  readonly genesis: Config;
  readonly limits: CoreLimits;
  readonly random: () => number;
  /** True: every write is durable in the turn that made it. */
  readonly autoSync: boolean;
}

/** The running process of a member: a core, and what its replica would do with the effects. */
interface Life<M> {
  readonly core: Core<M>;
  readonly applier: Applier<M>;
  readonly reads: ReadLedger;
  readonly links: MemberLinks<M>;
  readonly proposals: ProposalLedger<M>;
  readonly news: RoleNews<M>;
  deadline: number;
}

/** Effects that step the core again. */
type Followed<M> = {
  readonly fetches: Effects<M>['fetches'];
  readonly closes: Effects<M>['closes'];
  readonly pulls: Effects<M>['snapshots'];
};

/** A member: its disk outlives its processes. */
export class Member<M> {
  readonly id: MemberId;
  readonly setup: MemberSetup<M>;
  readonly journal: SimulatedJournal = new SimulatedJournal();
  /** Snapshots whose files are durable. */
  readonly snapshots: Map<string, SnapshotMeta> = new Map();
  readonly #world: Surroundings<M>;
  #life: Life<M> | undefined;
  #incarnation = 0;
  #linkCount = 0;
  #proposalCount = 0;
  #dirty = false;

  constructor(setup: MemberSetup<M>, world: Surroundings<M>) {
    this.id = setup.id;
    this.setup = setup;
    this.#world = world;
  }

  /** Starts a process on whatever the disk holds. */
  start(): void {
    const { id, setup } = this;
    const recovered = this.journal.recover();
    this.#incarnation++;
    const { kind, genesis, limits, random } = setup;
    const now = this.#world.now();
    const core = kind.create({
      self: id,
      incarnation: this.#incarnation,
      genesis,
      recovered,
      random,
      limits,
      now,
      tracing: false,
    });
    const { invariants, transcript, network, observe } = this.#world;
    this.#life = {
      core,
      applier: new Applier({
        member: id,
        core,
        journal: this.journal,
        snapshots: this.snapshots,
        autoSync: setup.autoSync,
        invariants,
        transcript,
        observe,
      }),
      reads: new ReadLedger({ member: id, invariants, transcript, now: () => this.#world.now() }),
      links: new MemberLinks({
        member: id,
        journal: this.journal,
        network,
        transcript,
        observe,
        autoSync: setup.autoSync,
        describe: (cargo) => this.describe(cargo),
      }),
      proposals: new ProposalLedger(id, transcript, observe),
      news: new RoleNews(id, invariants, transcript, observe),
      deadline: Number.POSITIVE_INFINITY,
    };
    this.#life.reads.applied(this.applied);
    this.#dirty = true;
  }

  /** The process ends; the disk stays. */
  stop(): void {
    this.#life = undefined;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  get deadline(): number {
    return this.#life?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** The core of a running member. */
  get core(): Core<M> {
    return this.#running().core;
  }

  get applied(): number {
    return this.#life?.applier.applied ?? 0;
  }

  get ordinal(): number {
    return this.#life?.applier.ordinal ?? 0;
  }

  /** Gives the core one input; the turn ends with {@link Member.turn}. */
  step(input: CoreInput<M>): void {
    this.#running().core.step(input, this.#world.now());
    this.#dirty = true;
  }

  /** A new link to `peer`; the number is this member's own. */
  linkUp(peer: MemberId): LinkId {
    const link = ++this.#linkCount;
    this.#running().links.up(link, peer);
    this.step({ type: 'linkUp', peer, link });
    return link;
  }

  linkDown(peer: MemberId, link: LinkId): void {
    const life = this.#life;
    if (life === undefined) return;
    life.links.down(link);
    this.step({ type: 'linkDown', peer, link });
  }

  propose(words: readonly string[]): void {
    const first = this.#proposalCount + 1;
    this.#proposalCount += words.length;
    this.step({ type: 'propose', run: this.#running().proposals.begin(first, words) });
  }

  read(name: string, from: 'leader' | 'quorum'): void {
    this.step({ type: 'read', context: this.#running().reads.begin(name), from });
  }

  /** Makes the first `count` unsynced batches durable, or all of them. */
  sync(count?: number): void {
    const life = this.#running();
    const write = this.journal.sync(count);
    const leaving = life.links.release();
    if (!this.setup.autoSync)
      this.#world.transcript.detail(`${this.id} has w${write} durable${leaving === '' ? '' : `: ${leaving} leaves`}`);
    this.step({ type: 'persisted', write });
    life.applier.openGates();
  }

  /** Ends the turn: drains until nothing follows any more. False: there was nothing to do. */
  turn(): boolean {
    if (!this.#dirty || this.#life === undefined) return false;
    for (let round = 0; this.#dirty && this.#life !== undefined; round++) {
      check(round < 1000, () => `${this.id} does not come to rest in a turn`);
      this.#dirty = false;
      this.#perform(this.#life, this.#life.core.drain(this.#world.now()));
      // A deadline that is not later asks for another turn at once: a core with more to send than one message.
      if (!this.#dirty && this.deadline <= this.#world.now()) this.step({ type: 'wake' });
    }
    return true;
  }

  #running(): Life<M> {
    if (this.#life === undefined) throw new TraceError(`${this.id} is down`);
    return this.#life;
  }

  /** Effects are valid until the next step: what steps the core again comes after everything was taken out of them. */
  #perform(life: Life<M>, effects: Effects<M>): void {
    const { transcript, observe } = this.#world;
    const fetches = [...effects.fetches];
    const closes = [...effects.closes];
    const pulls = [...effects.snapshots];
    const { diverged, nextDeadline } = effects;
    life.proposals.answer(effects, life.applier);
    life.news.tell(effects);
    const wrote = this.#write(life, effects);
    life.links.send(effects);
    if (effects.chosen.length > 0) {
      transcript.detail(`${this.id} knows chosen ${effects.chosen.map(formatRange).join(' ')}`);
      observe({ what: 'chosen', member: this.id, runs: effects.chosen.map((run) => ({ ...run })) });
    }
    life.applier.commit(effects.commit);
    for (const result of effects.reads) life.reads.found(result);
    check(!Number.isNaN(nextDeadline), () => `${this.id}: the next deadline is not a number`);
    life.deadline = nextDeadline;
    if (diverged !== undefined) {
      transcript.news(`${this.id} diverged, and stops: ${diverged}`);
      this.#world.stopped(this.id);
      return;
    }
    this.#follow(life, { fetches, closes, pulls });
    if (wrote && this.setup.autoSync) this.sync();
    this.#apply(life);
  }

  #write(life: Life<M>, { write: batch }: Effects<M>): boolean {
    if (batch === undefined) return false;
    checkRuns(`${this.id} writes`, batch.entries);
    const number = this.journal.append(batch);
    const { snapshotMark: mark, truncateFrom } = batch;
    const entries = observedEntries(batch.entries);
    this.#world.observe({ what: 'wrote', member: this.id, entries, hardState: batch.hardState !== undefined, truncateFrom });
    this.#world.transcript.detail(`${this.id} writes w${number}: ${formatWrite(batch)}`);
    if (mark !== undefined) {
      check(this.snapshots.has(mark.id), () => `${this.id} marks snapshot ${mark.id}, which it does not hold`);
      life.applier.marked(mark, number);
    }
    return true;
  }

  /** A message in words, with the entries that it carries. */
  describe(cargo: Cargo<M>): string {
    if (cargo.what === 'snapshot') return `snapshot ${cargo.meta.id}`;
    const text = this.setup.kind.describe(cargo.message);
    return cargo.entries.length === 0 ? text : `${text} [${formatEntries(cargo.entries)}]`;
  }

  #follow(life: Life<M>, { fetches, closes, pulls }: Followed<M>): void {
    for (const { do: verb, peer, meta } of pulls) this.#pull(verb, peer, meta);
    for (const { link, reason } of closes) {
      const peer = life.links.peerOf(link);
      if (peer !== undefined) this.#world.endLink(this.id, peer, reason);
    }
    for (const { fetch, range, maxBytes } of fetches) {
      this.#world.transcript.detail(`${this.id} fetches ${formatRange(range)}`);
      const lost = this.journal.written.isCompacted(range.from);
      const entries = lost ? [] : this.journal.written.read(range.from, range.to, maxBytes);
      this.step(lost ? { type: 'fetched', fetch, entries, lost: 'compacted' } : { type: 'fetched', fetch, entries });
    }
  }

  /** The bytes of a snapshot are a parcel in lane `bulk`; one pull per snapshot is under way. */
  #pull(verb: 'receive' | 'cancel', peer: MemberId, meta: SnapshotMeta): void {
    const { transcript, network } = this.#world;
    transcript.news(`${this.id} ${verb === 'receive' ? `pulls snapshot ${meta.id} from ${peer}` : `stops pulling ${meta.id}`}`);
    const earlier = network.underWay(peer, this.id).filter(({ cargo }) => cargo.what === 'snapshot' && cargo.meta.id === meta.id);
    for (const parcel of earlier) network.take(parcel);
    if (verb === 'cancel') return;
    if (network.isCut(peer, this.id) || network.linkAt(this.id, peer) === undefined) this.step({ type: 'snapshotFailed', meta });
    else network.put({ from: peer, to: this.id, lane: 'bulk', cargo: { what: 'snapshot', meta }, held: false });
  }

  #apply(life: Life<M>): void {
    const applied = life.applier.run();
    if (applied === undefined) return;
    this.step({ type: 'applied', index: applied });
    life.reads.applied(applied);
  }

  /** Bytes of a snapshot arrived from `from`, or cannot. */
  takeSnapshot(from: MemberId, meta: SnapshotMeta): void {
    const held = this.#world.holdsSnapshot(from, meta.id);
    if (held) this.snapshots.set(meta.id, meta);
    this.step({ type: held ? 'snapshotReceived' : 'snapshotFailed', meta });
  }
}
