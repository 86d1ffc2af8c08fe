import { at } from '@quorate/interface';
import type { ArrivalTrace } from './arrival-trace.ts';
import type { PeerReplay } from './replay.ts';

/** How good a detector was, over all peers of a trace: the measures of Chen, Toueg and Aguilera 2002, §2. */
export interface DetectionQuality {
  /** T_D: from the crash until the suspicion that stays. Infinity: not within the trace. NaN: nobody crashed. Half of the crashes are at or below … */
  readonly detectionP50Ms: number;
  /** … and 99 of 100 of them. */
  readonly detectionP99Ms: number;
  /** Suspicions of peers that lived. */
  readonly mistakes: number;
  /** E[T_MR]: how much life of a peer there is per mistake. Infinity: there was none. */
  readonly mistakeRecurrenceMs: number;
  /** λ = 1 / E[T_MR], per hour of one peer. */
  readonly mistakesPerHour: number;
  /** E[T_M]: how long a mistake lasts; 0 where there was none. */
  readonly mistakeDurationMs: number;
  /** P_A: the part of a peer's life in which it is trusted. Equal to 1 − E[T_M] / E[T_MR]. */
  readonly accuracy: number;
  /** What it costs per watched peer: 1000 / η. */
  readonly messagesPerSecond: number;
}

/** Measures what a replay said against what the trace knows. */
export function measureQuality(trace: ArrivalTrace, replays: readonly PeerReplay[]): DetectionQuality {
  const lives = replays.map((replay) => lifeOf(trace, replay));
  const detections = replays.flatMap((replay) => detectionOf(replay)).toSorted((a, b) => a - b);
  const mistakes = lives.flatMap((life) => life.mistakesMs);
  const aliveMs = sum(lives.map((life) => life.aliveMs));
  const trustedMs = sum(lives.map((life) => life.trustedMs));
  const mistakeRecurrenceMs = mistakes.length === 0 ? Infinity : aliveMs / mistakes.length;
  return {
    detectionP50Ms: percentile(detections, 50),
    detectionP99Ms: percentile(detections, 99),
    mistakes: mistakes.length,
    mistakeRecurrenceMs,
    mistakesPerHour: 3_600_000 / mistakeRecurrenceMs,
    mistakeDurationMs: mistakes.length === 0 ? 0 : sum(mistakes) / mistakes.length,
    accuracy: aliveMs === 0 ? 1 : trustedMs / aliveMs,
    messagesPerSecond: 1000 / trace.intervalMs,
  };
}

interface Life {
  readonly aliveMs: number;
  readonly trustedMs: number;
  /** The length of each mistake. One that a crash makes true ends there. */
  readonly mistakesMs: readonly number[];
}

function lifeOf({ fromMs, untilMs }: ArrivalTrace, { crashMs = Infinity, changes }: PeerReplay): Life {
  const end = Math.min(untilMs, crashMs);
  const mistakesMs: number[] = [];
  let trustedMs = 0;
  let since = fromMs;
  let trusted = true;
  const settle = (atMs: number): void => {
    if (trusted) trustedMs += atMs - since;
    else mistakesMs.push(atMs - since);
    since = atMs;
  };
  for (const { status, atMs } of changes) {
    if (atMs >= end) break;
    settle(atMs);
    trusted = status === 'trust';
  }
  settle(end);
  return { aliveMs: end - fromMs, trustedMs, mistakesMs };
}

function detectionOf({ crashMs, changes }: PeerReplay): readonly number[] {
  if (crashMs === undefined) return [];
  const last = changes.at(-1);
  return [last?.status === 'suspect' ? Math.max(0, last.atMs - crashMs) : Infinity];
}

/** The smallest value that so many of 100 are at or below. */
function percentile(sorted: readonly number[], percent: number): number {
  if (sorted.length === 0) return Number.NaN;
  return at(sorted, Math.ceil((sorted.length * percent) / 100) - 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
