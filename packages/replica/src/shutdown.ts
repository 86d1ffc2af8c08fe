import type { Failure, MemberId } from '@quorate/interface';
import type { Apply } from './apply.ts';
import type { ClientDoor } from './client-door.ts';
import type { Links } from './links.ts';
import type { Member } from './member.ts';
import type { Proposals } from './proposals.ts';
import type { Reads } from './reads.ts';
import type { StopOptions } from './replica.ts';
import type { SnapshotPull } from './snapshot-pull.ts';
import type { Snapshots } from './snapshots.ts';
import type { Startup } from './startup.ts';
import type { TenureKeeper } from './tenure-keeper.ts';

/** The parts that a stop brings to rest. */
export interface ShutdownParts<M> {
  readonly member: Member<M>;
  readonly links: Links<M>;
  readonly apply: Apply<M>;
  readonly proposals: Proposals<M>;
  readonly tenures: TenureKeeper<M>;
  readonly reads: Reads<M>;
  readonly snapshots: Snapshots<M>;
  readonly pull: SnapshotPull<M>;
  readonly door: ClientDoor<M> | undefined;
  readonly startup: Startup<M>;
}

/** Stops in order: no new work, leadership to another member, what is committed to its end, links, disk. */
export class Shutdown<M> {
  private readonly parts: ShutdownParts<M>;
  private readonly dones: ((problem?: Failure) => void)[] = [];
  private deadlineMs = Number.POSITIVE_INFINITY;
  /** Who is to lead; undefined: nobody waits for that. */
  private heir: MemberId | undefined;

  constructor(parts: ShutdownParts<M>) {
    this.parts = parts;
  }

  begin(options: StopOptions, done: (problem?: Failure) => void): void {
    const { member, proposals } = this.parts;
    if (member.state === 'created' || member.state === 'stopped' || member.state === 'failed') {
      if (member.state === 'created') member.state = 'stopped';
      done();
      return;
    }
    this.dones.push(done);
    this.deadlineMs = Math.min(this.deadlineMs, options.deadlineMs);
    if (member.state === 'stopping') {
      // The deadline may be an earlier one.
      member.request();
      return;
    }
    const wasRunning = member.state === 'running';
    member.state = 'stopping';
    member.post(() => {
      if (!wasRunning) return;
      proposals.giveUpWaiting('this member stops');
      if (options.handOver) this.appoint();
    });
  }

  private appoint(): void {
    const { member } = this.parts;
    this.heir = member.leading ? this.successor() : undefined;
    if (this.heir !== undefined) member.step({ type: 'transfer', to: this.heir });
  }

  /** Any other voter that is linked: the core brings it up to date before it lets go. */
  private successor(): MemberId | undefined {
    const { member, links } = this.parts;
    const voters = member.core?.status().config.voters ?? [];
    return voters.find((voter) => voter !== member.options.self && links.linkOf(voter) !== undefined);
  }

  /** Once per turn. */
  proceed(now: number): void {
    const { member, links, proposals, reads, apply } = this.parts;
    if (member.state !== 'stopping') return;
    // What a refusal gave back to us goes nowhere any more.
    proposals.giveUpWaiting('this member stops');
    // Where all members are stopped together, the heir may be gone before it leads: then another one, or nobody.
    if (this.heir !== undefined && links.linkOf(this.heir) === undefined) this.appoint();
    const handedOver = this.heir === undefined || !member.leading;
    const finished = proposals.waiters.pending === 0 && reads.pending === 0 && apply.unapplied === 0;
    if ((handedOver && finished) || now >= this.deadlineMs) this.close();
  }

  nextDeadlineMs(): number {
    return this.parts.member.state === 'stopping' ? this.deadlineMs : Number.POSITIVE_INFINITY;
  }

  private close(): void {
    const { member, proposals, tenures, reads, snapshots, pull, door, links, startup } = this.parts;
    const { transport, clientTransport, storage } = member.options;
    tenures.end();
    proposals.giveUpAll('this member stopped');
    reads.giveUpAll('This member stopped');
    door?.flush();
    links.flush();
    snapshots.abandon();
    pull.cancel();
    member.closing = true;
    const closeStorage = (): void => storage.close((problem) => this.finish(problem));
    const closeClients = (): void => (clientTransport === undefined ? closeStorage() : clientTransport.close(closeStorage));
    if (startup.listening) transport.close(closeClients);
    else closeStorage();
  }

  private finish(problem: Failure | undefined): void {
    const { member, startup } = this.parts;
    member.state = problem === undefined ? 'stopped' : 'failed';
    startup.done(problem);
    if (problem === undefined) member.emit({ type: 'stopped' });
    else member.emit({ type: 'fatal', failure: problem });
    this.tell(problem);
  }

  /** The member failed on the way: what was asked for will not come. */
  failed(problem: Failure): void {
    this.tell(problem);
  }

  private tell(problem: Failure | undefined): void {
    for (const done of this.dones.splice(0)) done(problem);
  }
}
