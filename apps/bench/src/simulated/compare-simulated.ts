import { chanceKinds, createChance } from '@quorate/simulator';
import { detectorRows } from '../detectors/detector-study.ts';
import type { DetectorStudy } from '../result/detectors.ts';
import { measureCommitCost } from './commit-cost.ts';
import { electsWithout } from './elects-without.ts';
import { failoverTimes, measureFailover } from './failover-delay.ts';
import type { FailoverDelay, LeaderLoss } from './failover-delay.ts';
import { findingsOf } from './findings.ts';
import { commitDelays, compared, failoverOf, messagesOf, stalenessOf } from './predictions.ts';
import { heartbeatNetworks, heartbeatSenders, recordHeartbeats } from './heartbeats.ts';
import { measureRegions } from './region-latency.ts';
import { expectedLatencyMs, fiveRegions } from './regions.ts';
import { simulatedFormat } from './simulated-result.ts';
import type {
  CommitRow,
  Compared,
  ElectabilityRow,
  FailoverRow,
  PlacementRow,
  RemainderRow,
  SimulatedResult,
  Spread,
  StalenessRow,
} from './simulated-result.ts';
import { measureStaleness } from './staleness.ts';
import { rounded, valueBytes } from './trial.ts';
import { measureTail } from './uncommitted-tail.ts';
import { piggybackVariants, plainVariants, smallWriteQuorum, withoutPreVote } from './variants.ts';
import type { Variant } from './variants.ts';

/** What decides a comparison in virtual time: nothing else does. */
export interface SimulatedChoice {
  readonly version: string;
  readonly seed: number;
  /** Failovers of each kind. Default 10. */
  readonly failoverTrials?: number;
  /** Sizes of clusters. Default 3, 5 and 7. */
  readonly sizes?: readonly number[];
  /** For how long heartbeats are recorded over each network. Default 300. */
  readonly detectorSeconds?: number;
}

/** A comparison that is under way: says what comes next, and leaves its turn to others between two trials. */
export type Comparison<T> = Generator<string, T>;

/** Compares the protocols in virtual time. Equal choices give equal results, on every machine. */
export function* compareSimulated(choice: SimulatedChoice): Comparison<SimulatedResult> {
  const { version, seed, failoverTrials = 10, sizes = [3, 5, 7], detectorSeconds = 300 } = choice;
  const { electionTimeoutMs, heartbeatMs, finalizeWaitMs, delayMs } = failoverTimes;
  const measured = {
    commits: yield* commits(sizes, seed),
    failovers: yield* failovers(sizes, seed, failoverTrials),
    regions: { ...fiveRegions, placements: yield* placements(seed) },
    staleness: yield* staleness(seed),
    remainders: yield* remainders(seed),
    electability: yield* electability(seed),
    detectors: yield* detectors(seed, detectorSeconds),
  };
  return {
    format: simulatedFormat,
    version,
    seed,
    settings: { valueBytes, failoverTrials, electionTimeoutMs, heartbeatMs, finalizeWaitMs, delayMs },
    ...measured,
    findings: findingsOf(measured),
  };
}

function* commits(sizes: readonly number[], seed: number): Comparison<readonly CommitRow[]> {
  const rows: CommitRow[] = [];
  for (const variant of [...plainVariants, ...piggybackVariants]) {
    for (const voters of sizes) {
      yield `a commit of ${nameOf(variant)}, ${voters} members`;
      for (const together of [1, 10]) {
        const cost = measureCommitCost(variant, voters, seed, { rounds: 10, together });
        rows.push({
          ...labelOf(variant),
          voters,
          together,
          messagesByKind: cost.messages,
          messages: compared(cost.messagesInAll, messagesOf(variant, voters, together)),
          bytes: cost.bytes,
          syncsPerMember: compared(cost.syncsPerMember, { least: 1 / together, most: 1 / together }),
          commitDelays: compared(cost.commitDelays, commitDelays),
        });
      }
    }
  }
  return rows;
}

function* failovers(sizes: readonly number[], seed: number, trials: number): Comparison<readonly FailoverRow[]> {
  const rows: FailoverRow[] = [];
  for (const loss of ['killed', 'power lost'] as const) {
    for (const variant of [...plainVariants, withoutPreVote]) {
      for (const voters of sizes) {
        const found: FailoverDelay[] = [];
        for (let trial = 0; trial < trials; trial++) {
          yield `failover ${trial + 1} of ${trials} of ${nameOf(variant)}, ${voters} members, ${loss}`;
          found.push(measureFailover(variant, voters, seedOf(seed, trial), loss));
        }
        rows.push(failoverRow({ variant, voters, loss }, found));
      }
    }
  }
  return rows;
}

function failoverRow(
  { variant, voters, loss }: { readonly variant: Variant; readonly voters: number; readonly loss: LeaderLoss },
  found: readonly FailoverDelay[],
): FailoverRow {
  const prediction = failoverOf(variant);
  const median = (what: keyof typeof prediction): Compared =>
    compared(spreadOf(found.map((one) => one[what])).median, prediction[what]);
  return {
    ...labelOf(variant),
    voters,
    loss,
    detectMs: spreadOf(found.map(({ detectMs }) => detectMs)),
    elected: median('elected'),
    ready: median('ready'),
    settled: median('settled'),
    firstCommit: median('firstCommit'),
    firstCommand: median('firstCommand'),
    gapsMs: found.map(({ gapMs }) => gapMs).toSorted((a, b) => a - b),
  };
}

function* placements(seed: number): Comparison<readonly PlacementRow[]> {
  const rows: PlacementRow[] = [];
  for (const variant of [...plainVariants, smallWriteQuorum]) {
    yield `${nameOf(variant)} in five regions`;
    const writeQuorum = variant === smallWriteQuorum ? 2 : 3;
    for (const { leader, clientMs } of measureRegions(variant, fiveRegions, seed)) {
      const clients = fiveRegions.names.map((region, place) => ({
        region,
        measuredMs: clientMs[place] ?? Number.NaN,
        expectedMs: expectedLatencyMs(fiveRegions, place, leader, writeQuorum),
      }));
      rows.push({ ...labelOf(variant), leader: fiveRegions.names[leader] ?? '', clients });
    }
  }
  return rows;
}

function* staleness(seed: number): Comparison<readonly StalenessRow[]> {
  const rows: StalenessRow[] = [];
  for (const variant of [...plainVariants, ...piggybackVariants]) {
    yield `followers of ${nameOf(variant)}`;
    const { meanMs, mostMs } = measureStaleness(variant, 3, seed);
    const { mean, most } = stalenessOf(variant);
    rows.push({ ...labelOf(variant), meanMs: compared(meanMs, mean), mostMs: compared(mostMs, most) });
  }
  return rows;
}

function* remainders(seed: number): Comparison<readonly RemainderRow[]> {
  const rows: RemainderRow[] = [];
  for (const remainder of ['tail', 'lag'] as const) {
    for (const variant of plainVariants) {
      for (const bytes of [0, 16_000, 64_000, 256_000]) {
        yield `a ${remainder} of ${bytes} bytes in ${nameOf(variant)}`;
        rows.push({ ...labelOf(variant), remainder, bytes, ...measureTail(variant, remainder, bytes, seed) });
      }
    }
  }
  return rows;
}

function* electability(seed: number): Comparison<readonly ElectabilityRow[]> {
  const rows: ElectabilityRow[] = [];
  const voters = 5;
  for (const variant of [...plainVariants, smallWriteQuorum]) {
    for (const lost of [1, 2]) {
      yield `${nameOf(variant)} without ${lost} of ${voters}`;
      const alive = voters - lost;
      const elects = electsWithout(variant, voters, lost - 1, seed);
      rows.push({ ...labelOf(variant), voters, alive, elects, expected: alive >= (variant === smallWriteQuorum ? 4 : 3) });
    }
  }
  return rows;
}

function* detectors(seed: number, seconds: number): Comparison<DetectorStudy> {
  const rows = [];
  const chance = createChance(seed).stream(chanceKinds.workload);
  for (const network of heartbeatNetworks) {
    yield `heartbeats: ${network.name}`;
    for (const trace of recordHeartbeats(network, seconds, seed)) {
      yield `failure detectors: ${network.name}, one heartbeat in ${trace.intervalMs} ms`;
      rows.push(...detectorRows({ scenario: network.name, trace }, chance));
    }
  }
  return { seconds, peers: heartbeatSenders, load: 'nothing else', rows };
}

function labelOf({ protocol, option }: Variant): Pick<Variant, 'protocol' | 'option'> {
  return { protocol, option };
}

function nameOf({ protocol, option }: Variant): string {
  return option === '' ? protocol : `${protocol} (${option})`;
}

function seedOf(seed: number, trial: number): number {
  return (seed + trial) % Number.MAX_SAFE_INTEGER;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  const median = rounded((at(Math.floor(middle)) + at(Math.ceil(middle))) / 2);
  return { least: at(0), median, most: at(sorted.length - 1) };
}
