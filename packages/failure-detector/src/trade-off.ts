import type { DetectorStrategy } from '@quorate/interface';
import { type DetectionQuality, measureQuality } from './detection-quality.ts';
import { generateTrace, type TraceSize } from './generate-trace.ts';
import { replayTrace } from './replay.ts';
import type { Scenario } from './scenarios.ts';

/** What {@link tradeOff} compares. */
export interface TradeOffSetup extends Omit<TraceSize, 'intervalMs'> {
  readonly scenarios: readonly Scenario[];
  /** η: how often peers send, and so what they cost. */
  readonly intervalsMs: readonly number[];
  /** The strategies for one η. */
  readonly strategies: (intervalMs: number) => readonly DetectorStrategy[];
  /** Uniform in [0, 1); the same numbers make the same rows. */
  readonly chance: () => number;
}

/** One strategy under one scenario at one interval. */
export interface TradeOffRow extends DetectionQuality {
  readonly scenario: string;
  readonly strategy: string;
  readonly intervalMs: number;
}

/** What accuracy and speed of detection cost in messages. All strategies see the same arrivals. Rows by scenario, interval, strategy. Throws as `generateTrace`. */
export function tradeOff(setup: TradeOffSetup): readonly TradeOffRow[] {
  return setup.scenarios.flatMap((scenario) =>
    setup.intervalsMs.flatMap((intervalMs) => {
      const trace = generateTrace(scenario, { ...setup, intervalMs }, setup.chance);
      return setup.strategies(intervalMs).map((strategy) => {
        const quality = measureQuality(trace, replayTrace(trace, strategy));
        return { scenario: scenario.name, strategy: strategy.name, intervalMs, ...quality };
      });
    }),
  );
}
