import type {
  Config,
  Core,
  CoreInput,
  CoreLimits,
  Effects,
  Index,
  LinkId,
  MemberId,
  RoleChange,
  SnapshotMeta,
} from '@quorate/interface';
import { expectEqual, expectPresent, expectThat } from '../expectation.ts';
import type { CoreSubject } from './core-subject.ts';
import type { GroupRecord } from './group-record.ts';
import { LifeRules } from './life-rules.ts';
import { entryAt, ModelDisk, textOf } from './model-disk.ts';
import { Recording } from './recording.ts';

/** What a member shares with its group. */
export interface MemberSetup<M> {
  readonly id: MemberId;
  readonly subject: CoreSubject<M>;
  readonly genesis: Config;
  readonly limits: CoreLimits;
  readonly seed: number;
  /** Keeps everything that happens, to live it once more and to look at what was given away. */
  readonly audit: boolean;
  readonly record: GroupRecord;
  readonly now: () => number;
  /** Hands a send over whose gate is open, to one link. */
  readonly carry: (from: MemberId, link: LinkId, send: Effects<M>['sends'][number]) => void;
  readonly closeLink: (member: MemberId, link: LinkId) => void;
}

/** Entries by index: a state machine that remembers everything, so that a snapshot is a copy. */
type Applied = ReadonlyMap<Index, string>;

/** A crash in the turn in which a write was handed out. */
export interface PlannedCrash {
  readonly write: number;
  /** The write survives; else it is lost. */
  readonly kept: boolean;
  /** What may leave before the write is durable has left. */
  readonly sent: boolean;
}

/** One member as a replica drives it: a core, its disk, a state machine, and gates that are obeyed. */
export class CoreMember<M> {
  readonly id: MemberId;
  readonly disk: ModelDisk = new ModelDisk();
  isUp = false;
  /** Writes become durable at the end of the turn; else when a case says so. */
  syncs = true;
  /** Pulls of snapshots and fetches wait while false. */
  serves = true;
  deadline: number = Number.POSITIVE_INFINITY;
  applied: Applied = new Map();
  appliedIndex: Index = 0;
  readonly snapshots: Map<string, { readonly meta: SnapshotMeta; readonly state: Applied }> = new Map();
  pulls: { readonly peer: MemberId; readonly meta: SnapshotMeta }[] = [];
  readonly configs: NonNullable<Effects<M>['config']>[] = [];
  readonly chosen: Map<Index, string> = new Map();
  readonly results: { readonly context: number; readonly index: Index | undefined }[] = [];
  readonly accepted: number[] = [];
  readonly rejected: { readonly first: number; readonly reason: string }[] = [];
  readonly closes: LinkId[] = [];
  wakes = 0;
  plannedCrash: PlannedCrash | undefined;
  incarnation = 0;
  recording!: Recording<M>;
  rules!: LifeRules<M>;
  private core!: Core<M>;
  private readonly setup: MemberSetup<M>;
  private inbox: CoreInput<M>[] = [];
  private outbox: { readonly send: Effects<M>['sends'][number]; readonly link: LinkId }[] = [];
  private fetches: Effects<M>['fetches'][number][] = [];
  private commit: Effects<M>['commit'] = { index: 0, gate: 0 };
  private persisted = 0;
  private isDirty = false;
  private committedBefore: Index = 0;
  private role!: RoleChange;
  private lastId = 0;
  private lastContext = 0;

  constructor(setup: MemberSetup<M>) {
    this.setup = setup;
    this.id = setup.id;
  }

  // ── lives ──────────────────────────────────────────────────────────────────────────────────────────────

  start(): void {
    const { id, subject, genesis, limits, seed, audit, now } = this.setup;
    const recovered = this.disk.recover();
    const incarnation = ++this.incarnation;
    const setup = { self: id, incarnation, genesis, recovered, limits, now: now(), tracing: false };
    this.recording = new Recording(subject.kind, setup, seed * 1_000 + id * 31 + incarnation);
    this.isUp = true;
    this.applied = recovered.snapshot === undefined ? new Map() : this.stateOf(recovered.snapshot);
    this.appliedIndex = recovered.snapshot?.index ?? 0;
    this.core = this.recording.create();
    const hasSnapshot = (name: string): boolean => this.snapshots.has(name);
    const appliedIndex = (): Index => this.appliedIndex;
    this.rules = new LifeRules(
      { self: id, disk: this.disk, kind: subject.kind, hasSnapshot, appliedIndex, audit },
      this.core.status(),
    );
    this.role = this.core.status().role;
    expectThat(!this.role.settled, 'nobody is settled before the first turn of a life');
    this.isDirty = true;
  }

  /** Ends the life: `kept` of the writes that are not durable survive. */
  crash(kept = 0): void {
    this.isUp = false;
    this.disk.crash(kept);
    this.inbox = [];
    this.outbox = [];
    this.fetches = [];
    this.pulls = [];
    this.persisted = 0;
    this.commit = { index: 0, gate: 0 };
    this.deadline = Number.POSITIVE_INFINITY;
    this.plannedCrash = undefined;
  }

  // ── inputs ─────────────────────────────────────────────────────────────────────────────────────────────

  input(input: CoreInput<M>): void {
    if (this.isUp) this.inbox.push(input);
  }

  linkUp(peer: MemberId, link: LinkId): void {
    this.rules.noteLink(link);
    this.input({ type: 'linkUp', peer, link });
  }

  nextIds(count: number): number {
    const first = this.lastId + 1;
    this.lastId += count;
    return first;
  }

  /** Asks for a read point; returns the context under which it is answered. */
  read(from: 'leader' | 'quorum' = 'leader'): number {
    const context = ++this.lastContext;
    this.rules.noteRead(context, this.setup.record.acknowledged);
    this.input({ type: 'read', context, from });
    return context;
  }

  resultOf(context: number): { readonly index: Index | undefined } | undefined {
    return this.results.find((result) => result.context === context);
  }

  // ── turns ──────────────────────────────────────────────────────────────────────────────────────────────

  get status(): ReturnType<Core<M>['status']> {
    return this.core.status();
  }

  get hasWork(): boolean {
    return this.isUp && (this.inbox.length > 0 || this.isDirty);
  }

  /** Takes some of the inbox in one turn. */
  turn(inputs: number = this.inbox.length): void {
    if (!this.hasWork) return;
    this.isDirty = false;
    const now = this.setup.now();
    // A leader may have come and gone within one turn.
    let wasReady = this.core.status().role.ready;
    for (const input of this.inbox.splice(0, inputs)) {
      if (input.type === 'propose') this.rules.noteProposals(input.run);
      if (this.setup.audit) this.recording.step(input, now);
      this.core.step(input, now);
      wasReady ||= this.core.status().role.ready;
    }
    const effects = this.core.drain(now);
    if (this.setup.audit) this.recording.drain(effects, now);
    if (effects.write !== undefined) this.disk.append(effects.write);
    const { status } = this;
    this.rules.check(effects, status, { wasReady, now });
    this.noteRole(status.role);
    this.take(effects);
    if (this.crashesNow()) return;
    this.release();
    this.apply();
    if (this.syncs) this.sync();
  }

  /** A deadline that has come. */
  wake(): void {
    this.wakes++;
    this.input({ type: 'wake' });
  }

  /** Makes the oldest `count` writes durable. */
  sync(count: number = this.disk.unsynced): void {
    if (!this.isUp || count === 0 || this.disk.unsynced === 0) return;
    this.persisted = this.disk.sync(count);
    this.input({ type: 'persisted', write: this.persisted });
    this.release();
    this.apply();
  }

  /** Answers fetches and finishes pulls; `source`: the stores of the others. */
  serve(source: (peer: MemberId, id: string) => Applied | undefined): void {
    if (!this.isUp || !this.serves) return;
    for (const { fetch, range, maxBytes } of this.fetches.splice(0)) {
      const found = this.disk.read(range.from, range.to, maxBytes);
      if (found === 'compacted') this.input({ type: 'fetched', fetch, entries: [], lost: 'compacted' });
      else this.input({ type: 'fetched', fetch, entries: found });
    }
    for (const { peer, meta } of this.pulls.splice(0)) {
      const state = source(peer, meta.id);
      if (state !== undefined) this.snapshots.set(meta.id, { meta, state });
      this.input({ type: state === undefined ? 'snapshotFailed' : 'snapshotReceived', meta });
    }
  }

  /** Takes a snapshot of what is applied. */
  takeSnapshot(): SnapshotMeta | undefined {
    const index = this.appliedIndex;
    if (!this.isUp || index === 0) return undefined;
    const named = this.core.metaAt(index);
    expectEqual(named.index, index, 'metaAt names the position that it was asked for');
    const entry = this.disk.durable.entries.get(index);
    if (entry !== undefined) expectEqual(named.epoch, entry.epoch, 'metaAt names the epoch of the entry there');
    expectThat(named.configs.length > 0, 'metaAt names the configuration');
    const id = `s-${this.id}-${this.incarnation}-${index}`;
    const meta: SnapshotMeta = { ...named, id, ordinal: index, bytes: 1, stateMachine: 'list', version: 1 };
    this.snapshots.set(id, { meta, state: new Map(this.applied) });
    this.input({ type: 'snapshotTaken', meta });
    return meta;
  }

  /** The core itself, for a case that looks at what it caches. */
  cached(from: Index, maxBytes: number): ReturnType<Core<M>['cached']> {
    return this.core.cached(from, maxBytes);
  }

  private stateOf(meta: SnapshotMeta): Applied {
    return expectPresent(this.snapshots.get(meta.id), `snapshot ${meta.id} is in the store of member ${this.id}`).state;
  }

  private take(effects: Effects<M>): void {
    for (const send of effects.sends) for (const link of send.links) this.outbox.push({ send, link });
    for (const { link } of effects.closes) {
      this.closes.push(link);
      this.setup.closeLink(this.id, link);
    }
    this.deadline = effects.nextDeadline;
    this.results.push(...effects.reads);
    this.fetches.push(...effects.fetches);
    for (const { first, count } of effects.appended) for (let i = 0; i < count; i++) this.accepted.push(first + i);
    this.rejected.push(...effects.rejected);
    for (const { do: what, peer, meta } of effects.snapshots) {
      if (what === 'receive') this.pulls.push({ peer, meta });
      else this.pulls = this.pulls.filter((pull) => pull.meta.id !== meta.id);
    }
    if (effects.config !== undefined) this.configs.push(effects.config);
    for (const { from, to } of effects.chosen)
      for (let index = from; index <= to; index++) {
        const entry = this.disk.latest.entries.get(index);
        if (entry !== undefined) this.chosen.set(index, textOf(entry, index));
      }
    this.commit = effects.commit;
  }

  private noteRole(role: RoleChange): void {
    const { record } = this.setup;
    if (role.ready && !this.role.ready) {
      this.committedBefore = record.acknowledged;
      record.noteReady(this.id, this.incarnation, role.epoch);
    }
    if (role.settled && !this.role.settled)
      expectThat(
        this.appliedIndex >= this.committedBefore,
        `whoever is settled has applied what was acknowledged before it was ready (${this.appliedIndex} of ${this.committedBefore})`,
      );
    this.role = role;
  }

  private crashesNow(): boolean {
    const planned = this.plannedCrash;
    if (planned === undefined || this.rules.writeNumber < planned.write) return false;
    if (planned.sent) this.release();
    this.crash(planned.kept ? this.disk.unsynced : this.disk.unsynced - 1);
    return true;
  }

  /** Per link and lane in order; a closed gate holds back what is behind it. */
  private release(): void {
    const closed = new Set<string>();
    const waiting: typeof this.outbox = [];
    for (const item of this.outbox) {
      const lane = `${item.link} ${item.send.lane}`;
      if (item.send.gate > this.persisted || closed.has(lane)) {
        closed.add(lane);
        waiting.push(item);
      } else this.setup.carry(this.id, item.link, item.send);
    }
    this.outbox = waiting;
  }

  private apply(): void {
    const { index, gate } = this.commit;
    if (gate > this.persisted || index <= this.appliedIndex) return;
    const { durable } = this.disk;
    const mark = durable.snapshot;
    if (mark !== undefined && mark.index > this.appliedIndex && !durable.entries.has(this.appliedIndex + 1)) {
      this.applied = new Map(this.stateOf(mark));
      this.appliedIndex = mark.index;
    }
    const applied = new Map(this.applied);
    while (this.appliedIndex < index) {
      const next = this.appliedIndex + 1;
      // The commit cursor was released, so that the entry is on this member's own disk, durably.
      const text = textOf(entryAt(durable, next), next);
      const cached = this.core.cached(next, 1);
      if (cached !== undefined) expectEqual(textOf(cached, next), text, `what is cached is what the disk holds (entry ${next})`);
      const known = this.chosen.get(next);
      expectThat(known === undefined || known === text, `what was chosen at ${next} is what is applied there`);
      this.setup.record.noteApplied(this.id, next, text);
      applied.set(next, text);
      this.appliedIndex = next;
    }
    this.applied = applied;
    this.input({ type: 'applied', index: this.appliedIndex });
  }
}
