import type { Crc32, MemberId } from '@quorate/interface';
import type { Assembly, Plants } from './cluster/assembly.ts';
import { SimCluster } from './cluster/sim-cluster.ts';
import { diskEventKinds, noDiskCounts } from './disk/disk-events.ts';
import type { DiskCounts } from './disk/disk-events.ts';
import { SimMedium } from './disk/sim-medium.ts';
import type { Violation } from './evidence/ledger.ts';
import type { Observer } from './evidence/observer.ts';
import { Nemesis } from './faults/nemesis.ts';
import type { FaultKind } from './faults/action.ts';
import type { Plan } from './faults/plan.ts';
import { appliedDurably } from './invariants/applied-durably.ts';
import { ballotSafety } from './invariants/ballot-safety.ts';
import { configurationSafety } from './invariants/configuration-safety.ts';
import { exactlyOnce } from './invariants/exactly-once.ts';
import { failStop } from './invariants/fail-stop.ts';
import { hardState } from './invariants/hard-state.ts';
import { monotoneCounters } from './invariants/monotone-counters.ts';
import { oneHistory } from './invariants/one-history.ts';
import { replicaEquality } from './invariants/replica-equality.ts';
import { stateMachineSafety } from './invariants/state-machine-safety.ts';
import { runLiveness } from './liveness.ts';
import type { NetworkCounters } from './network/network-faults.ts';
import { World } from './world.ts';

/** What clients do to a cluster, and what they know of it. */
export interface Workload {
  /** Starts its clients; their processes are where a nemesis finds them. */
  begin(): void;
  readonly clients: readonly { readonly process: SimClientLike; readonly machine: number }[];
  /** Sees what members do, too; for ground truth. */
  readonly observer?: Observer;
  /** No new operations from now on. */
  rest(): void;
  /** Operations that were begun and have no outcome. */
  readonly pending: number;
  /** Operations that were begun after `sinceMs` and succeeded. */
  succeededSince(sinceMs: number): number;
  /** At the end: judges the history. */
  check(): void;
}

type SimClientLike = ReturnType<World['client']>['process'];

/** Everything of a running simulation, for those who watch it. */
export interface Scene {
  readonly world: World;
  readonly cluster: SimCluster;
  readonly nemesis: Nemesis;
  readonly plan: Plan;
}

/** What a simulation is made of, beside its plan. */
export interface SimulationSetup {
  readonly plan: Plan;
  readonly crc32: Crc32;
  readonly assembly: Assembly;
  readonly plants?: Plants;
  readonly tracing?: boolean;
  /** True for commands that no two calls share. */
  readonly isUnique: (command: Uint8Array) => boolean;
  readonly electsThroughPartialLinks: boolean;
  /** What the protocol needs is in order and complete: `datagram` links are numbered then, and end at a gap. Default false. */
  readonly needsFifo?: boolean;
  readonly workload: (scene: Scene) => Workload;
  /** The protocol's own invariants, coverage marks, traces. */
  readonly observers: (scene: Scene) => readonly Observer[];
}

/** How a simulation went. */
export interface SimulationResult {
  readonly violations: readonly Violation[];
  readonly events: number;
  readonly virtualMs: number;
  readonly committed: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly network: Readonly<NetworkCounters>;
  /** What the disks of all members did. */
  readonly disks: Readonly<DiskCounts>;
  /** `live`, or why liveness was not asked for. */
  readonly ending: 'live' | 'halted' | 'violation';
  /** Everything that happened, in order, as eight hexadecimal digits: equal for equal plans. */
  readonly traceHash: string;
}

/** State hashes are compared each time that so many commands were delivered. */
const hashEvery = 512;

/** Runs one plan to its end: chaos, then liveness, then the judgement of the history. */
export function simulate(setup: SimulationSetup): SimulationResult {
  const scene = buildScene(setup);
  const { world, nemesis, plan } = scene;
  const hash = traceHash(scene);
  const workload = setup.workload(scene);
  if (workload.observer !== undefined) world.ledger.add(workload.observer);
  nemesis.clients = workload.clients;
  nemesis.supervisor.startAll();
  nemesis.begin();
  workload.begin();
  let ending: SimulationResult['ending'] = 'violation';
  if (world.runUntil(plan.chaosMs)) ending = runLiveness(scene, workload, setup.electsThroughPartialLinks);
  if (world.ledger.violations.length === 0) workload.check();
  return {
    violations: world.ledger.violations,
    events: world.time.events,
    virtualMs: world.time.nowMs,
    committed: world.ledger.committedTo,
    faults: nemesis.counts,
    network: world.network.counters,
    disks: diskCounts(scene),
    ending: world.ledger.violations.length === 0 ? ending : 'violation',
    traceHash: hash(),
  };
}

function diskCounts({ cluster }: Scene): DiskCounts {
  const sum = noDiskCounts();
  for (const { medium } of cluster.members) {
    const { counts } = medium.report();
    for (const kind of diskEventKinds) sum[kind] += counts[kind];
  }
  return sum;
}

function buildScene(setup: SimulationSetup): Scene {
  const { plan, crc32, assembly, plants, tracing } = setup;
  const { delivery, idleMs, queueBytes, distancesMs } = plan;
  const numbered = delivery === 'datagram' && setup.needsFifo === true;
  const network = {
    faults: { ...plan.network },
    delivery,
    numbered,
    idleMs,
    queueBytes,
    ...(distancesMs && { distancesMs }),
  };
  const world = new World({ seed: plan.seed, crc32, loop: plan.loop, network });
  const { voters, learners, limits, disk } = plan;
  const medium = (member: MemberId): SimMedium =>
    new SimMedium({
      scheduler: world.time,
      chance: world.chance,
      member,
      crc32,
      sectorBytes: disk.sectorBytes,
      completions: disk.writeMs === 0 ? 'inline' : 'event',
      // Marks are not copied aside yet: nobody could tell a rotten last batch from a torn one.
      sparesTail: () => true,
    });
  const cluster = new SimCluster({
    world,
    voters,
    learners,
    assembly,
    tracing: tracing ?? false,
    numbering: plan.realCodec || plants !== undefined,
    medium,
    limits,
    ...(plants && { plants }),
  });
  const nemesis = new Nemesis(world, cluster, plan);
  const scene = { world, cluster, nemesis, plan };
  const { ledger } = world;
  const hashOf = (member: MemberId): number => cluster.member(member).parts?.stateHash() ?? 0;
  const observers = [
    nemesis.observer,
    stateMachineSafety(ledger, crc32),
    appliedDurably(ledger),
    oneHistory(ledger),
    hardState(ledger),
    monotoneCounters(ledger),
    configurationSafety(ledger, cluster.genesis),
    ballotSafety(ledger),
    exactlyOnce(ledger, crc32, setup.isUnique),
    replicaEquality(ledger, hashEvery, hashOf),
    failStop(ledger, (member) => nemesis.mayFail(member)),
    ...setup.observers(scene),
  ];
  for (const observer of observers) ledger.add(observer);
  return scene;
}

/** Folds what happens into 32 bits. */
function traceHash({ world }: Scene): () => string {
  let hash = 0;
  const time = new Float64Array(1);
  const words = new Uint32Array(time.buffer);
  const mix = (word: number): void => {
    const mixed = Math.imul(hash ^ word, 0x9e37_79b1);
    hash = mixed ^ (mixed >>> 15);
  };
  const fold = (a: number, b: number, c: number): void => {
    time[0] = world.time.nowMs;
    mix(words[0] ?? 0);
    mix(words[1] ?? 0);
    mix(a);
    mix(b);
    mix(c);
  };
  world.ledger.add({
    appended: (member, batch, write) => fold(1, member.id * 4096 + write, batch.commit),
    drained: (member, effects) => fold(2, member.id * 65_536 + effects.sends.length, effects.commit.index),
    applied: (member, _command, stamp) => fold(3, member.id, stamp.index),
    ended: (member) => fold(4, member.id, member.lives),
    struck: (action, target) => fold(5, target, action.atMs),
  });
  return () => {
    fold(6, world.time.events, world.network.counters.bytes);
    return (hash >>> 0).toString(16).padStart(8, '0');
  };
}
