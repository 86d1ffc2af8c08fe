import { expect, test } from 'vitest';
import { splitArguments } from '../run-tests.mjs';
import { countReport, describeCounts, totalLine } from '../test-reports.mjs';
import { failedIn } from '../turbo-summary.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  endTime: 3000,
  assertionResults: tests.map((test) => ({ status: test })),
});
const report = (numPassedTests: number, numFailedTests: number, testResults: unknown[], success = numFailedTests === 0) => ({
  numPassedTests,
  numFailedTests,
  numPendingTests: 0,
  startTime: 1000,
  success,
  testResults,
});

test('hands filters to turbo and everything else to vitest', () => {
  const { turbo, vitest } = splitArguments(['--filter', '@quorate/raft', '-t', 'election', '--force', 'log.test.ts']);
  expect(turbo).toEqual(['--filter', '@quorate/raft', '--force']);
  expect(vitest).toEqual(['-t', 'election', 'log.test.ts']);
});

test('counts the tests of a report', () => {
  expect(countReport(report(2, 1, [file('failed', 'passed', 'failed'), file('passed', 'passed')]))).toEqual({
    passed: 2,
    failed: 1,
    skipped: 0,
    seconds: 2,
  });
});

test('counts a file that failed before its first test', () => {
  expect(countReport(report(1, 0, [file('failed'), file('passed', 'passed')], false))).toMatchObject({ passed: 1, failed: 1 });
});

test('counts an unhandled error between passing tests', () => {
  expect(countReport(report(1, 0, [file('passed', 'passed')], false))).toMatchObject({ passed: 1, failed: 1 });
});

test('finds the failed tasks of a turbo run, and takes tasks without a command for no failure', () => {
  const tasks = [
    { directory: 'packages/a', execution: { exitCode: 1 } },
    { directory: 'packages/b', execution: { exitCode: 0 } },
    { directory: 'packages/c' },
  ];
  expect(failedIn({ tasks })).toEqual(['packages/a']);
});

test('writes the last line in the form that machines read', () => {
  expect(totalLine(12, 3)).toBe('12 passed, 3 failed');
  expect(describeCounts('packages/a', { passed: 1, failed: 1, skipped: 1, seconds: 2 })).toContain(
    '1 passed, 1 failed, 1 skipped (2.0 s)',
  );
});
