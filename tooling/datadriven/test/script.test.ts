import { describe, expect, test } from 'vitest';
import { runTrace } from '../src/index.ts';
import { parseScript, renderScript } from '../src/script.ts';
import { toyKinds } from './fixtures/toy-kinds.ts';

const trace = `# A story.

add-nodes 1
campaign 1
----
one line
# is output, not a comment

# Why.
log
----
ok

# The end.
`;

describe('trace file', () => {
  test('is written as it was read where the output is the same', () => {
    const script = parseScript(trace);
    expect(
      renderScript(
        script,
        script.blocks.map(({ expected }) => expected),
      ),
    ).toBe(trace);
  });

  test('knows comments, commands with their lines, and output', () => {
    const { blocks, ending } = parseScript(trace);
    expect(blocks.map(({ commands }) => commands)).toEqual([
      [
        { line: 3, text: 'add-nodes 1' },
        { line: 4, text: 'campaign 1' },
      ],
      [{ line: 10, text: 'log' }],
    ]);
    expect(blocks[0]?.expected).toEqual(['one line', '# is output, not a comment']);
    expect(ending).toContain('# The end.');
  });

  test('may lack output, and gets it', () => {
    expect(runTrace('new.txt', 'add-nodes 1\nlog', toyKinds)).toBe('add-nodes 1\nlog\n----\n1: empty\n');
  });

  test('is the same text when it is run again', () => {
    const once = runTrace('a.txt', 'add-nodes 3\ncampaign 1\n\npropose 1 x\nstabilize\n', toyKinds);
    expect(runTrace('a.txt', once, toyKinds)).toBe(once);
  });

  test('output without a command is refused', () => {
    expect(() => runTrace('a.txt', 'add-nodes 1\n----\nok\n\n----\nx\n', toyKinds)).toThrow('line 5: ---- without a command');
  });
});

describe('errors of a trace', () => {
  const failing: readonly (readonly [string, string])[] = [
    ['fly 1', 'unknown command: fly'],
    ['campaign', 'a node is missing'],
    ['campaign 4', 'there is no node 4'],
    ['campaign x', 'a node is a whole number from 1 on, not x'],
    ['campaign 1 now', 'unexpected: now'],
    ['propose 1', 'a command is missing'],
    ['deliver 1', '1 is no path such as 1->2'],
    ['deliver 1->2', 'no such message is under way'],
    ['deliver 1->2->3', 'no path'],
    ['deliver 1->2 log 0', 'a count is a whole number from 1 on, not 0'],
    ['deliver 1->9', 'there is no node 9'],
    ['drop 1->2 log @x', 'a place is a whole number from 1 on, not x'],
    ['link-down 12', '12 is no pair such as 1-2'],
    ['sync 1', '1 has nothing to sync'],
    ['advance', 'milliseconds is missing'],
    ['advance 0.5', 'milliseconds is a whole number from 1 on, not 0.5'],
    ['lose-unsynced 1', '1 is up: only a crash loses what is unsynced'],
    ['restart 1', '1 is up'],
    ['snapshot 1', '1 has applied nothing'],
    ['reconfigure 1 voter=2', 'unknown option: voter'],
    ['add-nodes 1 fifo', 'only the first add-nodes chooses the network'],
    ['add-nodes 1 beat=1 beat=2', 'beat is given twice'],
    ['add-nodes 1 beat=fast', 'beat is a whole number from 0 on, not fast'],
    ['add-nodes 1 fault=all', 'fault is one of'],
    ['add-nodes 1 wings', 'unknown option: wings'],
  ];

  test.each(failing)('%s', (command, text) => {
    expect(() => runTrace('story.txt', `# x\nadd-nodes 2\n\n${command}\n`, toyKinds)).toThrow(`story.txt:4: ${command}\n`);
    expect(() => runTrace('story.txt', `# x\nadd-nodes 2\n\n${command}\n`, toyKinds)).toThrow(text);
  });

  test('the first command adds nodes', () => {
    expect(() => runTrace('a.txt', 'log\n', toyKinds)).toThrow('a.txt:1: log\nthe first command is add-nodes');
  });

  test('a command for a member that is down is refused', () => {
    expect(() => runTrace('a.txt', 'add-nodes 1\ncrash 1\ncampaign 1\n', toyKinds)).toThrow('a.txt:3: campaign 1\n1 is down');
  });

  test('a core that needs fifo links refuses datagram', () => {
    const kinds: typeof toyKinds = (options) => ({ ...toyKinds(options), needs: { fifoLinks: true } });
    expect(() => runTrace('a.txt', 'add-nodes 1 datagram\n', kinds)).toThrow('toy needs fifo links');
  });
});
