import { expect, test } from 'vitest';
import { goldenTable } from '../src/golden-table.ts';

const trace = (core: string, file: string, text: string): { path: string; text: string } => ({
  path: `packages/${core}/test/golden/${file}`,
  text,
});

test('has a row for each scenario that all cores play, and says what their traces say', () => {
  const files = [
    trace('raft', 'g2-b.txt', '# Two. Look for: nothing\n# at all.\nadd-nodes 3\n# Look for: not this.\n'),
    trace('multi-paxos', 'g2-b.txt', '# Look for: a hole.\n'),
    trace('zab', 'g2-b.txt', '# Look for: a|b.\n'),
    trace('raft', 'g1-alone.txt', '# Look for: me.\n'),
    trace('raft', 'other.txt', 'no comment\n'),
  ];
  const [head, , row, ...more] = goldenTable(files).split('\n');
  const cells = (line = ''): readonly string[] => line.split(/ +\| ?/u).map((cell) => cell.replace(/^\| /u, ''));
  expect(cells(head)).toEqual(['when…', 'Raft', 'Multi-Paxos', 'ZAB', '']);
  expect(cells(row)).toEqual([
    'G2, b',
    'Nothing at all. ([trace](packages/raft/test/golden/g2-b.txt))',
    'A hole. ([trace](packages/multi-paxos/test/golden/g2-b.txt))',
    'A\\|b. ([trace](packages/zab/test/golden/g2-b.txt))',
    '',
  ]);
  expect(more).toEqual([]);
});

test('refuses a trace that does not say what to look for', () => {
  const files = ['raft', 'multi-paxos', 'zab'].map((core) => trace(core, 'g1-a.txt', '# Nothing.\n'));
  expect(() => goldenTable(files)).toThrow('packages/raft/test/golden/g1-a.txt: its first comment does not say "Look for: …"');
});
