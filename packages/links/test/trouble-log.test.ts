import { expect, test } from 'vitest';
import { createTroubleLog } from '../src/trouble-log.ts';

test('reports the same kind from the same end once in ten seconds, whatever its port, and counts the rest', () => {
  let now = 0;
  const said: string[] = [];
  const log = createTroubleLog(
    () => now,
    (peer, text) => void said.push(`${peer ?? '?'} ${text}`),
  );
  log.report(undefined, '10.0.0.9:1', 'E_IDLE: a');
  log.report(undefined, '10.0.0.9:2', 'E_IDLE: b');
  log.report(undefined, '10.0.0.8:2', 'E_IDLE: c');
  log.report(7, '10.0.0.9:2', 'E_IDLE: d');
  log.report(7, '10.0.0.9:2', 'E_OVERFLOW: e');
  now = 10_000;
  log.report(undefined, '10.0.0.9:3', 'E_IDLE: f');
  expect(said).toEqual([
    '? E_IDLE: a [10.0.0.9:1]',
    '? E_IDLE: c [10.0.0.8:2]',
    '7 E_IDLE: d [10.0.0.9:2]',
    '7 E_OVERFLOW: e [10.0.0.9:2]',
    '? E_IDLE: f [10.0.0.9:3] (1 more like this since the last report)',
  ]);
});
