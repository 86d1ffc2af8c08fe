import { failure, invariant, isFailure } from '@quorate/interface';
import type { Config, Effects, Failure, Index, LinkId, RoleChange, WriteNumber } from '@quorate/interface';
import type { AdmissionDesk } from './admission.ts';
import type { Apply } from './apply.ts';
import type { ClientDoor } from './client-door.ts';
import type { ClusterClock } from './cluster-clock.ts';
import type { Links } from './links.ts';
import { MemberStop } from './member.ts';
import type { Member } from './member.ts';
import type { Proposals } from './proposals.ts';
import type { Reads } from './reads.ts';
import type { Shutdown } from './shutdown.ts';
import type { SnapshotPull } from './snapshot-pull.ts';
import type { Snapshots } from './snapshots.ts';
import type { Startup } from './startup.ts';
import type { TenureKeeper } from './tenure-keeper.ts';
import { TurnTimer } from './turn-timer.ts';

/** Everything that a turn drives. */
export interface TurnParts<M> {
  readonly member: Member<M>;
  readonly desk: AdmissionDesk<M>;
  readonly links: Links<M>;
  readonly apply: Apply<M>;
  readonly clock: ClusterClock;
  readonly proposals: Proposals<M>;
  readonly tenures: TenureKeeper<M>;
  readonly reads: Reads<M>;
  readonly snapshots: Snapshots<M>;
  readonly pull: SnapshotPull<M>;
  readonly door: ClientDoor<M> | undefined;
  readonly startup: Startup<M>;
  readonly shutdown: Shutdown<M>;
}

/** What a turn may drain, at most: a write that is durable at once, and what was applied, are told to the core in the same turn. */
const mostDrains = 8;

/**
 * One turn of a member, the path of every write: inbox → core → one drain → journal, sends that wait for nothing, sync → what the sync
 * released → apply → answers. All inputs wait in the inbox until the end of the loop's turn, so that messages are looked
 * at before timers, nothing is re-entered, and one `catch` stands around everything that can go wrong.
 */
export class Turn<M> {
  private readonly parts: TurnParts<M>;
  private readonly timer: TurnTimer<M>;
  private asked = false;
  private running = false;
  private broken: Failure | undefined;
  /** Frames, and completions as functions. `from`: a member's link, a client's link negated, 0 for a completion. */
  private inbox: (Uint8Array | (() => void))[] = [];
  private from: LinkId[] = [];
  private lastWrite: WriteNumber = 0;
  private durable: WriteNumber = 0;
  /** What the core knows to be durable. */
  private told: WriteNumber = 0;
  private coreDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(parts: TurnParts<M>) {
    this.parts = parts;
    this.timer = new TurnTimer(parts.member);
    const { member } = parts;
    member.request = () => this.request();
    member.post = (task) => this.receive(0, task);
  }

  /** Once the storage is open, and before its journal is. */
  listenToJournal(): void {
    const { journal } = this.parts.member.options.storage;
    journal.onDurable = (write) => {
      this.durable = write;
      if (!this.running) this.request();
    };
    journal.onFailure = (problem) => {
      if (this.running) this.broken = problem;
      else this.fail(problem);
    };
  }

  /** Puts a frame or a completion into the inbox. */
  receive(from: LinkId, item: Uint8Array | (() => void)): void {
    if (!this.parts.member.alive) return;
    this.inbox.push(item);
    this.from.push(from);
    this.request();
  }

  private request(): void {
    if (this.asked) return;
    this.asked = true;
    this.parts.member.options.host.endOfTurn(this.run);
  }

  // One function for all turns, made once.
  private readonly run = (): void => {
    this.asked = false;
    if (!this.parts.member.alive) return;
    this.running = true;
    try {
      this.turn();
    } catch (error) {
      // Fail-stop: whatever went wrong, this member says nothing more.
      this.fail(error instanceof MemberStop ? error.failure : this.internal(error));
    }
    this.running = false;
  };

  private turn(): void {
    const { member, apply, proposals, reads, snapshots, pull, door, links, shutdown, startup } = this.parts;
    member.counters.turns += 1;
    this.takeInbox();
    const now = member.now();
    this.tellDurable();
    proposals.expire(now);
    reads.expire(now);
    pull.expire(now);
    if (now >= this.coreDeadlineMs) member.step({ type: 'wake' });
    startup.proceed();
    proposals.flush(now);
    reads.flush(now);
    this.drainAll();
    if (!member.alive) return;
    reads.answer();
    door?.flush();
    links.flush();
    // Behind all that others wait for.
    snapshots.work(pull.meta !== undefined);
    shutdown.proceed(now);
    if (!member.alive) return;
    if (member.stirred || apply.due) this.request();
    this.timer.arm(
      Math.min(
        this.coreDeadlineMs,
        proposals.nextDeadlineMs(now),
        reads.nextDeadlineMs(now),
        pull.nextDeadlineMs(),
        snapshots.nextDeadlineMs(),
        shutdown.nextDeadlineMs(),
      ),
    );
  }

  private takeInbox(): void {
    if (this.inbox.length === 0) return;
    const { links, door } = this.parts;
    const { inbox, from } = this;
    // What completes while these are looked at waits for the next turn, or a storage that completes at once would keep this one going.
    this.inbox = [];
    this.from = [];
    for (let i = 0; i < inbox.length; i++) {
      const item = inbox[i] as Uint8Array | (() => void);
      const link = from[i] as LinkId;
      if (typeof item === 'function') item();
      else if (link > 0) links.frame(link, item);
      else door?.frame(-link, item);
      if (!this.parts.member.alive) return;
    }
  }

  private drainAll(): void {
    const { member, apply, links } = this.parts;
    let applied = false;
    for (let drains = 0; drains < mostDrains; drains++) {
      if (member.stirred && member.core !== undefined) {
        member.stirred = false;
        this.carryOut(member.core.drain(member.now()));
        links.endDue();
        this.tellDurable();
      }
      if (member.stirred) continue;
      // One slice per turn: messages are looked at before the next one.
      if (applied || !apply.due || member.core === undefined) return;
      applied = true;
      if (apply.slice()) member.step({ type: 'applied', index: apply.applied });
    }
  }

  /** The core's effects are valid until its next step: nothing here may step it. */
  private carryOut(effects: Effects<M>): void {
    const { member, links, apply, proposals, reads, snapshots } = this.parts;
    if (effects.diverged !== undefined) throw new MemberStop(diverged(effects.diverged));
    const { write } = effects;
    if (write !== undefined) {
      const number = member.options.storage.journal.append(write);
      invariant(number === this.lastWrite + 1, 'journal batches are numbered without a gap');
      this.lastWrite = number;
      if (write.snapshotMark !== undefined) snapshots.marked(write.snapshotMark, number);
    }
    for (const send of effects.sends) links.sendCore(send);
    for (const { link, reason } of effects.closes) links.endLater(link, reason);
    for (const { first, count } of effects.appended) proposals.appended(first, count);
    for (const { first, count, reason } of effects.rejected) proposals.rejected(first, count, reason);
    for (const result of effects.reads) reads.found(result);
    for (const fetch of effects.fetches) this.fetch(fetch);
    if (effects.role !== undefined) this.roleChanged(effects.role);
    if (effects.config !== undefined) this.configChanged(effects.config);
    for (const order of effects.snapshots) this.orderSnapshot(order);
    if (effects.trace.length > 0) member.emit({ type: 'trace', events: [...effects.trace] });
    apply.commit(effects.commit.index, effects.commit.gate, this.durable);
    this.coreDeadlineMs = effects.nextDeadline;
    // The others work while this disk does.
    links.flush();
    if (write !== undefined) member.options.storage.journal.flush();
    if (this.broken !== undefined) throw new MemberStop(this.broken);
  }

  /** What the disk holds opens gates before the core hears of it: older frames leave before those that the news brings forth. */
  private tellDurable(): void {
    if (this.durable === this.told) return;
    const { member, links, apply, snapshots } = this.parts;
    this.told = this.durable;
    links.release(this.durable);
    apply.release(this.durable);
    snapshots.release(this.durable);
    member.step({ type: 'persisted', write: this.durable });
  }

  private fetch(wanted: Effects<M>['fetches'][number]): void {
    const { member } = this.parts;
    const { fetch } = wanted;
    member.options.storage.journal.read(wanted.range, wanted.maxBytes, (entries) =>
      member.post(() => {
        if (entries === 'compacted') member.step({ type: 'fetched', fetch, entries: [], lost: 'compacted' });
        else if (isFailure(entries)) {
          member.log('error', `${entries.code}: ${entries.text}`);
          member.step({ type: 'fetched', fetch, entries: [], lost: 'damaged' });
        } else member.step({ type: 'fetched', fetch, entries });
      }),
    );
  }

  private orderSnapshot(order: Effects<M>['snapshots'][number]): void {
    const { pull } = this.parts;
    if (order.do === 'receive') pull.receive(order.peer, order.meta);
    else if (pull.meta?.id === order.meta.id) pull.cancel();
  }

  private roleChanged(change: RoleChange): void {
    const { member, clock, apply, proposals, tenures, reads } = this.parts;
    const before = member.role;
    const role = { ...change };
    member.role = role;
    const wasSettled = before?.role === 'leader' && before.settled;
    const isSettled = role.role === 'leader' && role.settled;
    if (isSettled && !wasSettled) clock.begin(apply.clusterMs, member.now());
    if (!isSettled) clock.end();
    proposals.resume();
    reads.resume();
    const sameEpoch = before?.epoch.round === role.epoch.round && before.epoch.owner === role.epoch.owner;
    if (wasSettled && !(isSettled && sameEpoch)) tenures.end();
    if (isSettled && !(wasSettled && sameEpoch)) tenures.begin();
    if (before?.leader !== role.leader || !sameEpoch) {
      proposals.requeueSessions();
      reads.askAgain();
    }
    this.request();
    member.emit({ type: 'role', role });
  }

  private configChanged(change: { stage: 'proposed' | 'committed' | 'active'; config: Config; index: Index }): void {
    const { member, desk, links } = this.parts;
    const { stage, config, index } = change;
    desk.config = config;
    links.setPeers(config);
    member.emit({ type: 'config', stage, config, index });
  }

  private internal(error: unknown): Failure {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const near = `near entry ${this.parts.apply.applied + 1}`;
    return failure('E_INTERNAL', `${text} (${near}). Report this; keep the data directory.`, 70);
  }

  /** Shuts the member's mouth first; then says why. Waiters learn only that their outcome is unknown. */
  private fail(problem: Failure): void {
    const { member, proposals, tenures, reads, startup, shutdown } = this.parts;
    if (!member.alive) return;
    const starting = member.state === 'starting';
    member.state = 'failed';
    this.timer.cancel();
    this.inbox = [];
    this.from = [];
    const { transport, clientTransport, storage } = member.options;
    if (!starting || startup.listening) {
      transport.close(() => {});
      clientTransport?.close(() => {});
    }
    try {
      tenures.end();
      proposals.giveUpAll('this member failed');
      reads.giveUpAll('This member failed');
    } catch {
      // A caller's callback threw. The member has failed already, and the first reason is the one to report.
    }
    if (!starting) member.emit({ type: 'fatal', failure: problem });
    startup.done(problem);
    shutdown.failed(problem);
    // Nothing was promised yet: the lock may go.
    if (starting && member.identity !== undefined) storage.close(() => {});
  }
}

// A core names what it found (`E_LOG_LOST: …`) where one member is to blame; everything else is the cluster's disagreement.
function diverged(evidence: string): Failure {
  const [, code = 'E_DIVERGED', text = evidence] = /^(E_[A-Z_]+): (.+)$/su.exec(evidence) ?? [];
  if (code !== 'E_DIVERGED') return failure(code, text, 70);
  const advice = 'Keep the data directories and stop the cluster.';
  return failure(code, `this member and the cluster disagree on what was decided: ${text.replace(/[.]?$/u, '.')} ${advice}`, 70);
}
