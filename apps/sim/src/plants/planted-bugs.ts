import { commitGate } from './commit-gate.ts';
import { doubleVote } from './double-vote.ts';
import { durableEarly } from './durable-early.ts';
import { forgottenCommand } from './forgotten-command.ts';
import { hastyRead } from './hasty-read.ts';
import { keptTail } from './kept-tail.ts';
import { lockModePlants } from './lock-mode-plants.ts';
import { lockPlants } from './lock-plants.ts';
import { lostFrame } from './lost-frame.ts';
import type { Plant } from './plant.ts';
import { sendGates } from './send-gates.ts';
import { kvUnderTest } from '../services.ts';
import { swappedFrames } from './swapped-frames.ts';

/** All of them: a run plants one, and is void unless it finds it. */
export const plantedBugs: readonly Plant[] = [
  durableEarly,
  sendGates,
  commitGate,
  lostFrame,
  swappedFrames,
  forgottenCommand,
  hastyRead,
  keptTail,
  doubleVote,
  ...lockPlants,
  ...lockModePlants,
];

/** Those that are bugs of a service under a protocol. */
export function plantsUnder(protocol: string, workload: string): readonly Plant[] {
  return plantedBugs.filter(
    ({ workload: spoils = kvUnderTest.name, harmlessUnder = [] }) => spoils === workload && !harmlessUnder.includes(protocol),
  );
}

/** The one that a run plants that begins with this seed. */
export function plantFor(protocol: string, workload: string, firstSeed: number): Plant {
  const plants = plantsUnder(protocol, workload);
  return plants[firstSeed % plants.length] as Plant;
}

/** One by its name. */
export function plantNamed(name: string): Plant | undefined {
  return plantedBugs.find((plant) => plant.name === name);
}
