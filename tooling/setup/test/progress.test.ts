import { describe, expect, test } from 'vitest';
import { run } from '../child.mjs';
import { during } from '../progress.mjs';

function paper(isTTY: boolean): { readonly text: () => string; readonly out: Parameters<typeof during>[2] & object } {
  let text = '';
  return { text: () => text, out: { isTTY, write: (part: string) => (text += part) } };
}

describe('a step that takes a while', () => {
  test('has a beginning and an end in a log, and gives its result', async () => {
    const { text, out } = paper(false);
    expect(await during('building', () => Promise.resolve(7), out)).toBe(7);
    expect(text()).toMatch(/^· building\n· building: done in \d+ s\n$/);
  });

  test('shows in a terminal what it is at', async () => {
    const { text, out } = paper(true);
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const working = during(
      'building',
      (at) => {
        at('raft');
        return ended;
      },
      out,
    );
    await expect.poll(text).toContain('\r\u001B[K· building: raft (');
    end();
    await working;
    expect(text().split('\r\u001B[K').at(-1)).toMatch(/^· building: done in \d+ s\n$/);
  });

  test('leaves no half line behind where it fails', async () => {
    const { text, out } = paper(true);
    await expect(during('building', () => Promise.reject(new Error('no')), out)).rejects.toThrow('no');
    expect(text().endsWith('\r\u001B[K')).toBe(true);
  });
});

test('the lines of a captured program are told one by one', async () => {
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  const script = "process.stdout.write('a'); process.stdout.write('b\\nc\\n'); process.stderr.write('d\\n')";
  const { output, code } = await run(process.execPath, ['-e', script], { capture: true, onLine });
  expect({ code, lines, output: output.split('').toSorted().join('').trim() }).toEqual({
    code: 0,
    lines: ['ab', 'c'],
    output: 'abcd',
  });
});
