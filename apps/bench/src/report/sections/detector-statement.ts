import type { DetectorRow } from '../../result/detectors.ts';
import type { Statement } from '../document.ts';
import { capital, duration, figure, isReached, listed } from '../figures.ts';

/** What members of this repository and of many others do. */
const usualMs = 100;

/** The interval that stands for all: the usual one, or the one in the middle. */
export function usualInterval(rows: readonly DetectorRow[]): number {
  const all = [...new Set(rows.map(({ intervalMs }) => intervalMs))].toSorted((a, b) => a - b);
  return all.includes(usualMs) ? usualMs : (all[Math.floor(all.length / 2)] ?? Number.NaN);
}

/** What all detectors made of one scenario, in a sentence. No detector has a place: sooner and less often wrong are two things. */
export function detectorStatement(rows: readonly DetectorRow[]): Statement {
  const [first] = rows;
  const usual = usualInterval(rows);
  const own = rows.filter(({ intervalMs, detectionP99Ms }) => intervalMs === usual && isReached(detectionP99Ms));
  const right = soonest(own.filter(({ mistakes }) => mistakes === 0));
  const wrong = soonest(own.filter(({ mistakes }) => mistakes > 0));
  const told = [
    right.length === 0 ? 'by none without a mistake' : `within ${p99(right)} (p99) without a mistake by ${names(right)}`,
    // Who is wrong and later is not worth a word.
    ...(wrong.length > 0 && (right.length === 0 || slowest(wrong) < slowest(right))
      ? [`within ${p99(wrong)} at ${mistakes(wrong)} mistakes an hour by ${names(wrong)}`]
      : []),
  ];
  const rate = figure(1000 / usual, 2);
  return {
    weight: 'unranked',
    text: `${capital(first?.scenario ?? '')}, ${rate} messages per second: deaths were noticed ${told.join(', ')}.`,
    confidence: moreMessages(rows, right[0] ?? wrong[0]),
  };
}

/** Differences below this share are none: the recording is one of many that could have been. */
const sameShare = 0.05;

/** Those that noticed deaths soonest, and those that cannot be told apart from them. */
function soonest(rows: readonly DetectorRow[]): readonly DetectorRow[] {
  const least = Math.min(...rows.map(({ detectionP99Ms }) => detectionP99Ms ?? Infinity));
  return rows.filter(({ detectionP99Ms }) => (detectionP99Ms ?? Infinity) <= least * (1 + sameShare));
}

function slowest(rows: readonly DetectorRow[]): number {
  return Math.max(...rows.map(({ detectionP99Ms }) => detectionP99Ms ?? Infinity));
}

function p99(rows: readonly DetectorRow[]): string {
  return duration(slowest(rows));
}

function names(rows: readonly DetectorRow[]): string {
  return listed(rows.map(({ strategy }) => strategy.replace(',', '')));
}

function mistakes(rows: readonly DetectorRow[]): string {
  return listed(rows.map(({ mistakesPerHour }) => figure(mistakesPerHour)));
}

/** How much no mistake says. The rule of three: what happened in none of n hours happens less often than 3 times in n hours (95 %). */
export function silence(rows: readonly DetectorRow[]): string {
  const hours = Math.min(...rows.map((row) => row.hours ?? 0));
  if (!(hours > 0)) return '';
  return ` ${duration(hours * 3_600_000)} of life were watched each time: no mistake means fewer than ${figure(3 / hours)} an hour (95 %).`;
}

/** What the same detector does at the shortest interval. */
function moreMessages(rows: readonly DetectorRow[], one: DetectorRow | undefined): string {
  const most = rows.reduce((found, row) => Math.max(found, row.messagesPerSecond), 0);
  const other = rows.find(({ strategy, messagesPerSecond }) => strategy === one?.strategy && messagesPerSecond === most);
  if (one === undefined || other === undefined || other === one || !isReached(other.detectionP99Ms)) return '';
  const wrong = other.mistakes === 0 ? 'no mistake' : `${figure(other.mistakesPerHour)} mistakes an hour`;
  return `With ${figure(most, 2)} messages per second ${one.strategy.replace(',', '')} took ${duration(other.detectionP99Ms)}, with ${wrong}.`;
}
