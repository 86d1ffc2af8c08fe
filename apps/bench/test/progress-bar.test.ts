import { expect, test } from 'vitest';
import { ProgressBar } from '../src/cli/progress-bar.ts';

function bar(isTerminal: boolean) {
  const said: string[] = [];
  let now = 0;
  const around = {
    version: '0.0.0',
    stdout: () => undefined,
    stderr: (text: string) => void said.push(text),
    isTerminal,
    columns: () => 80,
    onInterrupt: () => () => undefined,
    nowMs: () => now,
    wallMs: () => now,
  };
  const progress = new ProgressBar(around);
  progress.expect(6, 40);
  const step = (text: string): void => {
    progress.begin(text);
    now += 40_000;
    progress.done();
  };
  return { progress, said, step };
}

test('where nothing can be drawn over, a stage is one line, and a long one another each minute', () => {
  const { progress, said, step } = bar(false);
  for (const place of ['a', 'b', 'c', 'd']) step(`put: ${place}`);
  step('failover: a');
  step('failover: b');
  progress.end();
  expect(said.map((line) => line.replace(/.*· /u, ''))).toEqual(['put: a\n', 'put: c\n', 'failover: a\n']);
});

test('a terminal has one line that is drawn again, and none at the end', () => {
  const { progress, said, step } = bar(true);
  step('put: a');
  step('put: b');
  progress.end();
  expect(said.join('')).not.toContain('\n');
  expect(said.every((text) => text.startsWith('\r\u001B[2K'))).toBe(true);
  expect(said.at(-1)).toBe('\r\u001B[2K');
});
