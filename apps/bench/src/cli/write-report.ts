import { writeFileSync } from 'node:fs';
import type { FlagValue } from '@quorate/server';
import { htmlReport } from '../report/html/html-report.ts';
import { markdownReport } from '../report/markdown.ts';
import { reportDocument } from '../report/report-document.ts';
import type { ReportSource } from '../report/report-source.ts';
import { summaryDocument } from '../report/summary.ts';
import { terminalReport } from '../report/terminal.ts';
import type { Surroundings } from './surroundings.ts';

/** Where nobody says how wide it is. */
const usualColumns = 120;

/**
 * Prints what was found, and writes the files that `--json`, `--html` and `--markdown` ask for. `json` is what the first of them gets. False: a
 * file could not be written; it says which.
 */
export function writeReport(
  source: ReportSource,
  json: unknown,
  values: ReadonlyMap<string, FlagValue>,
  { stdout, stderr, isTerminal, columns }: Surroundings,
): boolean {
  const document = reportDocument(source);
  const width = isTerminal ? columns() : usualColumns;
  const isBrief = values.get('summary') === true && source.measured !== undefined;
  stdout(terminalReport(isBrief ? summaryDocument(source.measured) : document, width));
  const texts: Readonly<Record<string, () => string>> = {
    json: () => `${JSON.stringify(json, undefined, 1)}\n`,
    html: () => htmlReport(document),
    markdown: () => markdownReport(document),
  };
  let complete = true;
  for (const [flag, text] of Object.entries(texts)) {
    const path = String(values.get(flag) ?? '');
    if (path === '') continue;
    try {
      writeFileSync(path, text());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      stderr(`E_FILE: the result could not be written (--${flag} ${path}: ${why}). Name a file in a folder that exists.\n`);
      complete = false;
    }
  }
  return complete;
}
