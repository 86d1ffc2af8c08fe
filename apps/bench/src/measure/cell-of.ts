import type { RunSettings } from '../result/bench-result.ts';
import type { Cell, LoopSettings, Repeat, SystemUnderTest, WorkloadSettings } from '../result/cell.ts';
import { estimateOf } from '../statistics/bootstrap.ts';
import { chanceFrom } from '../statistics/chance.ts';
import { verdictOf } from '../statistics/verdict.ts';
import { handOverOf } from './hand-over-of.ts';
import { latencyOf } from './latency-of.ts';
import type { Measured } from './measure-once.ts';
import { medianCost } from './median-cost.ts';

/** A measurement and the round that it belongs to. */
export interface Round extends Measured {
  readonly round: number;
}

/** What a cell is made from. */
export interface CellParts {
  readonly id: string;
  readonly system: SystemUnderTest;
  readonly workload: WorkloadSettings;
  readonly loop: LoopSettings;
  readonly rounds: readonly Round[];
  readonly settings: RunSettings;
}

/** Puts the repeats of one system under one load together, and judges them. */
export function cellOf({ id, system, workload, loop, rounds, settings }: CellParts): Cell {
  const repeats = rounds.map(({ round, repeat }): Repeat => ({ round, ...repeat }));
  const resampling = { chance: chanceFrom(settings.seed), resamples: settings.bootstrapResamples };
  const operationsPerSecond = estimateOf(
    repeats.map((repeat) => repeat.operationsPerSecond),
    resampling,
  );
  const fromSend = rounds.flatMap(({ latencyFromSend }) => latencyFromSend ?? []);
  return {
    id,
    system,
    workload,
    loop,
    repeats,
    operationsPerSecond,
    latency: latencyOf(rounds.map(({ latency }) => latency)),
    latencyFromSend: fromSend.length === 0 ? undefined : latencyOf(fromSend),
    cost: medianCost(repeats.map(({ cost }) => cost)),
    ...handOverOf(rounds, resampling),
    verdict: verdictOf({ repeats, operationsPerSecond, loop, limits: settings.limits }),
  };
}
