import { failure, isFailure } from '@quorate/interface';
import type { Failure, Identity, LinkId, Recovered, SnapshotMeta, TransportFailure } from '@quorate/interface';
import type { AdmissionDesk } from './admission.ts';
import type { Apply } from './apply.ts';
import type { ClientDoor } from './client-door.ts';
import type { Links } from './links.ts';
import { MemberStop } from './member.ts';
import type { Member } from './member.ts';
import { SnapshotRestore } from './snapshot-restore.ts';
import type { Snapshots } from './snapshots.ts';

/** The parts that a start brings to life. */
export interface StartupParts<M> {
  readonly member: Member<M>;
  readonly desk: AdmissionDesk<M>;
  readonly links: Links<M>;
  readonly apply: Apply<M>;
  readonly snapshots: Snapshots<M>;
  readonly door: ClientDoor<M> | undefined;
  readonly listenToJournal: () => void;
  /** Puts a frame into the inbox; a client's link is negated. */
  readonly receive: (link: LinkId, frame: Uint8Array) => void;
}

/**
 * From an empty process to a member: storage and identity, journal, the marked snapshot, the entries that are known committed, the core,
 * the transports. What the protocol must decide first (entries above the recovered commit) waits for the core.
 */
export class Startup<M> {
  /** A transport may have links or a port. */
  listening = false;
  private readonly parts: StartupParts<M>;
  private recovered: Recovered | undefined;
  private replaying = false;
  private report: ((problem?: Failure) => void) | undefined;

  constructor(parts: StartupParts<M>) {
    this.parts = parts;
  }

  begin(done: (problem?: Failure) => void): void {
    const { member } = this.parts;
    const { options } = member;
    this.report = done;
    member.state = 'starting';
    const expected = {
      clusterId: options.clusterId,
      member: options.self,
      name: options.name,
      protocol: options.core.protocol,
      formatVersion: options.core.formatVersion,
      newDiskId: options.newDiskId,
    };
    options.storage.open(expected, (identity) => member.post(() => this.opened(identity)));
  }

  /** Tells the caller of `start`, once. */
  done(problem?: Failure): void {
    const { report } = this;
    this.report = undefined;
    report?.(problem);
  }

  private opened(identity: Identity | Failure): void {
    const { member, desk, listenToJournal } = this.parts;
    if (isFailure(identity)) throw new MemberStop(identity);
    member.identity = identity;
    desk.begin(identity.peerDisks);
    listenToJournal();
    member.options.storage.journal.open((result) => member.post(() => this.journalOpened(result)));
  }

  private journalOpened(result: Recovered | Failure): void {
    const { member } = this.parts;
    if (isFailure(result)) throw new MemberStop(result);
    this.recovered = result;
    member.options.storage.snapshots.list((metas) => member.post(() => this.listed(result, metas)));
  }

  private listed(recovered: Recovered, metas: readonly SnapshotMeta[] | Failure): void {
    const { member, snapshots, apply } = this.parts;
    if (isFailure(metas)) throw new MemberStop(metas);
    const marked = recovered.snapshot;
    // A finished file without a mark never counted. Unfinished ones stay: a pull may resume them.
    if (metas.some(({ id }) => id !== marked?.id)) {
      member.options.storage.snapshots.removeAllBut(marked === undefined ? [] : [marked.id]);
    }
    snapshots.begin(marked);
    if (marked === undefined) {
      this.replay();
      return;
    }
    if (!metas.some(({ id }) => id === marked.id)) throw new MemberStop(missing(marked));
    new SnapshotRestore(member, marked, (state) => {
      apply.restored(marked.index, state);
      this.replay();
    }).begin();
  }

  private replay(): void {
    this.parts.apply.commit(this.recovered?.commit ?? 0, 0, 0);
    this.replaying = true;
  }

  /** Once per turn: one slice of what is known committed. */
  proceed(): void {
    if (!this.replaying) return;
    const { apply, member } = this.parts;
    apply.slice();
    if (apply.unapplied === 0) {
      this.replaying = false;
      this.createCore();
      this.openTransports();
    } else if (apply.due) member.request();
  }

  private createCore(): void {
    const { member, desk, apply } = this.parts;
    const { options, identity } = member;
    const recovered = this.recovered as Recovered;
    member.core = options.core.create({
      self: options.self,
      incarnation: identity?.incarnation ?? 0,
      genesis: options.genesis,
      recovered,
      random: () => options.host.random(),
      limits: options.limits.core,
      now: member.now(),
      tracing: options.tracing,
    });
    this.recovered = undefined;
    const { role, config } = member.core.status();
    member.role = { ...role };
    desk.config = config;
    if (apply.applied > 0) member.step({ type: 'applied', index: apply.applied });
    member.stirred = true;
  }

  private openTransports(): void {
    const { member, links, receive } = this.parts;
    this.listening = true;
    member.options.transport.start(links.handlers(receive), (problem) => member.post(() => this.membersOpened(problem)));
  }

  private membersOpened(problem: TransportFailure | undefined): void {
    const { member, links, door, desk, receive } = this.parts;
    if (problem !== undefined) throw new MemberStop(failure(problem.code, problem.text, 78));
    links.setPeers(desk.config);
    const handlers = door?.handlers((link, frame) => receive(-link, frame));
    if (handlers === undefined) this.ready();
    else member.options.clientTransport?.start(handlers, (trouble) => member.post(() => this.clientsOpened(trouble)));
  }

  private clientsOpened(problem: TransportFailure | undefined): void {
    if (problem !== undefined) throw new MemberStop(failure(problem.code, problem.text, 78));
    this.ready();
  }

  private ready(): void {
    const { member } = this.parts;
    if (member.state === 'starting') member.state = 'running';
    this.done();
  }
}

function missing(meta: SnapshotMeta): Failure {
  const text = `snapshot ${meta.id}, which the journal builds on, is missing. Restore it, or replace this member by a membership change.`;
  return failure('E_SNAP_MISSING', text, 65);
}
