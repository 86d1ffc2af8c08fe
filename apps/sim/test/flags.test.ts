import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../src/cli/command-line.ts';
import type { CommandLine } from '../src/cli/command-line.ts';
import { simProgram } from '../src/cli/sim-program.ts';
import { FakeSurroundings } from './fixtures/fake-surroundings.ts';
import { inlineExecutor } from './fixtures/inline-executor.ts';

const parse = (line: string): CommandLine =>
  parseCommandLine(
    line.split(' ').filter((word) => word !== ''),
    '1.2.3',
  );

function valuesOf(line: string): Readonly<Record<string, unknown>> {
  const command = parse(line);
  if (command.ask === 'answer' || command.ask === 'refuse') throw new Error(JSON.stringify(command));
  return Object.fromEntries(command.values);
}

async function refused(line: string): Promise<{ code: number; lines: string[]; out: string }> {
  const around = new FakeSurroundings();
  const code = await simProgram(
    line.split(' ').filter((word) => word !== ''),
    inlineExecutor,
    around,
  );
  return { code, lines: around.err.trimEnd().split('\n'), out: around.out };
}

describe('flags', () => {
  test('none: a hundred seeds of Raft, a minute each', () => {
    expect(valuesOf('run')).toMatchObject({
      protocol: 'raft',
      seeds: 100,
      'first-seed': 1,
      seconds: 60,
      workload: 'kv',
      json: false,
      'keep-going': false,
    });
    expect(valuesOf('run')['jobs']).toBeGreaterThan(0);
  });

  test('a seed is any integer from 0 to 2^53 - 1', () => {
    expect(valuesOf('replay --seed 0')['seed']).toBe(0);
    expect(valuesOf('replay --seed=9007199254740991')['seed']).toBe(Number.MAX_SAFE_INTEGER);
    expect(valuesOf('run --first-seed 9007199254740991 --seeds 1')['first-seed']).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each([
    ['no command', '', /^E_COMMAND: there is no command\. Write run, replay, shrink/u],
    ['a command that is nearly one', 'rnu --seeds 1', /Did you mean run\?/u],
    ['a command that is none', 'compile', /Write run, replay, shrink/u],
    ['a flag that is nearly one', 'run --sedes 3', /^E_FLAG_UNKNOWN: there is no flag --sedes\. Did you mean --seeds\?/u],
    ['a word without a flag', 'run raft', /^E_ARGUMENT: "raft" belongs to no flag/u],
    ['another protocol', 'run --protocol paxos', /^E_PROTOCOL: --protocol is "paxos", allowed: raft/u],
    ['a number that is a word', 'run --seeds many', /^E_FLAG_VALUE: --seeds is "many", allowed: an integer/u],
    ['no seeds', 'run --seeds 0', /^E_FLAG_RANGE: --seeds is 0, allowed: 1 to 9007199254740991/u],
    ['a negative seed', 'replay --seed=-1', /^E_FLAG_RANGE: --seed is -1/u],
    ['a seed beyond the last', 'replay --seed 9007199254740992', /^E_FLAG_(RANGE|VALUE): --seed is/u],
    [
      'a range beyond the last seed',
      'run --first-seed 9007199254740991 --seeds 2',
      /^E_FLAG_RANGE: --first-seed and --seeds lead beyond/u,
    ],
    ['a fraction', 'run --seconds 1.5', /^E_FLAG_VALUE: --seconds is "1\.5"/u],
    ['a flag without its value', 'run --report', /^E_FLAG_VALUE: --report has no value/u],
    ['a flag twice', 'run --seeds 1 --seeds 2', /^E_FLAG_TWICE/u],
    ['nothing to replay', 'replay', /^E_FLAG_MISSING: replay needs --seed N or --plan FILE/u],
    ['nothing to shrink', 'shrink --protocol raft', /^E_FLAG_MISSING/u],
    ['a plan and a seed', 'replay --plan x.json --seed 1', /^E_FLAG_CONFLICT: --plan FILE already says --seed/u],
  ])('%s is a usage error', async (_name, line, text) => {
    const { code, lines, out } = await refused(line);
    expect(code).toBe(64);
    expect(lines[0]).toMatch(text);
    expect(out).toBe('');
  });

  test('everything that is wrong is told at once', async () => {
    const { lines } = await refused('run --sedes 4 --jobs x --seconds 0');
    expect(lines.map((line) => line.split(':')[0])).toEqual(['E_FLAG_UNKNOWN', 'E_FLAG_RANGE', 'E_FLAG_VALUE']);
  });

  test('help names every flag, its default and an example', async () => {
    const around = new FakeSurroundings();
    expect(await simProgram(['run', '--help'], inlineExecutor, around)).toBe(0);
    for (const part of ['--first-seed N', '--replay-twice', '--keep-going', '130 interrupted', 'Example: quorate-sim run'])
      expect(around.out).toContain(part);
    expect(around.err).toBe('');
    expect(parse('--help')).toMatchObject({ ask: 'answer', text: expect.stringContaining('quorate-sim shrink') as string });
    expect(parse('--version')).toEqual({ ask: 'answer', text: 'quorate-sim 1.2.3\n' });
  });

  test('the environment says nothing: a line that reproduces a failure is all there is to it', () => {
    process.env['QUORATE_SEEDS'] = '7';
    expect(valuesOf('run')['seeds']).toBe(100);
    delete process.env['QUORATE_SEEDS'];
  });
});
