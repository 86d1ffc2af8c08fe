import type { MemberId } from '@quorate/interface';
import type { ReplicaLimits } from '@quorate/replica';
import { chanceKinds } from '../chance.ts';
import type { Chance } from '../chance.ts';
import { calmNetwork } from '../network/network-faults.ts';
import type { NetworkFaults } from '../network/network-faults.ts';
import type { Distances } from '../network/sim-network.ts';
import type { LoopShape } from '../process.ts';
import { drawActions } from './draw-actions.ts';
import { faultKinds } from './action.ts';
import type { Action, FaultKind } from './action.ts';

/** Everything that a seed decides, as plain data: a run is a function of its plan, and a shrinker makes plans smaller. */
export interface Plan {
  readonly seed: number;
  readonly voters: number;
  readonly learners: number;
  readonly delivery: 'fifo' | 'datagram';
  /** Messages go through the real codec; else they are handed over as they are, which is quicker. */
  readonly realCodec: boolean;
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Uniform in [0, 1): the protocol draws its own options from it. */
  readonly variant: number;
  readonly snapshotCount: number;
  readonly segmentBytes: number;
  readonly limits: Partial<ReplicaLimits>;
  readonly loop: LoopShape;
  readonly network: NetworkFaults;
  /** Members that are not equally far from each other: what a frame needs from one to another beside the network's delay, milliseconds. */
  readonly distancesMs?: Distances;
  readonly idleMs: number;
  readonly queueBytes: number;
  readonly disk: DiskPlan;
  readonly workload: WorkloadPlan;
  /** Faults happen up to here; then everything heals, and the cluster has to be live. */
  readonly chaosMs: number;
  /** Members whose disk may be spoiled for good; at least a majority stays whole. */
  readonly atlas: readonly MemberId[];
  /** True: a majority is wiped at the end of the chaos, and the rest has to halt safely. */
  readonly wipesMajority: boolean;
  readonly enabled: readonly FaultKind[];
  readonly actions: readonly Action[];
}

/** How the disks of a world are when nothing is wrong with them. */
export interface DiskPlan {
  readonly sectorBytes: 512 | 4096;
  /** Milliseconds that a write and a sync take; 0: they complete within the call. */
  readonly writeMs: number;
  readonly syncMs: number;
  /** Probability that a sector which a power loss interrupts is new in front and old behind. */
  readonly tornSectors: number;
}

/** What the clients of a world do. */
export interface WorkloadPlan {
  readonly clients: number;
  readonly operationsPerSecond: number;
  readonly keys: number;
}

/** What a caller fixes, whatever the seed says. */
export interface PlanChoice {
  readonly seed: number;
  readonly chaosMs: number;
  /** `datagram` links are numbered then. */
  readonly needsFifo: boolean;
  /** The reference load of a benchmark, without faults. */
  readonly calm?: boolean;
}

const memberCounts = [3, 5, 3, 5, 7, 3, 1, 2, 4, 5, 3, 6] as const;

/** Draws a plan: each seed has its own subset of faults and its own small limits (swarm testing: Groce and others, ISSTA 2012). */
export function drawPlan(chance: Chance, choice: PlanChoice): Plan {
  const next = chance.stream(chanceKinds.plan);
  const voters = pick(memberCounts, next());
  const learners = voters < 6 && next() < 0.2 ? 1 : 0;
  const delivery = drawDelivery(chance, choice, next);
  const electionTimeoutMs = pick([150, 150, 300, 600], next());
  const enabled = faultKinds.filter(() => next() < 0.3);
  const atlas = drawAtlas(voters, next);
  const wipesMajority = next() < 0.02 && voters > 2;
  const base = {
    seed: choice.seed,
    voters,
    learners,
    delivery,
    realCodec: next() < 0.35,
    electionTimeoutMs,
    heartbeatMs: electionTimeoutMs / pick([3, 5, 10], next()),
    variant: next(),
    snapshotCount: Math.floor(5 + next() * (next() < 0.7 ? 45 : 2000)),
    segmentBytes: pick([4096, 8192, 16_384, 65_536], next()),
    limits: drawLimits(next),
    loop: drawLoop(next),
    network: drawNetwork(electionTimeoutMs, next),
    idleMs: pick([500, 1000, 2000, 5000], next()),
    queueBytes: next() < 0.2 ? 262_144 : 4_194_304,
    disk: drawDisk(next),
    workload: {
      clients: 2 + Math.floor(next() * 6),
      operationsPerSecond: pick([20, 50, 100, 200], next()),
      keys: pick([3, 5, 10, 30], next()),
    },
    chaosMs: choice.chaosMs,
    atlas,
    wipesMajority,
    enabled,
  } as const;
  return { ...base, actions: drawActions(chance, base) };
}

/** The same whatever the seed: what the speed of a simulator is measured with. */
export function referencePlan(seed: number, chaosMs: number): Plan {
  return {
    seed,
    voters: 5,
    learners: 0,
    delivery: 'fifo',
    realCodec: seed % 4 === 0,
    electionTimeoutMs: 150,
    heartbeatMs: 50,
    variant: 0,
    snapshotCount: 1000,
    segmentBytes: 65_536,
    limits: {},
    loop: { inputsPerTurn: 64, turnMs: 0.1, lookMs: 0 },
    network: { ...calmNetwork(), delayMs: 0.25, jitterMs: 0.05 },
    idleMs: 2000,
    queueBytes: 4_194_304,
    disk: { sectorBytes: 512, writeMs: 0, syncMs: 0.5, tornSectors: 0 },
    workload: { clients: 8, operationsPerSecond: 100, keys: 50 },
    chaosMs,
    atlas: [],
    wipesMajority: false,
    enabled: [],
    actions: [],
  };
}

// Protocols that need their links in order and complete have a draw of its own, and numbered links where it says `datagram`.
function drawDelivery(chance: Chance, { needsFifo }: PlanChoice, next: () => number): Plan['delivery'] {
  const isDatagram = needsFifo ? chance.draw(chanceKinds.plan, 13) < 0.25 : next() < 0.4;
  return isDatagram ? 'datagram' : 'fifo';
}

function drawAtlas(voters: number, next: () => number): readonly MemberId[] {
  const most = Math.floor((voters - 1) / 2);
  const members = Array.from({ length: voters }, (_, place) => place + 1);
  const chosen: MemberId[] = [];
  for (let count = 0; count < most; count++) chosen.push(...members.splice(Math.floor(next() * members.length), 1));
  return chosen;
}

function drawLimits(next: () => number): Partial<ReplicaLimits> {
  const small = next() < 0.7;
  const windowMessages = 1 + Math.floor(next() * 4);
  const core = {
    uncommittedBytes: 65_536,
    windowBytes: pick([2048, 8192, 65_536], next()),
    windowMessages,
    memoryBytes: pick([0, 512, 4096, 65_536], next()),
    messageBytes: pick([256, 2048, 16_384], next()),
    tailBytes: pick([0, 256, 4096], next()),
  };
  const chunks = { snapshotChunkBytes: pick([64, 512, 4096], next()), snapshotPatienceMs: pick([200, 1000], next()) };
  return { snapshotGrowthBytes: 0, retryMs: 20, ...(small ? { core, ...chunks } : {}) };
}

function drawLoop(next: () => number): LoopShape {
  return {
    inputsPerTurn: pick([1, 2, 8, 64], next()),
    turnMs: pick([0, 0, 0.1, 1], next()),
    lookMs: pick([0, 0, 0, 0.01, 0.1], next()),
  };
}

function drawNetwork(electionTimeoutMs: number, next: () => number): NetworkFaults {
  const jitterMs = pick([0.1, 0.5, 2, electionTimeoutMs / 50], next());
  return { ...calmNetwork(), delayMs: pick([0.05, 0.5, 2], next()), jitterMs };
}

function drawDisk(next: () => number): DiskPlan {
  // A write ends in the page cache within its call, mostly; a sync seldom does.
  const inline = next() < 0.25;
  const cached = next() < 0.5;
  return {
    sectorBytes: next() < 0.5 ? 512 : 4096,
    writeMs: inline || cached ? 0 : 0.05,
    syncMs: inline ? 0 : pick([0.2, 1, 5], next()),
    tornSectors: next() < 0.5 ? 0.3 : 0,
  };
}

/** One of several, by a draw. */
export function pick<T>(items: readonly T[], draw: number): T {
  return items[Math.floor(draw * items.length)] as T;
}
