import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../bin/quorate-bench.mjs', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; `onStderr` may signal it. */
function run(
  argv: readonly string[],
  { onStderr, env = process.env }: { readonly onStderr?: (kill: () => void) => void; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    onStderr?.(() => child.kill('SIGINT'));
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...output })));
}

describe('quorate-bench', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'quorate-bench-test-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('reports what it has at Ctrl-C, leaves nothing behind, and exits with 130', async () => {
    const json = join(directory, 'result.json');
    const ended = await run(['calibrate', '--directory', directory, '--json', json], { onStderr: (kill) => kill() });
    expect(ended).toMatchObject({ code: 130 });
    expect(ended.stdout).toMatch(/interrupted/iu);
    expect(readdirSync(directory)).toEqual(['result.json']);
  });

  it('says which folder it cannot use', async () => {
    const { code, stderr } = await run(['calibrate', '--directory', join(directory, 'absent')]);
    expect(code).toBe(74);
    expect(stderr).toMatch(/E_DIRECTORY: .*absent.*Name a folder/u);
  });

  it('says before it measures which file it could not write', async () => {
    const { code, stderr } = await run(['calibrate', '--json', join(directory, 'absent', 'result.json')]);
    expect(code).toBe(74);
    expect(stderr).toMatch(/^E_FILE: --json .*absent.*Name a file/u);
  });

  it('says how to get an etcd that is missing', async () => {
    const { code, stderr } = await run(['versus'], { env: { PATH: directory } });
    expect(code).toBe(69);
    expect(stderr).toMatch(/E_PROGRAM: there is no etcd .*apt-get install etcd-server/u);
  });

  it('refuses a wrong line with 64, and helps', async () => {
    const { code, stderr } = await run(['compare', '--loops', 'open']);
    expect(code).toBe(64);
    expect(stderr).toMatch(/Give --rate N/u);
    expect(await run(['--help'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/compare --quick/u) as string });
  });
});
