import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where vitest leaves its report, below each package's folder. turbo keeps it with a cached result. */
export const reportPath = '.cache/vitest.json';

/** Removes the reports of earlier runs, so that every report found later belongs to this one. */
export function removeReports(root, folders) {
  for (const folder of folders) rmSync(join(root, folder, reportPath), { force: true });
}

/** The counts of one package, or undefined while it has no complete report. */
export function readReport(root, folder) {
  const file = join(root, folder, reportPath);
  if (!existsSync(file)) return undefined;
  try {
    return countReport(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Half written: it is read again later.
    return undefined;
  }
}

/** A file that fails before its first test (a bad import, say) has no failed test; it counts as one. */
export function countReport(report) {
  let failed = report.numFailedTests;
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) failed += 1;
  }
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  if (!report.success && failed === 0) failed = 1;
  const start = report.startTime;
  const end = Math.max(start, ...report.testResults.map((file) => file.endTime));
  return { passed, failed, skipped, seconds: (end - start) / 1000 };
}

/** One line of the summary. */
export function describeCounts(name, { passed, failed, skipped, seconds }) {
  const mark = failed > 0 ? '✗' : '✓';
  const counts = [`${passed} passed`];
  if (failed > 0) counts.push(`${failed} failed`);
  if (skipped > 0) counts.push(`${skipped} skipped`);
  return `${mark} ${name.padEnd(32)} ${counts.join(', ')} (${seconds.toFixed(1)} s)`;
}

/** The last line of a run, which machines read. */
export function totalLine(passed, failed) {
  return `${passed} passed, ${failed} failed`;
}
