import type { TraceLine } from './trace-line.ts';

/** For people: one line per event, in columns. */
export function traceText(lines: readonly TraceLine[]): string {
  return lines
    .map(
      ({ atMs, who, what, text }) =>
        `${atMs.toFixed(3).padStart(11)} ms  ${who.padEnd(8)}  ${what.padEnd(9)}  ${oneLine(text)}\n`,
    )
    .join('');
}

/** For programs: one JSON object per event, so that a specification can follow the run step by step. */
export function traceJsonLines(lines: readonly TraceLine[]): string {
  return lines
    .map(
      ({ atMs, who, what, text, data }) => `${JSON.stringify({ atMs, who, what, ...(data === undefined ? { text } : data) })}\n`,
    )
    .join('');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/gu, ' | ');
}
