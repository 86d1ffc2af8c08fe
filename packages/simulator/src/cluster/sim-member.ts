import type { Config, Failure, MemberId } from '@quorate/interface';
import { createReplica } from '@quorate/replica';
import type { Replica, ReplicaEvent, ReplicaStatus } from '@quorate/replica';
import { chanceKinds } from '../chance.ts';
import type { SimMedium } from '../disk/sim-medium.ts';
import type { MemberRecord } from '../evidence/ledger.ts';
import type { ProcessEnd } from '../evidence/observer.ts';
import { numberedTransport } from '../evidence/numbered-transport.ts';
import { watchedCore } from '../evidence/watched-core.ts';
import { watchedMachine } from '../evidence/watched-machine.ts';
import { watchedStorage } from '../evidence/watched-storage.ts';
import { MemberClock } from '../member-clock.ts';
import { SimProcess } from '../process.ts';
import type { World } from '../world.ts';
import { clientUrl, peerUrl } from './assembly.ts';
import type { Assembly, MemberParts, Plants } from './assembly.ts';
import { routedDisk } from './routed-disk.ts';

/** What all members of a cluster have in common. */
export interface ClusterShape {
  readonly world: World;
  readonly assembly: Assembly;
  readonly genesis: Config;
  readonly tracing: boolean;
  readonly plants?: Plants;
  /** Frames carry their place in link and lane, which is checked at their arrival: dearer than all else that is watched. */
  readonly numbering: boolean;
}

/** One machine: its disk outlives its processes. */
export class SimMember {
  readonly id: MemberId;
  readonly record: MemberRecord;
  readonly medium: SimMedium;
  process: SimProcess | undefined;
  replica: Replica | undefined;
  parts: MemberParts | undefined;
  clock: MemberClock;
  /** The last reading of the replica of an ended process. */
  lastStatus: ReplicaStatus | undefined;
  /** Why the last process ended by itself. */
  failure: Failure | undefined;
  /** Disk calls until the process is ended before one of them; Infinity: it is left alone. */
  crashIn: number = Number.POSITIVE_INFINITY;
  crashSilently: boolean = false;
  private readonly shape: ClusterShape;

  constructor(shape: ClusterShape, id: MemberId, medium: SimMedium) {
    this.shape = shape;
    this.id = id;
    this.medium = medium;
    this.record = shape.world.ledger.member(id);
    this.clock = this.newClock();
  }

  get isUp(): boolean {
    return this.process !== undefined;
  }

  /** A new process on this machine's disk. */
  start(): void {
    const { world, assembly, tracing } = this.shape;
    if (this.process !== undefined) return;
    const { record, medium } = this;
    world.ledger.born(record);
    this.failure = undefined;
    this.crashIn = Number.POSITIVE_INFINITY;
    this.clock = this.newClock();
    const process: SimProcess = world.process(this.clock, (error) => this.ended(process, uncaught(error)));
    this.process = process;
    const disk = routedDisk(medium.disk(process), process, { beforeChange: () => this.countDown() });
    const report = (text: string): void => this.event(process, { type: 'log', level: 'info', text, peer: undefined });
    const parts = assembly({ member: this.id, life: record.lives, host: process.host, disk, report });
    this.parts = parts;
    const { plants } = this.shape;
    const core = watchedCore(parts.core, world.ledger, record);
    const storage = watchedStorage(parts.storage, world.ledger, record);
    const transport = world.network.transport(process, this.id, peerUrl(this.id));
    const machine = watchedMachine(parts.stateMachine, world.ledger, record);
    const planted = plants?.transport?.(transport, this.id) ?? transport;
    const replica = createReplica({
      ...this.identity(),
      host: process.host,
      core: plants?.core?.(core, this.id) ?? core,
      codec: parts.codec,
      runtimeCodec: parts.runtimeCodec,
      transport: this.shape.numbering ? numberedTransport(planted, world.ledger, record) : planted,
      clientTransport: world.network.transport(process, this.id, clientUrl(this.id)),
      storage: plants?.storage?.(storage, this.id) ?? storage,
      stateMachine: plants?.machine?.(machine, this.id) ?? machine,
      snapshotCount: parts.snapshotCount,
      limits: parts.limits,
      tracing,
      onEvent: (event) => this.event(process, event),
    });
    this.replica = replica;
    process.input(() =>
      replica.start((failed) => {
        if (failed !== undefined) this.failed(process, failed);
      }),
    );
  }

  /** The process is ended from outside. `silently`: with the whole machine, whose unsynced writes may be lost. */
  kill(silently: boolean): void {
    const { process } = this;
    if (process === undefined) return;
    this.ended(process, { how: silently ? 'power-lost' : 'killed' });
  }

  /** Flips a bit of this machine's disk. False: there is none that may be. */
  rot(): boolean {
    if (this.medium.rot() === undefined) return false;
    this.record.damaged = true;
    return true;
  }

  /** An orderly stop, as by SIGTERM. */
  stop(deadlineInMs: number): void {
    const { process, replica } = this;
    process?.input(() => {
      const deadlineMs = process.host.monotonicMs() + deadlineInMs;
      replica?.stop({ handOver: true, deadlineMs }, (failed) => {
        if (failed === undefined) this.later(process, { how: 'stopped' });
        else this.failed(process, failed);
      });
    });
  }

  private identity(): Pick<Parameters<typeof createReplica>[0], 'self' | 'name' | 'clusterId' | 'genesis' | 'newDiskId'> {
    const { id, record, shape } = this;
    return { self: id, name: `n${id}`, clusterId: 'simulated', genesis: shape.genesis, newDiskId: `disk-${id}-${record.lives}` };
  }

  private newClock(): MemberClock {
    const { world } = this.shape;
    const draw = world.chance.draw(chanceKinds.host, this.id, this.record.lives, 1);
    return new MemberClock(world.time.nowMs, draw * 5000, 1_700_000_000_000 + draw * 1e9);
  }

  private countDown(): void {
    if (this.crashIn === Number.POSITIVE_INFINITY) return;
    this.crashIn -= 1;
    if (this.crashIn <= 0) this.kill(this.crashSilently);
  }

  private event(process: SimProcess, event: ReplicaEvent): void {
    if (!process.alive) return;
    this.shape.world.ledger.event(this.record, event);
    if (event.type === 'fatal') this.failed(process, event.failure);
  }

  private failed(process: SimProcess, failure: Failure): void {
    this.failure = failure;
    this.later(process, { how: 'exit', code: failure.code, text: failure.text, exit: failure.exit });
  }

  // A process ends behind the turn in which it decided to.
  private later(process: SimProcess, end: ProcessEnd): void {
    const { time } = this.shape.world;
    time.at(time.nowMs, () => {
      if (process.alive) this.ended(process, end);
    });
  }

  private ended(process: SimProcess, end: ProcessEnd): void {
    const { world } = this.shape;
    process.kill();
    this.lastStatus = this.replica?.status();
    this.process = undefined;
    this.replica = undefined;
    if (end.how === 'power-lost') this.medium.powerLoss();
    else this.medium.kill();
    world.network.processEnded(this.id, end.how === 'power-lost');
    world.ledger.ended(this.record, end);
  }
}

function uncaught(error: unknown): ProcessEnd {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { how: 'exit', code: 'E_INTERNAL', text, exit: 70 };
}
