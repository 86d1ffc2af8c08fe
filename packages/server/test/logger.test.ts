import { expect, test } from 'vitest';
import { createLogger } from '../src/logger.ts';

function lines(format: 'text' | 'json'): { logger: ReturnType<typeof createLogger>; written: string[]; clock: { ms: number } } {
  const written: string[] = [];
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5, 6) };
  return { logger: createLogger({ format, write: (line) => void written.push(line), wallMs: () => clock.ms }), written, clock };
}

test('text: time, level, message and fields in one line', () => {
  const { logger, written } = lines('text');
  logger.info('role', { role: 'leader', epoch: 3, note: 'two words', absent: undefined });
  expect(written).toEqual(['2026-01-02T03:04:05.006Z info  role role=leader epoch=3 note="two words"\n']);
});

test('JSON: one object per line', () => {
  const { logger, written } = lines('json');
  logger.error('E_X: broken', { exit: 74 });
  expect(JSON.parse(written[0] ?? '')).toEqual({
    time: '2026-01-02T03:04:05.006Z',
    level: 'error',
    message: 'E_X: broken',
    exit: 74,
  });
});

test('remote text cannot forge a second line', () => {
  const { logger, written } = lines('text');
  logger.warn('E_PROTO_MAGIC: got "\n2026 error forged"', { from: 'a\nb' });
  expect(written.join('').split('\n')).toHaveLength(2);
});

test('secrets are not shown', () => {
  const { logger, written } = lines('text');
  logger.info('login', { user: 'u', password: 'geheim', clientSecret: 'geheim' });
  expect(written.join('')).not.toContain('geheim');
});

test('lines of one kind are limited, others are not, and the suppressed ones are counted', () => {
  const { logger, written, clock } = lines('text');
  for (let i = 0; i < 50; i++) logger.warn(`E_FRAME_CRC: from peer ${i}`);
  logger.warn('something else');
  expect(written).toHaveLength(11);
  clock.ms += 10_000;
  logger.warn('E_FRAME_CRC: from peer 50');
  expect(written.at(-1)).toMatch(/suppressed=40\n$/);
});

test('a wall clock that jumps back does not silence the log', () => {
  const { logger, written, clock } = lines('text');
  for (let i = 0; i < 20; i++) logger.warn('same');
  clock.ms -= 86_400_000;
  logger.warn('same');
  expect(written).toHaveLength(11);
});
