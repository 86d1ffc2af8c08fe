import { duration } from '../campaign/progress.ts';
import { describeCheckout } from './checkout.ts';
import type { Report, ReportedFailure } from './report.ts';
import { unknownShare } from './report.ts';

/** A report as people read it: the verdict last, where the eye is. */
export function reportText(report: Report): string {
  const parts = [head(report), counts('faults that took effect', report.faults), counts('situations reached', report.marks)];
  if (report.marksNeverReached.length > 0) parts.push(['never reached:', ...report.marksNeverReached.map((mark) => `  ${mark}`)]);
  parts.push(['not asked by any plan:', ...report.restrictions.map((text) => `  ${text}`)]);
  parts.push(plantLines(report), ...report.failures.map(failureLines), [verdictLine(report)]);
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function head(report: Report): string[] {
  const { seeds, speed, endings, histories } = report;
  const last = seeds.first + Math.max(seeds.done - 1, 0);
  const unknown = `${histories.unknown} of ${histories.judged} histories without a verdict (allowed: ${unknownShare * 100} %)`;
  return [
    `${report.protocol}, ${report.workload}, commit ${describeCheckout(report)}`,
    `${seeds.done} of ${seeds.asked} seeds from ${seeds.first} on (to ${last}), ${report.secondsPerSeed} s of chaos each; ${seeds.twice} of them run twice`,
    `${endings.live} ended live, ${endings.halted} halted as they had to, ${seeds.failed} failed`,
    `${report.operations} operations checked, ${report.committed} entries committed, ${unknown}`,
    `${speed.simulatedSeconds.toFixed(0)} simulated s in ${speed.cpuSeconds.toFixed(1)} CPU s and ${duration(speed.wallSeconds)}: ` +
      `${speed.simulatedSecondsPerCpuSecond.toFixed(1)} simulated s per CPU s with ${speed.jobs} threads`,
    `${speed.events} events, ${speed.eventsPerCpuSecond.toFixed(0)} per CPU s, ${speed.microsecondsPerEvent.toFixed(1)} µs each`,
  ];
}

function counts(title: string, numbers: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(numbers);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [`${title}:`, ...rows.map(([name, count]) => `  ${name.padEnd(width)}  ${String(count).padStart(8)}`)];
}

function plantLines({ plant }: Report): string[] {
  if (plant === undefined) return ['planted bug: none was looked for'];
  const { text, found, seed, runs } = plant;
  const title = `planted bug ${plant.plant} (${text}):`;
  if (found === undefined) return [title, `  NOT FOUND in ${runs} runs: whatever else this run says, it proves nothing`];
  return [title, `  found by ${found.invariant} with seed ${seed}: ${firstLine(found.text)}`];
}

function failureLines({ seed, commit, invariant, atMs, text, reproduce, trace, plan }: ReportedFailure): string[] {
  return [
    `seed ${seed}, commit ${commit.slice(0, 12)}: ${invariant} at ${atMs.toFixed(1)} ms`,
    `  ${text.replaceAll('\n', '\n  ')}`,
    `  again:  ${reproduce}`,
    ...(trace === undefined ? [] : [`  trace:  ${trace}`]),
    ...(plan === undefined ? [] : [`  smaller: pnpm exec quorate-sim replay --plan ${plan}`]),
  ];
}

function verdictLine({ verdict, seeds, histories }: Report): string {
  switch (verdict) {
    case 'clean':
      return `clean: ${seeds.done} seeds`;
    case 'violations':
      return `VIOLATIONS: ${seeds.failed} of ${seeds.done} seeds failed`;
    case 'void':
      return 'VOID: the planted bug was not found, so that this run could not have found another one';
    case 'unknown':
      return `UNKNOWN: ${histories.unknown} of ${histories.judged} histories have no verdict, allowed: ${histories.unknownAllowed}`;
    default:
      return `interrupted after ${seeds.done} of ${seeds.asked} seeds, ${seeds.failed} of them failed`;
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
