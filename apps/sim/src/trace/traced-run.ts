import { nodeCrc32 } from '../node-crc32.ts';
import { runSeed } from '../run-seed.ts';
import type { SeedReport, SeedRun } from '../run-seed.ts';
import type { UnknownCall } from '../services.ts';
import type { TraceLine } from './trace-line.ts';
import { tracer } from './tracer.ts';

/** A run and everything that happened in it. */
export interface TracedRun {
  readonly report: SeedReport;
  readonly lines: readonly TraceLine[];
}

/** Runs a plan once more, and writes down what happens: watching changes nothing. */
export function tracedRun(run: Omit<SeedRun, 'watch' | 'told'>): TracedRun {
  const lines: TraceLine[] = [];
  const write = (line: TraceLine): void => void lines.push(line);
  let unknown: readonly UnknownCall[] = [];
  const report = runSeed({
    crc32: nodeCrc32,
    ...run,
    watch: (scene) => [tracer(scene, write)],
    told: (calls) => (unknown = calls),
  });
  for (const call of unknown) write(unknownCall(call));
  for (const { atMs, invariant, text } of report.violations)
    write({ atMs, who: 'world', what: 'VIOLATION', text: `${invariant}: ${text}` });
  // Stable: what happened at one instant keeps its order.
  return { report, lines: lines.toSorted((a, b) => a.atMs - b.atMs) };
}

function unknownCall({ process, text, calledMs }: UnknownCall): TraceLine {
  return { atMs: calledMs, who: `call ${process}`, what: 'unknown', text: `nobody knows what became of ${text}` };
}
