import type { FaultKind } from '@quorate/simulator';
import type { Failure } from '../campaign/failure.ts';
import type { Totals } from '../campaign/totals.ts';
import { marksOf } from '../coverage/coverage.ts';
import type { Mark, MarkCounts } from '../coverage/coverage.ts';
import type { HuntReport } from '../plants/hunt.ts';
import type { Checkout } from './checkout.ts';
import { kvUnderTest } from '../services.ts';
import { restrictions } from './restrictions.ts';

/** Above this share of histories without a verdict a run fails: unknown is never good. */
export const unknownShare = 0.005;

/** A failure as it is told. */
export interface ReportedFailure extends Failure {
  readonly commit: string;
  /** The line that shows it again. */
  readonly reproduce: string;
  /** The file with the smallest plan that was found. */
  readonly plan?: string;
}

/** What a run asked for and cost. */
export interface RunFacts {
  readonly protocol: string;
  readonly workload: string;
  readonly checkout: Checkout;
  readonly firstSeed: number;
  readonly seeds: number;
  readonly seconds: number;
  readonly jobs: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly interrupted: boolean;
  /** Undefined: the run was interrupted before. */
  readonly plant: HuntReport | undefined;
  readonly traceDirectory: string;
  /** By seed: the files of shrunk plans. */
  readonly plans: ReadonlyMap<number, string>;
}

/** Everything that a run found out, as plain data. */
export interface Report {
  /** `void`: the planted bug was not found, so that nothing else means anything. */
  readonly verdict: 'clean' | 'violations' | 'void' | 'unknown' | 'interrupted';
  readonly protocol: string;
  readonly workload: string;
  readonly commit: string;
  readonly dirty: boolean;
  readonly seeds: {
    readonly first: number;
    readonly asked: number;
    readonly done: number;
    readonly twice: number;
    readonly failed: number;
  };
  readonly endings: { readonly live: number; readonly halted: number };
  readonly secondsPerSeed: number;
  readonly speed: {
    readonly jobs: number;
    readonly simulatedSeconds: number;
    readonly cpuSeconds: number;
    readonly wallSeconds: number;
    readonly simulatedSecondsPerCpuSecond: number;
    readonly events: number;
    readonly eventsPerCpuSecond: number;
    readonly microsecondsPerEvent: number;
  };
  readonly operations: number;
  readonly committed: number;
  readonly histories: { readonly judged: number; readonly unknown: number; readonly unknownAllowed: number };
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly marks: Readonly<Partial<MarkCounts>>;
  readonly marksNeverReached: readonly Mark[];
  readonly plant: HuntReport | undefined;
  readonly failures: readonly ReportedFailure[];
  readonly restrictions: readonly string[];
  readonly traceDirectory: string;
}

/** Puts together what a run found out. */
export function reportOf(totals: Totals, facts: RunFacts): Report {
  const { protocol, workload, checkout, firstSeed, seeds, seconds, jobs, cpuSeconds, wallSeconds, plant, plans, traceDirectory } =
    facts;
  const { events } = totals;
  const own = marksOf(protocol, workload);
  const simulatedSeconds = totals.simulatedMs / 1000;
  const report = {
    protocol,
    workload,
    commit: checkout.commit,
    dirty: checkout.dirty,
    seeds: { first: firstSeed, asked: seeds, done: totals.seeds, twice: totals.seedsTwice, failed: totals.failedSeeds },
    endings: { live: totals.live, halted: totals.halted },
    secondsPerSeed: seconds,
    speed: {
      jobs,
      simulatedSeconds,
      cpuSeconds,
      wallSeconds,
      simulatedSecondsPerCpuSecond: ratio(simulatedSeconds, cpuSeconds),
      events,
      eventsPerCpuSecond: ratio(events, cpuSeconds),
      microsecondsPerEvent: ratio(cpuSeconds * 1e6, events),
    },
    operations: totals.operations,
    committed: totals.committed,
    histories: {
      judged: totals.partitions,
      unknown: totals.unknownPartitions,
      unknownAllowed: Math.floor(totals.partitions * unknownShare),
    },
    faults: totals.faults,
    marks: Object.fromEntries(own.map((mark) => [mark, totals.marks[mark]])),
    marksNeverReached: own.filter((mark) => totals.marks[mark] === 0),
    plant,
    failures: totals.failures.map((failure) => reported(failure, facts, plans.get(failure.seed))),
    restrictions,
    traceDirectory,
  };
  return { verdict: verdictOf(totals, facts, report.histories), ...report };
}

/** 0 clean, 1 anything that is wrong, 130 interrupted with nothing wrong so far. */
export function exitCodeOf({ verdict }: Report): number {
  if (verdict === 'clean') return 0;
  return verdict === 'interrupted' ? 130 : 1;
}

function verdictOf(totals: Totals, { interrupted, plant }: RunFacts, histories: Report['histories']): Report['verdict'] {
  if (interrupted) return 'interrupted';
  if (plant === undefined || plant.found === undefined) return 'void';
  if (totals.failedSeeds > 0) return 'violations';
  return histories.unknown > histories.unknownAllowed ? 'unknown' : 'clean';
}

function reported(
  failure: Failure,
  { checkout, protocol, workload, seconds }: RunFacts,
  plan: string | undefined,
): ReportedFailure {
  const service = workload === kvUnderTest.name ? '' : ` --workload ${workload}`;
  const reproduce = `pnpm exec quorate-sim replay --protocol ${protocol}${service} --seed ${failure.seed} --seconds ${seconds}`;
  return { ...failure, commit: checkout.commit, reproduce, ...(plan === undefined ? {} : { plan }) };
}

function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}
