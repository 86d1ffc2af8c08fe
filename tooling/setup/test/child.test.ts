import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { run } from '../child.mjs';

const forever = 'setInterval(() => {}, 1000)';
const withGrandchild = `
  const grandchild = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(forever)}]);
  console.log(grandchild.pid);
  ${forever}`;
const program = `
  import { run } from ${JSON.stringify(new URL('../child.mjs', import.meta.url).href)};
  await run(process.execPath, ['-e', ${JSON.stringify(withGrandchild)}]);
  console.log('went on');`;

test('returns the exit code and what was written', async () => {
  const result = await run(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exit(3)'], {
    capture: true,
  });
  expect(result.code).toBe(3);
  expect(result.output).toContain('out');
  expect(result.output).toContain('err');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('on %s ends what its children started, and does not go on', async (signal, code) => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  parent.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await vi.waitFor(() => expect(output).toContain('\n'), { timeout: 10_000 });
  parent.kill(signal);
  expect(await once(parent, 'exit')).toEqual([code, null]);
  await vi.waitFor(() => expect(isAlive(Number(output))).toBe(false), { timeout: 10_000 });
  expect(output).not.toContain('went on');
});

/** A process that has ended but that nobody has collected yet (a container without an init) counts as ended. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
