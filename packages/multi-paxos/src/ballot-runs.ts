import { at, sameEpoch } from '@quorate/interface';
import type { Index } from '@quorate/interface';
import type { Ballot } from './ballot.ts';

// The ballots in which slots were voted on, as runs: rising and apart, a gap between two is a hole.

/** Votes of one ballot. */
export interface BallotRun {
  from: Index;
  to: Index;
  readonly ballot: Ballot;
}

/** The run of votes that holds a slot. */
export function runAt(runs: readonly BallotRun[], slot: Index): BallotRun | undefined {
  for (let place = runs.length - 1; place >= 0; place--) {
    const run = at(runs, place);
    if (run.from <= slot) return run.to >= slot ? run : undefined;
  }
  return undefined;
}

/** The first slot above `slot` where a run of votes begins; Infinity where none does. */
export function nextRunFrom(runs: readonly BallotRun[], slot: Index): Index {
  let next = Number.POSITIVE_INFINITY;
  for (let place = runs.length - 1; place >= 0; place--) {
    const { from } = at(runs, place);
    if (from <= slot) break;
    next = from;
  }
  return next;
}

/** Puts votes behind the last one. */
export function extendRuns(runs: BallotRun[], from: Index, to: Index, ballot: Ballot): void {
  const newest = runs.at(-1);
  if (newest !== undefined && newest.to === from - 1 && sameEpoch(newest.ballot, ballot)) newest.to = to;
  else runs.push({ from, to, ballot });
}

/** Puts a run over those that are there. */
export function carveRuns(runs: BallotRun[], run: BallotRun): void {
  let first = 0;
  while (first < runs.length && at(runs, first).to < run.from) first++;
  let after = first;
  while (after < runs.length && at(runs, after).from <= run.to) after++;
  const pieces = [run];
  if (after > first) {
    const left = at(runs, first);
    const right = at(runs, after - 1);
    if (left.from < run.from) pieces.unshift({ from: left.from, to: run.from - 1, ballot: left.ballot });
    if (right.to > run.to) pieces.push({ from: run.to + 1, to: right.to, ballot: right.ballot });
  }
  runs.splice(first, after - first, ...pieces);
  for (let place = Math.min(runs.length - 1, first + pieces.length); place > Math.max(0, first - 1); place--)
    joinRuns(runs, place);
}

function joinRuns(runs: BallotRun[], place: number): void {
  const left = at(runs, place - 1);
  const right = at(runs, place);
  if (left.to !== right.from - 1 || !sameEpoch(left.ballot, right.ballot)) return;
  left.to = right.to;
  runs.splice(place, 1);
}

/** Forgets everything up to `slot`. */
export function trimRuns(runs: BallotRun[], slot: Index): void {
  while (runs.length > 0 && at(runs, 0).to <= slot) runs.shift();
  const run = runs[0];
  if (run !== undefined && run.from <= slot) run.from = slot + 1;
}
