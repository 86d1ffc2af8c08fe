import { crc32 as portableCrc32 } from '@quorate/interface';
import type { Crc32 } from '@quorate/interface';
import { createChance, drawPlan, simulate } from '@quorate/simulator';
import type { Observer, Plan, Plants, Scene, SimulationResult } from '@quorate/simulator';
import { Coverage } from './coverage/coverage.ts';
import type { MarkCounts } from './coverage/coverage.ts';
import { assembly } from './protocols.ts';
import type { ProtocolUnderTest } from './protocols.ts';
import { kvUnderTest } from './services.ts';
import type { JudgedWorkload, ServiceUnderTest, UnknownCall } from './services.ts';

/** What a run of one seed is to do. */
export interface SeedRun {
  readonly protocol: ProtocolUnderTest;
  /** The key-value store where it is left out. */
  readonly service?: ServiceUnderTest;
  readonly plan: Plan;
  readonly plants?: Plants;
  /** Node's own is thirty times faster than the portable one, which is taken where this is left out. */
  readonly crc32?: Crc32;
  /** Watches the run; for traces. */
  readonly watch?: (scene: Scene) => readonly Observer[];
  /** Told at the end which calls have no outcome that anybody knows. */
  readonly told?: (unknown: readonly UnknownCall[]) => void;
}

/** How it went. */
export interface SeedReport extends SimulationResult {
  readonly seed: number;
  readonly marks: MarkCounts;
  readonly operations: number;
  readonly partitions: number;
  readonly unknownPartitions: number;
}

/** The plan of a seed. */
export function planOf(protocol: ProtocolUnderTest, seed: number, seconds: number): Plan {
  const core = protocol.core({ electionTimeoutMs: 1000, heartbeatMs: 100, variant: 0 } as Plan);
  return drawPlan(createChance(seed), { seed, chaosMs: seconds * 1000, needsFifo: core.needs.fifoLinks });
}

/** Runs one plan with the production replica, client, core, codec, journal and store. */
export function runSeed(run: SeedRun): SeedReport {
  const { protocol, service = kvUnderTest, plan, plants, watch, told, crc32 = portableCrc32 } = run;
  const coverage = new Coverage();
  const workloads: JudgedWorkload[] = [];
  const core = protocol.core(plan);
  const result = simulate({
    plan,
    crc32,
    assembly: assembly(protocol, plan, service),
    tracing: true,
    isUnique: (command) => service.isUnique(command),
    electsThroughPartialLinks: core.abilities.electsThroughPartialLinks,
    needsFifo: core.needs.fifoLinks,
    workload: (scene) => {
      const workload = service.workload(scene);
      workloads.push(workload);
      return workload;
    },
    observers: (scene) => [...protocol.invariants(scene), coverage.observer(scene), ...(watch?.(scene) ?? [])],
    ...(plants === undefined ? {} : { plants }),
  });
  const { operations = 0, partitions = 0, unknownPartitions = 0 } = workloads[0]?.judgement ?? {};
  told?.(workloads[0]?.unknownCalls() ?? []);
  return {
    ...result,
    seed: plan.seed,
    marks: { ...coverage.counts, ...workloads[0]?.marks() },
    operations,
    partitions,
    unknownPartitions,
  };
}
