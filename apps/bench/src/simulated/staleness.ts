import { createChance } from '@quorate/simulator';
import type { Observer, Scene } from '@quorate/simulator';
import { leaderOf, rounded, runTrial, submitPuts } from './trial.ts';
import type { Variant } from './variants.ts';

/** How long after a commit at the leader its followers apply it, at so low a load that nothing follows that could carry the notice. */
export interface Staleness {
  readonly meanMs: number;
  readonly mostMs: number;
}

/** The heartbeat carries what waits for a message to ride on. */
export const stalenessTimes = { electionTimeoutMs: 1000, heartbeatMs: 100, delayMs: 1 } as const;

const commands = 50;
const restMs = 1000;
/** Several heartbeats. */
const apartMs = 500;

/** Commands come one at a time, at random phases of the heartbeats. */
export function measureStaleness(variant: Variant, voters: number, seed: number): Staleness {
  const chance = createChance(seed);
  const lagsMs: number[] = [];
  let scene: Scene | undefined;
  let begun = false;
  let committedMs = 0;
  const begin = (here: Scene): void => {
    begun = true;
    const { time } = here.world;
    for (let number = 0; number < commands; number++) {
      const atMs = time.nowMs + restMs + number * apartMs + chance.draw(0, number) * stalenessTimes.heartbeatMs;
      time.at(atMs, () => submitPuts(leaderOf(here), [number]));
    }
  };
  const observer: Observer = {
    drained: (_member, { role }) => {
      if (scene !== undefined && !begun && role?.role === 'leader' && role.settled) begin(scene);
    },
    committed: (member) => {
      if (scene !== undefined && member.role?.role === 'leader') committedMs = scene.world.time.nowMs;
    },
    applied: (member) => {
      if (scene !== undefined && member.role?.role !== 'leader') lagsMs.push(scene.world.time.nowMs - committedMs);
    },
  };
  const { delayMs, ...times } = stalenessTimes;
  const script = (of: Scene): void => void (scene = of);
  runTrial({ variant, voters, seed, ...times, delayMs, lengthMs: 40_000, script, observer });
  if (lagsMs.length !== commands * (voters - 1)) throw new Error(`${lagsMs.length} commands were applied by followers`);
  const sum = lagsMs.reduce((total, one) => total + one, 0);
  return { meanMs: rounded(sum / lagsMs.length), mostMs: rounded(Math.max(...lagsMs)) };
}
