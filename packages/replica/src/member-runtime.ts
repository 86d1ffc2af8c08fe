import type { Consistency, Failure, LinkId, MemberId, RuntimeMessage } from '@quorate/interface';
import { AdmissionDesk } from './admission.ts';
import { Apply } from './apply.ts';
import { ClientDoor } from './client-door.ts';
import { ClusterClock } from './cluster-clock.ts';
import { envelopeKinds } from './envelope.ts';
import { Forwarding } from './forwarding.ts';
import { Links } from './links.ts';
import { Member } from './member.ts';
import { Proposals } from './proposals.ts';
import { Reads } from './reads.ts';
import { promised } from './replica-facade.ts';
import type { CallOptions, ReadOptions } from './replica-facade.ts';
import type { ResolvedOptions } from './replica-options.ts';
import type { ReplicaQueues, ReplicaStatus } from './replica-status.ts';
import type { Done, EventListener, Replica, StopOptions } from './replica.ts';
import { Shutdown } from './shutdown.ts';
import { SnapshotPull } from './snapshot-pull.ts';
import { SnapshotServe } from './snapshot-serve.ts';
import { Snapshots } from './snapshots.ts';
import { Startup } from './startup.ts';
import { TenureKeeper } from './tenure-keeper.ts';
import { Turn } from './turn.ts';

/** The parts of one member, put together. */
export class MemberRuntime<M> implements Replica {
  private readonly member: Member<M>;
  private readonly apply: Apply<M>;
  private readonly links: Links<M>;
  private readonly forwarding: Forwarding<M>;
  private readonly proposals: Proposals<M>;
  private readonly reads: Reads<M>;
  private readonly snapshots: Snapshots<M>;
  private readonly pull: SnapshotPull<M>;
  private readonly serve: SnapshotServe<M>;
  private readonly door: ClientDoor<M> | undefined;
  private readonly startup: Startup<M>;
  private readonly shutdown: Shutdown<M>;

  constructor(options: ResolvedOptions<M>) {
    const member = new Member(options);
    const desk = new AdmissionDesk(member);
    const apply = new Apply(member);
    const clock = new ClusterClock();
    const links = new Links(member, desk);
    const forwarding = new Forwarding(member, links);
    const proposals = new Proposals({ member, apply, clock, forwarding });
    const tenures = new TenureKeeper(member, apply, proposals);
    const reads = new Reads(member, apply);
    const snapshots = new Snapshots(member, apply);
    const pull = new SnapshotPull(member, links, snapshots);
    const { clientTransport } = options;
    const door = clientTransport && new ClientDoor(clientTransport, { member, desk, proposals, reads });
    const receive = (link: LinkId, frame: Uint8Array): void => turn.receive(link, frame);
    const listenToJournal = (): void => turn.listenToJournal();
    const startup = new Startup({ member, desk, links, apply, snapshots, door, listenToJournal, receive });
    const shutdown = new Shutdown({ member, links, apply, proposals, tenures, reads, snapshots, pull, door, startup });
    const turn = new Turn({
      member,
      desk,
      links,
      apply,
      clock,
      proposals,
      tenures,
      reads,
      snapshots,
      pull,
      door,
      startup,
      shutdown,
    });
    apply.waiters = proposals.waiters;
    apply.onTenure = () => tenures.begun();
    // Commands that the snapshot covers are not seen at apply: within a session they are asked for again.
    snapshots.onRestored = () => {
      tenures.restored();
      proposals.requeueSessions();
    };
    this.member = member;
    this.apply = apply;
    this.links = links;
    this.forwarding = forwarding;
    this.proposals = proposals;
    this.reads = reads;
    this.snapshots = snapshots;
    this.pull = pull;
    this.serve = new SnapshotServe(member, links, snapshots);
    this.door = door;
    this.startup = startup;
    this.shutdown = shutdown;
    this.listen();
  }

  private listen(): void {
    const { member, pull, forwarding, proposals, reads } = this;
    this.links.listener = {
      message: (link, peer, message, raw) => this.take({ link, peer }, message, raw),
      up: () => pull.linkUp(),
      down: (peer, link) => {
        pull.linkDown(link);
        forwarding.linkDown(link);
        if (peer !== member.role?.leader) return;
        proposals.requeueSessions();
        reads.askAgain();
      },
    };
  }

  /** A message of another member's replica. False: a correct one cannot have sent it. */
  private take(from: { link: LinkId; peer: MemberId }, message: RuntimeMessage, raw: Uint8Array): boolean {
    const { forwarding, proposals } = this;
    const { link, peer } = from;
    switch (message.kind) {
      case 'forward': {
        if (!forwarding.check(peer, message, raw)) return false;
        if (!forwarding.isNew(link, message.token)) return true;
        const refusal = this.forwardRefusal();
        if (refusal === undefined) proposals.proposeForwarded(raw, message.lengths, { link, token: message.token });
        else forwarding.refuse(link, message.token, refusal);
        return true;
      }
      case 'forward-refused': {
        const sequences = forwarding.takeRefused(link, message);
        if (sequences !== undefined) proposals.refused(sequences, message.code);
        return true;
      }
      case 'snapshot-read':
        this.serve.read(link, message);
        return true;
      case 'snapshot-chunk':
        return this.pull.chunk(link, peer, message, raw);
      default:
        return false; // A client's, or a second hello.
    }
  }

  private forwardRefusal(): 'E_NOT_LEADER' | 'E_NOT_READY' | 'E_TRANSFERRING' | 'E_OVERLOADED' | undefined {
    const { member, apply } = this;
    if (member.role?.role !== 'leader') return 'E_NOT_LEADER';
    if (!member.leading) return 'E_NOT_READY';
    if (member.state !== 'running') return 'E_TRANSFERRING';
    return apply.unapplied > member.options.limits.unappliedEntries ? 'E_OVERLOADED' : undefined;
  }

  start(done: (failure?: Failure) => void): void {
    if (this.member.state !== 'created') throw new RangeError('E_USAGE: a replica starts once. Create another one.');
    this.startup.begin(done);
  }

  submit(command: Uint8Array, deadlineMs: number, done: Done): void {
    this.proposals.submit({
      kind: envelopeKinds.command,
      command,
      place: undefined,
      deadlineMs,
      receiver: done,
      token: 0,
    });
  }

  query(request: Uint8Array, consistency: Consistency, deadlineMs: number, done: Done): void {
    this.reads.query({ request, deadlineMs, receiver: done, token: 0 }, consistency);
  }

  execute(command: Uint8Array, options?: CallOptions): ReturnType<Replica['execute']> {
    return promised((done) => this.submit(command, this.deadline(options), done), true, options?.signal);
  }

  read(request: Uint8Array, options?: ReadOptions): ReturnType<Replica['read']> {
    const consistency = options?.consistency ?? 'linearizable';
    return promised((done) => this.query(request, consistency, this.deadline(options), done), false, options?.signal);
  }

  private deadline(options: CallOptions | undefined): number {
    return this.member.now() + (options?.timeoutMs ?? this.member.options.limits.requestTimeoutMs);
  }

  subscribe(listener: EventListener): () => void {
    // A function of its own: the same listener may subscribe twice.
    const own: EventListener = (events, stamp) => listener(events, stamp);
    this.apply.listeners.add(own);
    return () => this.apply.listeners.delete(own);
  }

  transfer(to: MemberId): void {
    const { member } = this;
    member.post(() => member.step({ type: 'transfer', to }));
  }

  stop(options: StopOptions, done: (failure?: Failure) => void): void {
    this.shutdown.begin(options, done);
  }

  queues(): ReplicaQueues {
    const { apply, proposals, reads, links, door } = this;
    return {
      inFlight: proposals.waiters.pending,
      inFlightBytes: proposals.waiters.bytes,
      waiting: proposals.waiting,
      reads: reads.pending,
      unapplied: apply.unapplied,
      clientLinks: door?.linked ?? 0,
      gatedBytes: links.outbox.mostGatedBytes,
    };
  }

  status(): ReplicaStatus {
    const { member, apply, snapshots, pull } = this;
    const { role, identity } = member;
    const current = snapshots.current;
    return {
      state: member.state,
      identity,
      core: member.core?.status(),
      role,
      leader: role?.leader,
      ready: member.leading,
      settled: member.leading && role?.settled === true,
      applied: apply.applied,
      ordinal: apply.ordinal,
      clusterMs: apply.clusterMs,
      tenure: apply.tenure,
      links: [...this.links.status(), ...(this.door?.status() ?? [])],
      troubles: this.links.troubles(),
      sessions: apply.sessions.size,
      queues: this.queues(),
      snapshot: {
        index: current?.index ?? 0,
        bytes: current?.bytes ?? 0,
        doing: pull.meta === undefined ? snapshots.doing : 'pulling',
        doneBytes: pull.meta === undefined ? snapshots.doneBytes : pull.doneBytes,
        totalBytes: pull.meta?.bytes ?? 0,
      },
      journal: identity === undefined ? {} : member.options.storage.journal.stats(),
      counters: { ...member.counters },
      messagesOut: this.links.messagesOut(),
    };
  }
}
