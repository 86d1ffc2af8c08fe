import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '@quorate/interface';
import type { Plan, Plants } from '@quorate/simulator';
import { nodeCrc32 } from '../node-crc32.ts';
import { hunt } from '../plants/hunt.ts';
import { plantNamed } from '../plants/planted-bugs.ts';
import { protocolNamed } from '../protocols.ts';
import type { ProtocolUnderTest } from '../protocols.ts';
import { planOf, runSeed } from '../run-seed.ts';
import type { SeedRun } from '../run-seed.ts';
import { traceText } from '../trace/trace-format.ts';
import { runName, serviceNamed } from '../services.ts';
import type { ServiceUnderTest } from '../services.ts';
import { tracedRun } from '../trace/traced-run.ts';
import { checkTwice } from './check-twice.ts';
import type { Failure } from './failure.ts';
import type { Answer, SeedAnswer, SeedTask, Task } from './task.ts';

/** Does one task. Everything about it is in the task, so that it does not matter where it is done. */
export function perform(task: Task): Answer {
  const protocol = protocolNamed(task.protocol);
  invariant(protocol !== undefined, 'the protocol was checked with the flags');
  switch (task.kind) {
    case 'seed':
      return performSeed(protocol, task);
    case 'plan':
      return { kind: 'plan', violations: runSeed(runOf(protocol, task)).violations };
    default: {
      const plant = plantNamed(task.plant);
      invariant(plant !== undefined, 'a plant is chosen from the list');
      return { kind: 'hunt', report: hunt(protocol, plant) };
    }
  }
}

function runOf(protocol: ProtocolUnderTest, { workload, plan }: { readonly workload: string; readonly plan: Plan }): SeedRun {
  return { protocol, service: known(workload), plan, crc32: nodeCrc32 };
}

function known(workload: string): ServiceUnderTest {
  const service = serviceNamed(workload);
  invariant(service !== undefined, 'the workload was checked with the flags');
  return service;
}

/** `plants`: made anew for each of the runs. */
export function performSeed(protocol: ProtocolUnderTest, task: SeedTask, plants?: () => Plants): SeedAnswer {
  const plan = planOf(protocol, task.seed, task.seconds);
  const run = runOf(protocol, { workload: task.workload, plan });
  const what = (): SeedRun => ({ ...run, ...(plants === undefined ? {} : { plants: plants() }) });
  const report = runSeed(what());
  const failures = report.violations.map(({ invariant: name, text, atMs }): Failure => ({
    seed: task.seed,
    invariant: name,
    text,
    atMs,
  }));
  if (task.twice) failures.push(...checkTwice(report, runSeed(what())));
  const { seed, ending, events, virtualMs, committed, operations, partitions, unknownPartitions, faults, marks } = report;
  const numbers = { seed, ending, events, virtualMs, committed, operations, partitions, unknownPartitions, faults, marks };
  return { kind: 'seed', ...numbers, runs: task.twice ? 2 : 1, failures: withTrace(failures, task, what) };
}

function withTrace(
  failures: readonly Failure[],
  { protocol, workload, seed, traceDirectory }: SeedTask,
  what: () => SeedRun,
): readonly Failure[] {
  if (failures.length === 0) return failures;
  const trace = join(traceDirectory, `${runName(protocol, workload)}-seed-${seed}.trace`);
  mkdirSync(traceDirectory, { recursive: true });
  writeFileSync(trace, traceText(tracedRun(what()).lines));
  return failures.map((failure) => ({ ...failure, trace }));
}
