import { faultKinds } from '@quorate/simulator';
import type { FaultKind } from '@quorate/simulator';
import { marks, noMarks } from '../coverage/coverage.ts';
import type { MarkCounts } from '../coverage/coverage.ts';
import type { Failure } from './failure.ts';
import { noFaults } from './no-faults.ts';
import type { SeedAnswer } from './task.ts';

/** Failures that are kept with their texts; further ones are counted. */
const keptFailures = 100;

/** Sums over all seeds so far: as large after ten thousand of them as after one. */
export class Totals {
  seeds = 0;
  seedsTwice = 0;
  live = 0;
  halted = 0;
  events = 0;
  /** Of all runs, a second one of a seed included. */
  simulatedMs = 0;
  committed = 0;
  operations = 0;
  partitions = 0;
  unknownPartitions = 0;
  failedSeeds = 0;
  readonly faults: Record<FaultKind, number> = noFaults();
  readonly marks: MarkCounts = noMarks();
  private readonly kept: Failure[] = [];

  add(answer: SeedAnswer): void {
    this.seeds += 1;
    if (answer.runs > 1) this.seedsTwice += 1;
    if (answer.ending === 'live') this.live += 1;
    if (answer.ending === 'halted') this.halted += 1;
    this.events += answer.events * answer.runs;
    this.simulatedMs += answer.virtualMs * answer.runs;
    this.committed += answer.committed;
    this.operations += answer.operations;
    this.partitions += answer.partitions;
    this.unknownPartitions += answer.unknownPartitions;
    for (const kind of faultKinds) this.faults[kind] += answer.faults[kind];
    for (const mark of marks) this.marks[mark] += answer.marks[mark];
    if (answer.failures.length === 0) return;
    this.failedSeeds += 1;
    for (const failure of answer.failures) if (this.kept.length < keptFailures) this.kept.push(failure);
  }

  /** By seed: threads finish in any order. */
  get failures(): readonly Failure[] {
    return this.kept.toSorted((a, b) => a.seed - b.seed);
  }
}
