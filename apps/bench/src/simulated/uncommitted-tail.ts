import type { Observer, Scene } from '@quorate/simulator';
import { leaderOf, rounded, runTrial, submitPuts } from './trial.ts';
import type { Variant } from './variants.ts';

/** What it took to make a leader where something was left behind. */
export interface TailFailover {
  /** Bytes of all frames between members, from the suspicion until the next leader may propose. */
  readonly bytesBeforeReady: number;
  /** Milliseconds between the two. */
  readonly readyMs: number;
}

/** `tail`: all followers hold the commands, and nothing of it is committed. `lag`: it is committed, and one of the members that are left lacks it. */
export type Remainder = 'tail' | 'lag';

const times = { electionTimeoutMs: 1000, heartbeatMs: 100 } as const;
const delayMs = 1;
/** Bytes per millisecond: what is moved takes its time. */
const bandwidth = 1000;
const beginMs = 6000;
const foreverMs = 1e9;
const commandBytes = 1000;

/** Leaves `bytes` of commands behind, ends the leader, and follows its successor. */
export function measureTail(variant: Variant, remainder: Remainder, bytes: number, seed: number): TailFailover {
  const meter = new TailMeter(remainder, Math.round(bytes / commandBytes));
  runTrial({
    variant,
    voters: 3,
    seed,
    ...times,
    delayMs,
    bandwidth,
    lengthMs: 20_000,
    script: (scene) => meter.begin(scene),
    observer: meter.observer,
  });
  return meter.found();
}

class TailMeter {
  private readonly remainder: Remainder;
  private readonly commands: number;
  private scene: Scene | undefined;
  private result: TailFailover | undefined;
  private lostMs = 0;
  /** Bytes that had been sent at each moment since the loss. */
  private readonly sent: { readonly atMs: number; readonly bytes: number }[] = [];

  constructor(remainder: Remainder, commands: number) {
    this.remainder = remainder;
    this.commands = commands;
  }

  readonly observer: Observer = {
    drained: (_member, { role }) => {
      if (this.scene === undefined || this.lostMs === 0 || this.result !== undefined) return;
      const { time, network } = this.scene.world;
      // Before the frames of this turn are sent.
      this.sent.push({ atMs: time.nowMs, bytes: network.counters.bytes });
      if (role?.role !== 'leader' || !role.ready) return;
      const suspectedMs = time.nowMs - (role.readyAt - role.suspectedAt);
      const before = this.sent.find(({ atMs }) => atMs >= suspectedMs - 1e-6)?.bytes ?? network.counters.bytes;
      this.result = { bytesBeforeReady: network.counters.bytes - before, readyMs: rounded(time.nowMs - suspectedMs) };
    },
  };

  begin(scene: Scene): void {
    this.scene = scene;
    const { time } = scene.world;
    time.at(beginMs, () => (this.remainder === 'tail' ? this.leaveTail(scene) : this.leaveLag(scene)));
  }

  found(): TailFailover {
    if (this.result === undefined) throw new Error('no leader followed');
    return this.result;
  }

  /** Followers get everything, and their answers get lost. */
  private leaveTail(scene: Scene): void {
    const { time, network } = scene.world;
    const leader = leaderOf(scene);
    network.block('answers', (_from, to) => to === leader.id);
    this.submit(scene);
    const arrivedMs = (this.commands * commandBytes * 1.1) / bandwidth + 5 * delayMs;
    time.at(time.nowMs + arrivedMs, () => {
      this.lose(scene);
      network.heal();
    });
  }

  /** One follower is down meanwhile, and comes back when the leader is lost. */
  private leaveLag(scene: Scene): void {
    const { time } = scene.world;
    const { supervisor } = scene.nemesis;
    const leader = leaderOf(scene);
    const absent = scene.cluster.members.find(({ id }) => id !== leader.id);
    if (absent === undefined) throw new Error('a cluster has followers');
    supervisor.end(absent, false, foreverMs);
    this.submit(scene);
    const arrivedMs = (this.commands * commandBytes * 1.1) / bandwidth + 5 * delayMs;
    time.at(time.nowMs + arrivedMs, () => {
      this.lose(scene);
      supervisor.startIn(absent, 0);
    });
  }

  private submit(scene: Scene): void {
    const numbers = Array.from({ length: this.commands }, (_, place) => place);
    submitPuts(leaderOf(scene), numbers, { bytes: commandBytes, mayFail: true });
  }

  private lose(scene: Scene): void {
    this.lostMs = scene.world.time.nowMs;
    scene.nemesis.supervisor.end(leaderOf(scene), false, foreverMs);
  }
}
