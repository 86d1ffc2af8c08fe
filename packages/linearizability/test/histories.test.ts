import { describe, expect, test } from 'vitest';
import {
  checkHistory,
  explainViolations,
  historyFromJson,
  historyToJson,
  kvModel,
  lockModel,
  type Model,
  registerModel,
  renderTimeline,
  type State,
} from '../src/index.ts';
import { type Example, kvExamples, registerExamples } from './histories.ts';
import { lockExamples } from './lock-histories.ts';
import { lockModeExamples } from './lock-mode-histories.ts';
import { naiveIsLinearizable } from './naive-check.ts';

function judge<S extends State, I, O>(model: Model<S, I, O>, initial: S, examples: readonly Example<I, O>[]): void {
  test.each(examples.map((example) => ({ ...example })))('$verdict: $name', ({ operations, verdict }) => {
    const report = checkHistory(model, operations);
    expect(report.verdict).toBe(verdict);
    expect(naiveIsLinearizable(model, initial, operations)).toBe(verdict === 'ok');
    expect(checkHistory(model, operations.toReversed()).verdict, 'whatever the order of recording').toBe(verdict);
    expect(historyFromJson(historyToJson(model.name, operations))).toEqual({ model: model.name, operations });
    expect(renderTimeline(model, report.partitions)).toContain('</html>');
    for (const { report: shrunk, minimal } of explainViolations(model, report)) {
      expect(shrunk.verdict).toBe('violation');
      expect(minimal).toBe(true);
    }
  });
}

describe('a register', () => {
  judge(registerModel(), null, registerExamples);
});
describe('a key-value store', () => {
  judge(kvModel(), new Map(), kvExamples);
});
describe('a lock', () => {
  judge(lockModel(), { holds: [], token: 0 }, [...lockExamples, ...lockModeExamples]);
});
