import { readFileSync } from 'node:fs';
import type { FlagValue } from '@quorate/server';
import type { ReportSource } from '../report/report-source.ts';
import { resultFormat } from '../result/bench-result.ts';
import { simulatedFormat } from '../simulated/simulated-result.ts';
import type { Surroundings } from './surroundings.ts';
import { writeReport } from './write-report.ts';

type Values = ReadonlyMap<string, FlagValue>;

/** What went wrong with a file, and the exit code for it. */
class FileProblem extends Error {
  override readonly name: string = 'FileProblem';
  readonly exit: number;

  constructor(text: string, exit: number) {
    super(text);
    this.exit = exit;
  }
}

const usageExit = 64;
const dataExit = 65;
const filesExit = 74;

/** `quorate-bench report`: puts results that were kept as JSON into one report. Gives the exit code. */
export function reportCommand(values: Values, around: Surroundings): number {
  try {
    const source = sourceOf(values);
    if (Object.keys(source).length === 0) {
      around.stderr('E_FLAG_MISSING: there is nothing to report. Give --measured, --simulated or --detectors.\n');
      return usageExit;
    }
    return writeReport(source, source, values, around) ? 0 : filesExit;
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    around.stderr(`${error.message}\n`);
    return error.exit;
  }
}

function sourceOf(values: Values): ReportSource {
  const measured = read(values, 'measured', resultFormat) as ReportSource['measured'];
  const simulated = read(values, 'simulated', simulatedFormat) as ReportSource['simulated'];
  const detectors = read(values, 'detectors', undefined) as ReportSource['detectors'];
  return { ...(measured && { measured }), ...(simulated && { simulated }), ...(detectors && { detectors }) };
}

/** Undefined: nobody named a file. */
function read(values: Values, flag: string, format: string | undefined): unknown {
  const path = String(values.get(flag) ?? '');
  if (path === '') return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FileProblem(`E_FILE: --${flag} ${path} could not be read: ${why}. Name a file that --json wrote.`, filesExit);
  }
  const value = parsed(text);
  const found = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  const isRight = format === undefined ? Array.isArray(value) : found === format;
  if (!isRight)
    throw new FileProblem(
      `E_FORMAT: --${flag} ${path} holds something else (format=${JSON.stringify(found ?? null)}, allowed: ${format ?? 'a list of rows'}). Name a file that this version wrote.`,
      dataExit,
    );
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // No JSON is one more thing that is not the right format.
  }
}
