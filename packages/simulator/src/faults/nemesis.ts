import { invariant } from '@quorate/interface';
import type { MemberId } from '@quorate/interface';
import type { SimCluster } from '../cluster/sim-cluster.ts';
import type { SimMember } from '../cluster/sim-member.ts';
import type { Observer } from '../evidence/observer.ts';
import type { SimProcess } from '../process.ts';
import type { World } from '../world.ts';
import { faultKinds } from './action.ts';
import type { Action, FaultKind } from './action.ts';
import { actOnDisk, healDisk, setNature } from './disk-actions.ts';
import { actOnNetwork } from './network-actions.ts';
import { Supervisor } from './supervisor.ts';
import type { Plan } from './plan.ts';

/** A client as the nemesis sees it. */
export interface Victim {
  readonly process: SimProcess;
  readonly machine: number;
}

/** Carries out the faults of a plan. */
export class Nemesis {
  readonly world: World;
  readonly cluster: SimCluster;
  readonly plan: Plan;
  readonly supervisor: Supervisor;
  /** How often each kind took effect. */
  readonly counts: Record<FaultKind, number>;
  clients: readonly Victim[] = [];
  private readonly mayFailUntilMs = new Map<MemberId, number>();
  private over = false;

  constructor(world: World, cluster: SimCluster, plan: Plan) {
    this.world = world;
    this.cluster = cluster;
    this.plan = plan;
    this.counts = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
    this.supervisor = new Supervisor(world, cluster);
  }

  get observer(): Observer {
    return this.supervisor.observer;
  }

  begin(): void {
    for (const member of this.cluster.members) setNature(member, this.plan.disk);
    for (const action of this.plan.actions) this.world.time.at(action.atMs, () => this.act(action));
  }

  /** The disk of a member was meddled with lately, or is spoiled. */
  mayFail(member: MemberId): boolean {
    return this.cluster.member(member).record.damaged || (this.mayFailUntilMs.get(member) ?? -1) >= this.world.time.nowMs;
  }

  /** From now on, and for a while after `forMs`, failures of this member have a reason. */
  suspectDisk(member: MemberId, forMs: number): void {
    const untilMs = this.world.time.nowMs + forMs + aftermathMs;
    this.mayFailUntilMs.set(member, Math.max(untilMs, this.mayFailUntilMs.get(member) ?? 0));
  }

  /** No more faults; what is broken and can be mended is mended. */
  heal(): void {
    const { world, cluster, plan } = this;
    this.over = true;
    world.network.heal();
    Object.assign(world.network.setup.faults, plan.network);
    for (const member of cluster.members) {
      healDisk(member, plan);
      member.crashIn = Number.POSITIVE_INFINITY;
      if (member.isUp) this.setClock(member, 1);
      member.process?.release();
    }
  }

  private act(action: Action): void {
    if (this.over) return;
    const target = this.target(action);
    if (target === undefined) return;
    if (!this.carryOut(action, target)) return;
    this.counts[action.kind] += 1;
    this.world.ledger.struck(action, target.id);
  }

  /** Runs later, unless everything was healed by then. */
  later(afterMs: number, run: () => void): void {
    const { time } = this.world;
    time.at(time.nowMs + afterMs, () => {
      if (!this.over) run();
    });
  }

  private target({ member }: Action): SimMember | undefined {
    const { cluster } = this;
    if (member > cluster.members.length) return undefined;
    return member > 0 ? cluster.member(member) : (cluster.leader ?? cluster.members.find(({ isUp }) => isUp));
  }

  /** False: it could not take effect. */
  private carryOut(action: Action, target: SimMember): boolean {
    return (
      this.actOnProcess(action, target) ??
      this.actOnClock(action, target) ??
      actOnNetwork(this, action, target) ??
      actOnDisk(this, action, target) ??
      this.actOnClient(action)
    );
  }

  private actOnProcess(action: Action, target: SimMember): boolean | undefined {
    const { supervisor, world, cluster } = this;
    const { kind, forMs, amount } = action;
    switch (kind) {
      case 'kill':
      case 'power-loss':
        return supervisor.end(target, kind === 'power-loss', forMs);
      case 'kill-all':
      case 'power-loss-all':
        return cluster.members.map((member) => supervisor.end(member, kind === 'power-loss-all', forMs)).includes(true);
      case 'crash-at-boundary':
        if (!target.isUp) return false;
        target.crashIn = Math.ceil(amount);
        target.crashSilently = action.peer % 2 === 0;
        supervisor.downForMs.set(target.id, forMs);
        return true;
      case 'crash-loop':
        return supervisor.loop(target, Math.floor(amount), forMs);
      case 'stop':
        if (!target.isUp) return false;
        supervisor.downForMs.set(target.id, forMs);
        target.stop(forMs);
        return true;
      case 'pause':
      case 'stall':
        target.process?.hold(world.time.nowMs + forMs);
        return target.isUp;
      case 'transfer': {
        const { replica, process } = target;
        process?.input(() => replica?.transfer(action.peer));
        return process !== undefined;
      }
      default:
        return undefined;
    }
  }

  private actOnClock({ kind, forMs, amount }: Action, target: SimMember): boolean | undefined {
    const { nowMs } = this.world.time;
    switch (kind) {
      case 'clock-jump':
        if (!target.isUp) return false;
        target.clock.jump(nowMs, amount);
        target.process?.clockChanged();
        return true;
      case 'clock-rate':
        if (!target.isUp) return false;
        this.setClock(target, amount);
        this.later(forMs, () => this.setClock(target, 1));
        return true;
      case 'wall-jump':
        target.clock.setWall(nowMs, amount, 1);
        return true;
      case 'wall-strobe':
        for (let atMs = 0, sign = 1; atMs < forMs; atMs += 50, sign = -sign) {
          this.later(atMs, () => target.clock.setWall(this.world.time.nowMs, amount * sign, 1 + sign / 2));
        }
        return true;
      default:
        return undefined;
    }
  }

  private setClock(target: SimMember, rate: number): void {
    target.clock.setRate(this.world.time.nowMs, rate);
    target.process?.clockChanged();
  }

  private actOnClient({ kind, peer, forMs }: Action): boolean {
    invariant(kind === 'client-cut' || kind === 'client-pause', 'every kind of fault is somebody’s');
    const { clients, world } = this;
    const victim = clients[peer % Math.max(clients.length, 1)];
    if (victim === undefined) return false;
    if (kind === 'client-pause') {
      victim.process.hold(world.time.nowMs + forMs);
      return true;
    }
    const name = `client-cut ${world.time.nowMs}`;
    world.network.block(name, (from, to) => from === victim.machine || to === victim.machine);
    this.later(forMs, () => world.network.block(name, undefined));
    return true;
  }
}

/** A failure may come this long after its cause. */
const aftermathMs = 15_000;
