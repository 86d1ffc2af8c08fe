import { invariant } from '@quorate/interface';
import type { Violation } from '@quorate/simulator';
import { nodeCrc32 } from '../node-crc32.ts';
import type { ProtocolUnderTest } from '../protocols.ts';
import { planOf, runSeed } from '../run-seed.ts';
import { kvUnderTest, serviceNamed } from '../services.ts';
import type { Plant } from './plant.ts';

/** What became of a planted bug. */
export interface HuntReport {
  readonly plant: string;
  readonly text: string;
  /** The violation that gave it away; undefined: nobody noticed, and the whole run proves nothing. */
  readonly found: Violation | undefined;
  readonly seed: number;
  readonly runs: number;
}

/** Looks for a planted bug in its own side clusters, until it is found. */
export function hunt(protocol: ProtocolUnderTest, plant: Plant): HuntReport {
  const service = serviceNamed(plant.workload ?? kvUnderTest.name);
  invariant(service !== undefined, 'a plant spoils a known service');
  let runs = 0;
  for (const seed of plant.seeds) {
    runs += 1;
    const plan = plant.change(planOf(protocol, seed, plant.seconds));
    const found = runSeed({ protocol, service, plan, plants: plant.plants(), crc32: nodeCrc32 }).violations[0];
    if (found !== undefined) return { plant: plant.name, text: plant.text, found, seed, runs };
  }
  return { plant: plant.name, text: plant.text, found: undefined, seed: plant.seeds[0] ?? 0, runs };
}
