import { describe, expect, test } from 'vitest';
import {
  chen,
  fixedTimeout,
  formatTradeOff,
  type Scenario,
  standardScenarios,
  tradeOff,
  type TradeOffRow,
} from '../src/index.ts';
import { createChance } from './chance.ts';

const scenarios = standardScenarios.filter(({ name }) => ['loss 5 %', 'own pauses', 'own pauses, untold'].includes(name));

function rowsFor(chosen: readonly Scenario[], intervalsMs: readonly number[]): readonly TradeOffRow[] {
  return tradeOff({
    scenarios: chosen,
    intervalsMs,
    strategies: (intervalMs) => [fixedTimeout({ timeoutMs: 600 }), chen({ intervalMs, marginMs: 500 })],
    peers: 10,
    lifeMs: 300_000,
    tailMs: 10_000,
    chance: createChance(5),
  });
}

describe('the trade-off', () => {
  test('has a row for each scenario, interval and strategy', () => {
    const rows = rowsFor(scenarios, [100, 250]);
    expect(rows.slice(0, 4).map(({ scenario, strategy, intervalMs }) => [scenario, strategy, intervalMs])).toEqual([
      ['loss 5 %', 'fixed 600 ms', 100],
      ['loss 5 %', 'chen 500 ms', 100],
      ['loss 5 %', 'fixed 600 ms', 250],
      ['loss 5 %', 'chen 500 ms', 250],
    ]);
    expect(rows.length).toBe(12);
  });

  test('buys accuracy with messages: at the same timeout, more heartbeats err less and detect no later', () => {
    const [often, , seldom] = rowsFor(scenarios.slice(0, 1), [100, 250]);
    expect([often?.messagesPerSecond, seldom?.messagesPerSecond]).toEqual([10, 4]);
    expect(often?.mistakesPerHour).toBeLessThan((seldom?.mistakesPerHour ?? 0) / 4);
    expect(often?.detectionP99Ms).toBeLessThanOrEqual(602);
    expect(seldom?.detectionP99Ms).toBeLessThanOrEqual(602);
  });

  test('shows that a stall which is told of costs no mistake, and one which is not costs all of them', () => {
    const rows = rowsFor(scenarios.slice(1), [100]);
    expect(rows.slice(0, 2).map(({ mistakes }) => mistakes)).toEqual([0, 0]);
    for (const { mistakes } of rows.slice(2)) expect(mistakes).toBeGreaterThanOrEqual(10);
  });

  test('is printed in columns', () => {
    const row = { scenario: 'calm', strategy: 'fixed', intervalMs: 100, messagesPerSecond: 10 };
    const calm: TradeOffRow = {
      ...row,
      detectionP50Ms: 250.4,
      detectionP99Ms: Infinity,
      mistakes: 0,
      mistakeRecurrenceMs: Infinity,
      mistakesPerHour: 0,
      mistakeDurationMs: 0,
      accuracy: 1,
    };
    const wrong = {
      ...calm,
      scenario: 'rough sea',
      mistakes: 2,
      mistakesPerHour: 1.234,
      mistakeDurationMs: 70.6,
      accuracy: 0.98,
    };
    expect(formatTradeOff([calm, { ...wrong, detectionP50Ms: Number.NaN }])).toBe(
      [
        'scenario   strategy  msg/s  T_D p50 ms  T_D p99 ms  mistakes/h  T_M ms       P_A',
        'calm       fixed      10.0         250       never        0.00       -  1.000000',
        'rough sea  fixed      10.0           -       never        1.23      71  0.980000',
      ].join('\n'),
    );
  });
});
