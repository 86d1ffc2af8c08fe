import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchProgram } from '../src/cli/bench-program.ts';
import type { Surroundings } from '../src/cli/surroundings.ts';
import { sampleDetectors } from './fixtures/sample-detectors.ts';
import { sampleResult } from './fixtures/sample-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'quorate-report-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly said: string;
}

async function program(argv: readonly string[], change: Partial<Surroundings> = {}): Promise<Outcome> {
  let out = '';
  let said = '';
  const around: Surroundings = {
    version: '1.2.3',
    stdout: (text) => (out += text),
    stderr: (text) => (said += text),
    isTerminal: false,
    columns: () => 80,
    onInterrupt: () => () => undefined,
    nowMs: () => 0,
    wallMs: () => 0,
    ...change,
  };
  const exit = await benchProgram(argv, around);
  return { exit, out, said };
}

const measured = path('measured.json');
const detectors = path('detectors.json');
writeFileSync(measured, JSON.stringify(sampleResult()));
writeFileSync(detectors, JSON.stringify(sampleDetectors));

describe('quorate-bench report', () => {
  test('puts kept results into one report, printed and as files', async () => {
    const files = ['--html', path('report.html'), '--markdown', path('report.md')];
    const { exit, out, said } = await program(['report', '--measured', measured, '--detectors', detectors, ...files]);
    expect([exit, said]).toEqual([0, '']);
    expect(out).toMatch(/^VERDICT\n\n\* ZAB completes 14/);
    expect(readFileSync(path('report.html'), 'utf8')).toContain('<h2>Failure detectors</h2>');
    expect(readFileSync(path('report.md'), 'utf8')).toMatch(/^# Raft, Multi-Paxos and ZAB, compared\n/);
  });

  test('refuses a file that holds something else', async () => {
    const { exit, said } = await program(['report', '--simulated', measured]);
    expect(exit).toBe(65);
    expect(said).toBe(
      `E_FORMAT: --simulated ${measured} holds something else (format="quorate-bench/1", allowed: quorate-bench-simulated/1). Name a file that this version wrote.\n`,
    );
    writeFileSync(path('text.json'), 'no JSON');
    expect((await program(['report', '--measured', path('text.json')])).exit).toBe(65);
    expect((await program(['report', '--detectors', measured])).exit).toBe(65);
  });

  test('says which file cannot be read, and which cannot be written', async () => {
    const missing = await program(['report', '--measured', path('missing.json')]);
    expect([missing.exit, missing.said.slice(0, 20)]).toEqual([74, 'E_FILE: --measured /']);
    const { exit, out, said } = await program(['report', '--measured', measured, '--html', path('no/folder.html')]);
    expect(exit).toBe(74);
    expect(said).toMatch(/^E_FILE: the result could not be written \(--html .*ENOENT/);
    // What was found is printed all the same.
    expect(out).toMatch(/^VERDICT/);
  });

  test('asks for something to report', async () => {
    expect(await program(['report'])).toEqual({
      exit: 64,
      out: '',
      said: 'E_FLAG_MISSING: there is nothing to report. Give --measured, --simulated or --detectors.\n',
    });
  });
});

describe('quorate-bench compare --simulated', () => {
  test('takes no flag that means nothing in virtual time', async () => {
    const { exit, said } = await program(['compare', '--simulated', '--seed', '4', '--repeats', '3']);
    expect([exit, said]).toEqual([64, 'E_FLAG_CONFLICT: --repeats means nothing beside --simulated. Leave one of them out.\n']);
  });

  test('ends at Ctrl-C between two trials, writes nothing, and says so', async () => {
    let calmed = 0;
    const onInterrupt = (run: () => void): (() => void) => {
      run();
      return () => (calmed += 1);
    };
    const { exit, out, said } = await program(['compare', '--simulated', '--json', path('simulated.json')], { onInterrupt });
    expect([exit, out, calmed]).toEqual([130, '', 1]);
    expect(said).toBe('a commit of raft, 3 members\nThe comparison was interrupted: nothing of it is reported.\n');
    expect(() => readFileSync(path('simulated.json'))).toThrow('ENOENT');
  });
});
