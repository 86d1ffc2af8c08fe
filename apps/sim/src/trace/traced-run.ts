import { kvModel } from '@quorate/linearizability';
import type { RecordedCall } from '../kv/kv-workload.ts';
import { runSeed } from '../run-seed.ts';
import type { SeedReport, SeedRun } from '../run-seed.ts';
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
  let calls: readonly RecordedCall[] = [];
  const report = runSeed({ ...run, watch: (scene) => [tracer(scene, write)], told: (all) => (calls = all) });
  for (const call of calls) if (call.output === undefined && !call.failed) write(unknownCall(call));
  for (const { atMs, invariant, text } of report.violations)
    write({ atMs, who: 'world', what: 'VIOLATION', text: `${invariant}: ${text}` });
  // Stable: what happened at one instant keeps its order.
  return { report, lines: lines.toSorted((a, b) => a.atMs - b.atMs) };
}

function unknownCall({ process, input, calledMs }: RecordedCall): TraceLine {
  const text = `nobody knows what became of ${kvModel().describeOperation(input, undefined)}`;
  return { atMs: calledMs, who: `call ${process}`, what: 'unknown', text };
}
