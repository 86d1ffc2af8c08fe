import type { MemberId } from '@quorate/interface';
import type { SimCluster } from '../cluster/sim-cluster.ts';
import type { SimMember } from '../cluster/sim-member.ts';
import type { Observer, ProcessEnd } from '../evidence/observer.ts';
import type { World } from '../world.ts';

const restartMs = 200;

/** Starts members, and starts them again when they ended: what systemd is on a real machine. */
export class Supervisor {
  /** How long a member stays down the next time that it ends. */
  readonly downForMs: Map<MemberId, number> = new Map();
  /** Members that nobody starts any more. */
  readonly retired: Set<MemberId> = new Set();
  private readonly world: World;
  private readonly cluster: SimCluster;
  /** Crashes that are still due in a crash loop. */
  private readonly loops = new Map<MemberId, { left: number; readonly everyMs: number }>();

  constructor(world: World, cluster: SimCluster) {
    this.world = world;
    this.cluster = cluster;
  }

  get observer(): Observer {
    return { ended: (record, end) => this.ended(this.cluster.member(record.id), end) };
  }

  startAll(): void {
    for (const member of this.cluster.members) this.startIn(member, (member.id % 3) * 15);
  }

  /** Ends a process from outside; it is started again after a while. */
  end(member: SimMember, silently: boolean, downForMs: number): boolean {
    if (!member.isUp) return false;
    this.downForMs.set(member.id, downForMs);
    member.kill(silently);
    return true;
  }

  loop(member: SimMember, times: number, everyMs: number): boolean {
    if (!member.isUp) return false;
    this.loops.set(member.id, { left: times, everyMs });
    return this.end(member, false, restartMs / 2);
  }

  /** Nobody waits for it any more. */
  retire(member: SimMember): void {
    this.retired.add(member.id);
    member.kill(false);
  }

  startIn(member: SimMember, afterMs: number): void {
    const { time } = this.world;
    time.at(time.nowMs + afterMs, () => {
      if (member.isUp || this.retired.has(member.id)) return;
      member.start();
      const loop = this.loops.get(member.id);
      if (loop === undefined || loop.left <= 0) return;
      loop.left -= 1;
      const { lives } = member.record;
      time.at(time.nowMs + loop.everyMs, () => {
        if (member.record.lives === lives) this.end(member, false, restartMs / 2);
      });
    });
  }

  private ended(member: SimMember, end: ProcessEnd): void {
    const afterMs = this.downForMs.get(member.id) ?? restartMs;
    this.downForMs.delete(member.id);
    // A disk that was spoiled stays refused: an operator would replace the member.
    if (end.how === 'exit' && (end.exit === 65 || end.exit === 70) && member.record.damaged) this.retired.add(member.id);
    this.startIn(member, afterMs);
  }
}
