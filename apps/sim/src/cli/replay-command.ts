import { writeFileSync } from 'node:fs';
import type { FlagValue } from '@quorate/server';
import { traceJsonLines, traceText } from '../trace/trace-format.ts';
import { tracedRun } from '../trace/traced-run.ts';
import { chosenPlan } from './chosen-plan.ts';
import type { Surroundings } from './surroundings.ts';

/** `quorate-sim replay`: one run again, with its trace. Gives the exit code. */
export function replayCommand(values: ReadonlyMap<string, FlagValue>, { stdout, stderr }: Surroundings): number {
  const chosen = chosenPlan(values);
  if ('problem' in chosen) {
    stderr(`${chosen.problem}\n`);
    return chosen.exit;
  }
  const { report, lines } = tracedRun(chosen);
  const text = values.get('trace-format') === 'jsonl' ? traceJsonLines(lines) : traceText(lines);
  const path = String(values.get('trace'));
  if (path === '-') stdout(text);
  else writeFileSync(path, text);
  const where = path === '-' ? '' : ` in ${path}`;
  stderr(
    `seed ${report.seed}: ${report.events} events, ${(report.virtualMs / 1000).toFixed(1)} simulated s, trace hash ${report.traceHash}, ${lines.length} lines of trace${where}\n`,
  );
  for (const { invariant, atMs, text: what } of report.violations) stderr(`${invariant} at ${atMs.toFixed(1)} ms: ${what}\n`);
  if (report.violations.length === 0) stderr(`no claim was broken; the cluster ended ${report.ending}\n`);
  return report.violations.length === 0 ? 0 : 1;
}
