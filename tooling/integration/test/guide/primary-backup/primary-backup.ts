import type {
  Core,
  CoreInput,
  CoreKind,
  CoreSetup,
  CoreStatus,
  Effects,
  EntryBatch,
  Index,
  LinkId,
  MemberId,
  RoleChange,
} from '@quorate/interface';
import { Backup } from './backup.ts';
import { describeMessage, isWellFormed, type PrimaryBackupMessage } from './messages.ts';
import { Outbox } from './outbox.ts';
import { Primary } from './primary.ts';
import { ReplicatedLog } from './replicated-log.ts';

/**
 * Primary and backups, without elections: the voter with the lowest id leads for ever. What a majority holds is decided. While the
 * primary is away nothing is; nothing is lost either.
 */
export function primaryBackup(): CoreKind<PrimaryBackupMessage> {
  return {
    protocol: 'primary-backup',
    formatVersion: 1,
    needs: { fifoLinks: true },
    abilities: { outOfOrderChoice: false, quorumReads: false, reconfigure: false, electsThroughPartialLinks: false },
    create: (setup) => new PrimaryBackup(setup),
    describe: describeMessage,
  };
}

class PrimaryBackup implements Core<PrimaryBackupMessage> {
  readonly #setup: CoreSetup;
  readonly #leader: MemberId;
  readonly #log: ReplicatedLog;
  readonly #primary: Primary | undefined;
  readonly #backup: Backup | undefined;
  readonly #links: Map<MemberId, LinkId> = new Map();
  readonly #counters = { malformed: 0, illegal: 0 };
  readonly #outbox: Outbox = new Outbox();
  #role: RoleChange;

  constructor(setup: CoreSetup) {
    this.#setup = setup;
    this.#leader = Math.min(...setup.genesis.voters);
    this.#log = new ReplicatedLog(setup.recovered);
    if (setup.self === this.#leader) this.#primary = new Primary(setup, this.#log, this.#outbox);
    else this.#backup = new Backup(this.#leader, this.#log, this.#outbox);
    this.#role = this.#roleNow();
  }

  step(input: CoreInput<PrimaryBackupMessage>, _now: number): void {
    switch (input.type) {
      case 'message':
        return this.#take(input.from, input.link, input.message, input.entries);
      case 'linkUp':
        this.#links.set(input.peer, input.link);
        return this.#backup?.linkUp(input.peer, input.link);
      case 'linkDown':
        if (this.#links.get(input.peer) === input.link) this.#forget(input.peer);
        return;
      case 'propose':
        if (this.#primary !== undefined) return this.#primary.propose(input.run);
        this.#outbox.rejected.push({ first: input.run.firstId, count: input.run.count, reason: 'not-leader' });
        return;
      case 'read':
        // Nobody but the primary commits: its own commit index is the newest there is.
        if (this.#primary === undefined) return this.#backup?.read(input.context);
        return this.#outbox.answer(input.context, this.#primary.isSettled ? this.#log.commit : undefined);
      case 'persisted':
        return this.#log.persisted(input.write);
      case 'applied':
        this.#log.applied = Math.max(this.#log.applied, input.index);
        return;
      case 'fetched':
        return this.#primary?.fetched(input.fetch, input.entries);
      case 'snapshotTaken':
        return this.#log.startAt(input.meta);
      case 'snapshotReceived':
        return this.#backup?.snapshotReceived(input.meta);
      case 'snapshotFailed':
        return this.#backup?.snapshotFailed(input.meta);
      // Nobody can take over, no deadline exists, and members never change: these are heard and mean nothing.
      case 'suspect':
      case 'transfer':
      case 'campaign':
      case 'reconfigure':
      case 'wake':
        return;
    }
  }

  drain(now: number): Effects<PrimaryBackupMessage> {
    const log = this.#log;
    const damaged = this.#setup.recovered.damaged.length > 0;
    if (!damaged) this.#primary?.decide(now);
    const write = damaged ? undefined : log.takeBatch();
    if (!damaged) {
      this.#primary?.sendAll();
      this.#backup?.sendAll();
    }
    log.evict(this.#setup.limits.memoryBytes);
    return {
      write,
      ...this.#outbox.takeAll(),
      commit: { index: log.commit, gate: log.gateOf(log.commit) },
      chosen: [],
      config: undefined,
      role: this.#changedRole(),
      diverged: damaged
        ? 'E_DATA_DAMAGED: entries are lost (got a damaged range, allowed none). Replace this member.'
        : undefined,
      nextDeadline: Number.POSITIVE_INFINITY,
      trace: [],
    };
  }

  cached(from: Index, maxBytes: number): EntryBatch | undefined {
    return this.#log.cached(from, maxBytes);
  }

  metaAt(index: Index): ReturnType<Core<PrimaryBackupMessage>['metaAt']> {
    return { index, epoch: this.#log.epochAt(index), configs: [this.#setup.genesis], core: new Uint8Array(0) };
  }

  status(): CoreStatus {
    const { commit, applied, first, last } = this.#log;
    return {
      role: this.#role,
      commit,
      applied,
      first,
      last,
      config: this.#setup.genesis,
      detail: { counters: { ...this.#counters } },
    };
  }

  #take(from: MemberId, link: LinkId, message: PrimaryBackupMessage, entries: readonly EntryBatch[]): void {
    // Of an earlier link, or of nobody: what hung on it is over.
    if (this.#links.get(from) !== link) return;
    if (!isWellFormed(message, entries)) return this.#refuse(from, link, 'malformed');
    const isLegal = this.#primary?.take(from, link, message) ?? this.#backup?.take(from, message, entries) ?? false;
    if (!isLegal) this.#refuse(from, link, 'illegal');
  }

  /** No correct member says that: count it, and begin anew on another link. */
  #refuse(from: MemberId, link: LinkId, what: 'malformed' | 'illegal'): void {
    this.#counters[what]++;
    this.#outbox.closes.push({ link, reason: what });
    this.#forget(from);
  }

  #forget(peer: MemberId): void {
    this.#links.delete(peer);
    this.#primary?.linkDown(peer);
    this.#backup?.linkDown(peer);
  }

  #changedRole(): RoleChange | undefined {
    const before = this.#role;
    const now = this.#roleNow();
    const isSame =
      before.epoch.round === now.epoch.round &&
      before.leader === now.leader &&
      before.ready === now.ready &&
      before.settled === now.settled;
    if (isSame) return undefined;
    this.#role = now;
    return now;
  }

  #roleNow(): RoleChange {
    const primary = this.#primary;
    const isVoter = this.#setup.genesis.voters.includes(this.#setup.self);
    const follower = isVoter ? 'follower' : 'learner';
    return {
      role: primary === undefined ? follower : 'leader',
      epoch: { round: primary?.round ?? this.#backup?.round ?? 0, owner: 0 },
      leader: primary !== undefined || this.#backup?.isFollowing === true ? this.#leader : undefined,
      ready: primary?.isReady ?? false,
      settled: primary?.isSettled ?? false,
      suspectedAt: 0,
      electedAt: 0,
      readyAt: primary?.readyAt ?? 0,
    };
  }
}
