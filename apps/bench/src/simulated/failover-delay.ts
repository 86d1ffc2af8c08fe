import { createChance } from '@quorate/simulator';
import type { Observer, Scene } from '@quorate/simulator';
import { leaderOf, rounded, runTrial, submitPuts } from './trial.ts';
import type { Variant } from './variants.ts';

/** How a leader is lost. `killed`: its process ends, and its links with it. `power lost`: nothing of it is heard any more. */
export type LeaderLoss = 'killed' | 'power lost';

/** One failover. The times from `elected` on are in delays of one message, from the moment at which the next leader suspected the old one. */
export interface FailoverDelay {
  /** Milliseconds from the loss until the next leader suspected it. */
  readonly detectMs: number;
  readonly elected: number;
  readonly ready: number;
  readonly settled: number;
  /** The first entry of its own is committed at the leader: the no-op of its term, or the command. */
  readonly firstCommit: number;
  /** A command that was submitted at `ready` is applied at the leader. */
  readonly firstCommand: number;
  /** Milliseconds from the loss until that command was applied: how long nothing could be written. */
  readonly gapMs: number;
}

/** What a failover is measured with: the defaults of all protocols, and messages that take a millisecond. */
export const failoverTimes = { electionTimeoutMs: 1000, heartbeatMs: 100, delayMs: 1, finalizeWaitMs: 200 } as const;

const failMs = 4000;
const lengthMs = 12_000;
/** Nobody starts the old leader again while its successor is watched. */
const foreverMs = 1e9;

/** Ends a settled leader, and follows its successor. */
export function measureFailover(variant: Variant, voters: number, seed = 1, loss: LeaderLoss = 'killed'): FailoverDelay {
  const meter = new FailoverMeter(loss);
  const { electionTimeoutMs, heartbeatMs, delayMs } = failoverTimes;
  const script = (scene: Scene): void => meter.begin(scene, seed);
  runTrial({ variant, voters, seed, electionTimeoutMs, heartbeatMs, delayMs, lengthMs, script, observer: meter.observer });
  return meter.found();
}

class FailoverMeter {
  private readonly loss: LeaderLoss;
  private scene: Scene | undefined;
  private lostMs = 0;
  private suspectedMs = 0;
  private leader = 0;
  private readonly seen = new Map<string, number>();

  constructor(loss: LeaderLoss) {
    this.loss = loss;
  }

  readonly observer: Observer = {
    drained: (member, { role }) => {
      if (this.lostMs === 0 || role?.role !== 'leader' || this.scene === undefined) return;
      const { time } = this.scene.world;
      if (role.ready && this.leader === 0) {
        this.leader = member.id;
        this.suspectedMs = time.nowMs - (role.readyAt - role.suspectedAt);
        this.seen.set('elected', (role.electedAt - role.suspectedAt) / failoverTimes.delayMs);
        this.note('ready');
        const { cluster } = this.scene;
        time.at(time.nowMs, () => submitPuts(cluster.member(member.id), [1]));
      }
      if (member.id === this.leader && role.settled) this.note('settled');
    },
    committed: (member) => {
      if (member.id === this.leader) this.note('firstCommit');
    },
    applied: (member) => {
      if (member.id === this.leader) this.note('firstCommand');
    },
  };

  // The phase of the heartbeats in which the loss falls is chance, too.
  begin(scene: Scene, seed: number): void {
    this.scene = scene;
    const { time } = scene.world;
    const phase = createChance(seed).draw(0, 1) * failoverTimes.heartbeatMs;
    time.at(failMs + phase, () => {
      this.lostMs = time.nowMs;
      scene.nemesis.supervisor.end(leaderOf(scene), this.loss === 'power lost', foreverMs);
    });
  }

  found(): FailoverDelay {
    if (this.leader === 0) throw new Error('no leader followed');
    const read = (what: string): number => {
      const value = this.seen.get(what);
      if (value === undefined) throw new Error(`the next leader never came to this: ${what}`);
      return rounded(value);
    };
    const detectMs = rounded(this.suspectedMs - this.lostMs);
    const firstCommand = read('firstCommand');
    return {
      detectMs,
      elected: read('elected'),
      ready: read('ready'),
      settled: read('settled'),
      firstCommit: read('firstCommit'),
      firstCommand,
      gapMs: rounded(detectMs + firstCommand * failoverTimes.delayMs),
    };
  }

  private note(what: string): void {
    if (this.scene === undefined || this.seen.has(what)) return;
    this.seen.set(what, (this.scene.world.time.nowMs - this.suspectedMs) / failoverTimes.delayMs);
  }
}
