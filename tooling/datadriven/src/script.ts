import { TraceError } from './trace-error.ts';

/** One command of a trace and the line that it stands on, from 1. */
export interface CommandLine {
  readonly line: number;
  readonly text: string;
}

/** Commands and the output expected of them together. */
export interface Block {
  /** Comments and blank lines in front, as written. */
  readonly preamble: readonly string[];
  readonly commands: readonly CommandLine[];
  readonly expected: readonly string[];
}

/** A trace file taken apart. */
export interface Script {
  readonly blocks: readonly Block[];
  /** Comments after the last block. */
  readonly ending: readonly string[];
}

const separator = '----';

/**
 * Takes a trace file apart: comment lines, command lines, `----`, the expected output, a blank line. A block may lack `----`
 * and output: that is how a new one is written before it is generated.
 */
export function parseScript(text: string): Script {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let place = 0;
  for (;;) {
    const preamble = takeWhile(lines, place, (line) => isBlank(line) || isComment(line));
    place += preamble.length;
    if (place >= lines.length) return { blocks, ending: preamble };
    const written = takeWhile(lines, place, (line) => !isBlank(line) && !isComment(line) && line !== separator);
    const commands = written.map((command, i) => ({ line: place + i + 1, text: command.trim() }));
    if (commands.length === 0) throw new TraceError(`line ${place + 1}: ${separator} without a command`);
    place += commands.length;
    const answered = lines[place] === separator;
    if (answered) place++;
    const expected = answered ? takeWhile(lines, place, (line) => !isBlank(line)) : [];
    place += expected.length;
    blocks.push({ preamble, commands, expected });
  }
}

/** Writes a trace file with `outputs[i]` in place of the output of block i. What `parseScript` read with its own output is written unchanged. */
export function renderScript(script: Script, outputs: readonly (readonly string[])[]): string {
  const lines: string[] = [];
  script.blocks.forEach(({ preamble, commands }, i) => {
    if (i > 0) lines.push('');
    lines.push(...preamble.slice(firstWritten(preamble)), ...commands.map(({ text }) => text), separator, ...(outputs[i] ?? []));
  });
  const ending = script.ending.slice(firstWritten(script.ending));
  if (ending.length > 0) lines.push('', ...ending);
  return `${lines.join('\n').trimEnd()}\n`;
}

function takeWhile(lines: readonly string[], from: number, wanted: (line: string) => boolean): string[] {
  let to = from;
  while (to < lines.length && wanted(lines[to] ?? '')) to++;
  return lines.slice(from, to);
}

/** Where a preamble begins behind the blank lines that end the block before it. */
function firstWritten(lines: readonly string[]): number {
  const first = lines.findIndex((line) => !isBlank(line));
  return first < 0 ? lines.length : first;
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}

function isComment(line: string): boolean {
  return line.startsWith('#');
}
