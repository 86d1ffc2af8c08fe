import { describe, expect, it } from 'vitest';
import { listOf, parseCommandLine } from '../src/cli/command-line.ts';

function refused(argv: readonly string[]): readonly string[] {
  const line = parseCommandLine(argv, '1.2.3');
  if (line.ask !== 'refuse') throw new Error(`not refused: ${line.ask}`);
  return line.problems;
}

describe('the command line', () => {
  it('finds every problem at once, and says what to do', () => {
    const problems = refused(['compare', '--protocols', 'raft,zap', '--repeats', '0', '--sedonds', '3']);
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toMatch(/Did you mean zab\?/);
    expect(problems.join('\n')).toMatch(/--repeats is 0, allowed: 1 to 1000/);
    expect(problems.join('\n')).toMatch(/--seconds/);
  });

  it('refuses a word that a list names twice', () => {
    expect(refused(['compare', '--storages', 'file,file'])).toEqual([
      'E_FLAG_VALUE: --storages names "file" twice. Name it once.',
    ]);
  });

  it('names the nearest command', () => {
    expect(refused(['comapre'])[0]).toMatch(/Did you mean compare\?/);
    expect(refused([])[0]).toMatch(/Write calibrate, compare, versus/);
  });

  it('lets --quick change only what was not given', () => {
    const line = parseCommandLine(['compare', '--quick', '--seconds', '7'], '1.2.3');
    if (line.ask !== 'compare') throw new Error('refused');
    expect(line.values.get('seconds')).toBe(7);
    expect(line.values.get('repeats')).toBe(3);
    expect(listOf(line.values, 'storages')).toEqual(['file']);
    expect(listOf(line.values, 'protocols')).toEqual(['raft', 'multi-paxos', 'zab']);
  });

  it('takes one of --quick and --short', () => {
    expect(refused(['compare', '--quick', '--short'])).toEqual([
      'E_FLAG_CONFLICT: --quick and --short contradict each other. Give one of them.',
    ]);
  });

  it.each(['calibrate', 'compare', 'versus'])('%s --help shows its flags, exit codes and an example', (name) => {
    const line = parseCommandLine([name, '--help'], '1.2.3');
    expect(line.ask === 'answer' && line.text).toMatch(/--seconds N[\s\S]*Exit codes:[\s\S]*Example: quorate-bench/);
  });
});
