import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../examples/fenced-storage/run.mjs', import.meta.url));

test('a holder that was stopped is refused by its token when it wakes up', async () => {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code, text).toBe(0);
  const [alice = 0, bob = 0] = [...text.matchAll(/holds token (\d+)/gu)].map(([, token]) => Number(token));
  expect(bob).toBeGreaterThan(alice);
  expect(
    text
      .replaceAll(/token \d+/gu, 'token N')
      .trimEnd()
      .split('\n'),
  ).toEqual([
    'alice holds token N',
    'alice is stopped with SIGSTOP while she holds the lock',
    'bob holds token N',
    'bob wrote',
    'alice is woken up and writes',
    'alice was refused with token N',
    'alice lost the lock',
    'the storage has the value of bob, with token N',
  ]);
});
