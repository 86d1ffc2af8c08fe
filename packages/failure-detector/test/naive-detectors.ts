import {
  bertier,
  chen,
  fixedTimeout,
  phiAccrual,
  type Arrival,
  type BertierOptions,
  type ChenOptions,
  type FixedTimeoutOptions,
  type PhiAccrualOptions,
} from '../src/index.ts';
import type { DetectorStrategy } from '@quorate/interface';

/** A strategy and, written a second time from the papers and with no memory, whether it suspects: by everything that arrived until now. */
export interface NaivePair {
  readonly strategy: DetectorStrategy;
  readonly suspects: (arrivals: readonly Arrival[], nowMs: number) => boolean;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function offsets(arrivals: readonly Arrival[], intervalMs: number): readonly number[] {
  return arrivals.map(({ arrivedMs, sequence }) => arrivedMs - sequence * intervalMs);
}

/** Those that were news when they arrived. */
function fresh(arrivals: readonly Arrival[]): readonly Arrival[] {
  return arrivals.filter(({ sequence }, place) => arrivals.slice(0, place).every((earlier) => earlier.sequence < sequence));
}

export function naiveFixed(options: FixedTimeoutOptions): NaivePair {
  return {
    strategy: fixedTimeout(options),
    suspects: (arrivals, nowMs) => nowMs >= (fresh(arrivals).at(-1)?.arrivedMs ?? 0) + options.timeoutMs,
  };
}

export function naiveChen(options: ChenOptions): NaivePair {
  const { intervalMs, marginMs, window, firstTimeoutMs } = options;
  const suspects = (arrivals: readonly Arrival[], nowMs: number): boolean => {
    const news = fresh(arrivals);
    const last = news.at(-1);
    if (last === undefined) return nowMs >= firstTimeoutMs;
    return nowMs >= mean(offsets(news.slice(-window), intervalMs)) + (last.sequence + 1) * intervalMs + marginMs;
  };
  return { strategy: chen(options), suspects };
}

export function naiveBertier(options: BertierOptions): NaivePair {
  const { intervalMs, window, delayWeight, variationWeight, gain, firstMarginMs, firstTimeoutMs } = options;
  const suspects = (arrivals: readonly Arrival[], nowMs: number): boolean => {
    const news = fresh(arrivals);
    const last = news.at(-1);
    if (last === undefined) return nowMs >= firstTimeoutMs;
    let delay = 0;
    let variation = firstMarginMs / variationWeight;
    for (const [place, { arrivedMs, sequence }] of news.entries()) {
      if (place === 0) continue;
      const before = news.slice(Math.max(0, place - window), place);
      const error = arrivedMs - (mean(offsets(before, intervalMs)) + sequence * intervalMs) - delay;
      delay += gain * error;
      variation += gain * (Math.abs(error) - variation);
    }
    const expected = mean(offsets(news.slice(-window), intervalMs)) + (last.sequence + 1) * intervalMs;
    return nowMs >= expected + delayWeight * delay + variationWeight * variation;
  };
  return { strategy: bertier(options), suspects };
}

export function naivePhi(options: PhiAccrualOptions): NaivePair {
  const { firstIntervalMs, minStdDevMs, acceptablePauseMs, threshold, firstTimeoutMs } = options;
  const suspects = (arrivals: readonly Arrival[], nowMs: number): boolean => {
    const news = fresh(arrivals);
    const last = news.at(-1);
    if (last === undefined) return nowMs >= firstTimeoutMs;
    const between = news.slice(1).map(({ arrivedMs }, place) => arrivedMs - (news[place]?.arrivedMs ?? 0));
    const gaps = [0.75 * firstIntervalMs, 1.25 * firstIntervalMs, ...between].slice(-options.window);
    const average = mean(gaps);
    const deviation = Math.max(minStdDevMs, Math.sqrt(mean(gaps.map((gap) => (gap - average) ** 2))));
    const silent = nowMs - last.arrivedMs - acceptablePauseMs;
    if (options.distribution === 'exponential') return -Math.log10(Math.exp(-silent / average)) >= threshold;
    const y = (silent - average) / deviation;
    const e = Math.exp(-y * (1.5976 + 0.070566 * y * y));
    return -Math.log10(e / (1 + e)) >= threshold;
  };
  return { strategy: phiAccrual(options), suspects };
}
