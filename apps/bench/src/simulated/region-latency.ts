import type { Observer, Scene } from '@quorate/simulator';
import type { Regions } from './regions.ts';
import { leaderOf, rounded, runTrial, submitPuts } from './trial.ts';
import type { Variant } from './variants.ts';

/** What clients wait while one region leads. */
export interface PlacementLatency {
  readonly leader: number;
  /** By region of the client, in the order of the regions: the slowest of its commands, milliseconds. */
  readonly clientMs: readonly number[];
}

const times = { electionTimeoutMs: 3000, heartbeatMs: 1000 } as const;
const restMs = 1500;
/** Far more than all messages of a command take one after the other. */
const apartMs = 600;
const commandsEach = 2;
const lengthMs = 16_000;
/** Seeds that are tried until the wanted region leads. */
const mostTries = 100;

/** Lets each region lead in turn, and gives what clients of all regions wait: each asks the member of its own region. */
export function measureRegions(variant: Variant, regions: Regions, seed: number): readonly PlacementLatency[] {
  return regions.names.map((_, leader) => measurePlacement(variant, regions, leader, seed));
}

/**
 * Nobody can tell a protocol who has to lead. But who leads depends little on the distances: the wanted region is given to the member that
 * led the last time, until it leads.
 */
function measurePlacement(variant: Variant, regions: Regions, wanted: number, seed: number): PlacementLatency {
  const count = regions.names.length;
  let place = count - 1;
  for (let tries = 0; tries < mostTries; tries++) {
    const homes = Array.from({ length: count }, (_, member) => (wanted + member - place + count) % count);
    const found = measureHomes(variant, regions, homes, { wanted, seed: seed + tries });
    if (found.clientMs !== undefined) return { leader: wanted, clientMs: found.clientMs };
    place = found.leaderPlace;
  }
  throw new Error(`${variant.protocol}: ${regions.names[wanted]} led in none of ${mostTries} clusters`);
}

interface Found {
  readonly leaderPlace: number;
  /** Undefined where another region led, or the right one too late. */
  readonly clientMs: readonly number[] | undefined;
}

function measureHomes(
  variant: Variant,
  { roundTripsMs }: Regions,
  homes: readonly number[],
  { wanted, seed }: { readonly wanted: number; readonly seed: number },
): Found {
  const distancesMs = homes.map((from) => homes.map((to) => (roundTripsMs[from]?.[to] ?? 0) / 2));
  const slowestMs = homes.map(() => 0);
  let scene: Scene | undefined;
  let leaderPlace = -1;
  let answers = 0;
  let begun = false;
  const begin = (here: Scene): void => {
    const { time } = here.world;
    leaderPlace = leaderOf(here).id - 1;
    const endMs = time.nowMs + restMs + homes.length * commandsEach * apartMs;
    if (homes[leaderPlace] !== wanted || endMs > lengthMs) return;
    begun = true;
    for (let number = 0; number < homes.length * commandsEach; number++) {
      const place = number % homes.length;
      const home = homes[place] ?? 0;
      const atMs = time.nowMs + restMs + number * apartMs;
      const answered = (): void => {
        answers += 1;
        slowestMs[home] = Math.max(slowestMs[home] ?? 0, rounded(time.nowMs - atMs));
      };
      time.at(atMs, () => submitPuts(here.cluster.member(place + 1), [number], { answered }));
    }
  };
  const observer: Observer = {
    drained: (_member, { role }) => {
      if (scene === undefined || role?.role !== 'leader' || !role.settled || leaderPlace >= 0) return;
      begin(scene);
    },
  };
  const script = (of: Scene): void => void (scene = of);
  runTrial({ variant, voters: homes.length, seed, ...times, delayMs: 0, distancesMs, lengthMs, script, observer });
  if (!begun) return { leaderPlace, clientMs: undefined };
  if (answers !== homes.length * commandsEach) throw new Error(`only ${answers} commands were answered`);
  return { leaderPlace, clientMs: slowestMs };
}
