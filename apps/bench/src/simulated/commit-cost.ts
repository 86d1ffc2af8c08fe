import type { Effects } from '@quorate/interface';
import type { Observer, Scene } from '@quorate/simulator';
import { leaderOf, rounded, runTrial, submitPuts } from './trial.ts';
import type { Variant } from './variants.ts';

/** What commands cost a cluster while nothing else happens. */
export interface CommitCost {
  /** Messages of the protocol per command, by kind. */
  readonly messages: Readonly<Record<string, number>>;
  readonly messagesInAll: number;
  /** Bytes of frames between members per command. */
  readonly bytes: number;
  /** Batches that were synced, per command and member. */
  readonly syncsPerMember: number;
  /** Message delays from the leader's first look at a command until it is committed there. */
  readonly commitDelays: number;
}

/** How commands come: `rounds` times, `together` of them in one turn of the leader. */
interface Load {
  readonly rounds: number;
  readonly together: number;
}

/** One command at a time. */
const lone: Load = { rounds: 10, together: 1 };

// No heartbeat and no timeout falls into a measurement: there is nothing to subtract.
const quiet = { electionTimeoutMs: 20_000, heartbeatMs: 9000 } as const;
const delayMs = 10;
/** After the leader has settled; the measurement is over before the next heartbeat. */
const restMs = 1000;
/** Far more than all messages of a command take one after the other. */
const apartMs = 100;

/** Counts what commands cost in a cluster of `voters` whose leader has settled. */
export function measureCommitCost(variant: Variant, voters: number, seed = 1, load: Load = lone): CommitCost {
  const meter = new CostMeter(load);
  runTrial({
    variant,
    voters,
    seed,
    ...quiet,
    delayMs,
    lengthMs: 60_000,
    script: (scene) => (meter.scene = scene),
    observer: meter.observer,
  });
  return meter.costFor(voters);
}

class CostMeter {
  scene: Scene | undefined;
  private readonly load: Load;
  private readonly messages: Record<string, number> = {};
  private syncs = 0;
  private bytes = 0;
  private begun = false;
  private counting = false;
  private submittedMs = 0;
  private delays = 0;
  private commits = 0;

  constructor(load: Load) {
    this.load = load;
  }

  readonly observer: Observer = {
    drained: (_member, effects) => {
      if (this.counting) this.count(effects);
      if (effects.role?.role === 'leader' && effects.role.settled) this.begin();
    },
    appended: () => {
      if (this.counting) this.syncs += 1;
    },
    committed: (member) => {
      if (!this.counting || this.scene === undefined || member.role?.role !== 'leader') return;
      this.delays += (this.scene.world.time.nowMs - this.submittedMs) / delayMs;
      this.commits += 1;
    },
  };

  costFor(voters: number): CommitCost {
    const { rounds, together } = this.load;
    if (this.commits !== rounds) throw new Error(`${this.commits} of ${rounds} rounds were committed`);
    const perCommand = (sum: number): number => rounded(sum / (rounds * together));
    const byType = Object.entries(this.messages).map(([type, sum]) => [type, perCommand(sum)] as const);
    return {
      messages: Object.fromEntries(byType),
      messagesInAll: perCommand(Object.values(this.messages).reduce((sum, one) => sum + one, 0)),
      bytes: perCommand(this.bytes),
      syncsPerMember: rounded(this.syncs / (rounds * together) / voters),
      commitDelays: rounded(this.delays / this.commits),
    };
  }

  private begin(): void {
    const { scene, load } = this;
    if (this.begun || scene === undefined) return;
    this.begun = true;
    const { time, network } = scene.world;
    const firstMs = time.nowMs + restMs;
    let bytesBefore = 0;
    time.at(firstMs - 1, () => {
      this.counting = true;
      bytesBefore = network.counters.bytes;
    });
    for (let round = 0; round < load.rounds; round++) {
      const numbers = Array.from({ length: load.together }, (_, place) => round * load.together + place);
      time.at(firstMs + round * apartMs, () => {
        this.submittedMs = time.nowMs;
        submitPuts(leaderOf(scene), numbers);
      });
    }
    time.at(firstMs + load.rounds * apartMs, () => {
      this.counting = false;
      this.bytes = network.counters.bytes - bytesBefore;
    });
  }

  private count({ sends }: Effects<unknown>): void {
    for (const { links, message } of sends) {
      // All cores name what a message is in this field.
      const { kind } = message as { readonly kind: string };
      this.messages[kind] = (this.messages[kind] ?? 0) + links.length;
    }
  }
}
