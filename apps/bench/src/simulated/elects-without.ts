import type { Observer, Scene } from '@quorate/simulator';
import { leaderOf, runTrial } from './trial.ts';
import type { Variant } from './variants.ts';

const times = { electionTimeoutMs: 1000, heartbeatMs: 100 } as const;
const loseMs = 8000;
const foreverMs = 1e9;

/** Ends the leader and `alsoLost` followers; true: within ten election timeouts those who are left have a leader that may propose. */
export function electsWithout(variant: Variant, voters: number, alsoLost: number, seed: number): boolean {
  let watching = false;
  let elected = false;
  const observer: Observer = {
    drained: (_member, { role }) => {
      if (watching && role?.role === 'leader' && role.ready) elected = true;
    },
  };
  const lengthMs = loseMs + 10 * times.electionTimeoutMs;
  const script = (scene: Scene): void => {
    const { cluster, nemesis, world } = scene;
    world.time.at(loseMs, () => {
      const leader = leaderOf(scene);
      const followers = cluster.members.filter(({ id }) => id !== leader.id).slice(0, alsoLost);
      watching = true;
      for (const member of [leader, ...followers]) nemesis.supervisor.end(member, false, foreverMs);
    });
    // Behind its length a trial starts everybody again.
    world.time.at(lengthMs, () => (watching = false));
  };
  runTrial({ variant, voters, seed, ...times, delayMs: 1, lengthMs, script, observer, mayStall: true });
  return elected;
}
