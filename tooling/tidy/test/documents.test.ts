import { describe, expect, test } from 'vitest';
import { fileNames, mainExports } from '../src/names.ts';
import { machineTraces, unfinishedNotes } from '../src/notes.ts';
import { exampleFile, exampleSettings } from '../src/readme-compiler.ts';
import { oneTitle, readmeExamples, readmeHeadings } from '../src/readmes.ts';
import { complaints, file, manifest } from './sample.ts';

const chapters = '## Install\n\n## Example\n\n## Guarantees\n\n## Reading order\n\n## References\n';
const readme = (text: string) => complaints(readmeHeadings, manifest('packages/raft'), file('packages/raft/README.md', text));

describe('READMEs', () => {
  test('have one title and the chapters in order', () => {
    expect(readme(`# @quorate/raft\n\n${chapters}`)).toEqual([]);
    expect(readme(`# @quorate/raft\n\n${chapters.replace('## Reading', '## Options\n\n## Errors\n\n## Reading')}`)).toEqual([]);
  });

  test.each([
    ['first-level', `# Raft\n\n${chapters}`],
    ['first-level', `# @quorate/raft\n\n# More\n\n${chapters}`],
    ['"## Guarantees" is missing', `# @quorate/raft\n\n${chapters.replace('## Guarantees', '')}`],
    ['the order', `# @quorate/raft\n\n## References\n\n${chapters.replace('## References', '')}`],
    ['"## Motivation"', `# @quorate/raft\n\n## Motivation\n\n${chapters}`],
  ])('are refused: %s', (words, text) => {
    expect(readme(text).join()).toContain(words);
  });

  test('exist', () => {
    expect(complaints(readmeHeadings, manifest('packages/raft'))[0]).toContain('no README');
  });

  test('hold examples, which know their place', () => {
    const text = '# A\n\n```ts\nconst a = 1;\n```\n\n```sh\nls\n```\n\n```ts\nconst b = 2;\n```\n';
    const examples = readmeExamples([file('packages/raft/README.md', text), file('packages/raft/NOTES.md', text)]);
    expect(examples).toMatchObject([
      { line: 4, code: 'const a = 1;\n' },
      { line: 12, code: 'const b = 2;\n' },
    ]);
    expect(examples.map(exampleFile)).toEqual(['packages-raft-4.ts', 'packages-raft-12.ts']);
  });

  test('are compiled against the sources', () => {
    const settings = JSON.stringify(exampleSettings([manifest('packages/raft')]));
    expect(settings).toContain('"@quorate/raft":["../../packages/raft/src/index.ts"]');
  });
});

test('a document has one title; code in it has none', () => {
  expect(complaints(oneTitle, file('README.md', '# A\n\n```sh\n# comment\n```\n'))).toEqual([]);
  expect(complaints(oneTitle, file('README.md', '# A\n\n# B\n'))).toHaveLength(1);
  expect(complaints(oneTitle, file('.changeset/first.md', 'Text without a title.\n'))).toEqual([]);
});

test.each([
  ['packages/a/src/TcpTransport.ts', 'kebab-case'],
  ['packages/a/src/utils.ts', 'says nothing'],
  ['packages/a/src/helpers/log.ts', 'says nothing'],
  ['packages/a/src/types.ts', 'says nothing'],
])('refuses the name %s', (path, words) => {
  expect(complaints(fileNames, file(path, '')).join()).toContain(words);
});

test('accepts ordinary names', () => {
  expect(
    complaints(fileNames, file('packages/a/src/tcp-transport.ts', ''), file('tooling/vitest/package.config.ts', '')),
  ).toEqual([]);
});

test.each([
  ['tcp-transport', 'tcpTransport', 0],
  ['frame-decoder', 'createFrameDecoder', 0],
  ['latencies', 'createLatency', 0],
  ['recovery', 'recoverState', 0],
  ['frame', 'queue', 1],
  ['log', 'logistics', 1],
  ['put-request', 'PutDecoder', 1],
])('a file %s.ts whose one export is %s', (name, exported, count) => {
  expect(complaints(mainExports, file(`packages/a/src/${name}.ts`, `export function ${exported}() {}`))).toHaveLength(count);
});

test.each([
  ['// TODO: later', 1],
  ['// FIXME', 1],
  ['// @ts-ignore', 1],
  ['// TODO (#12): when learners exist', 0],
  ["const text = 'TODO';", 0],
])('judges the note %s', (text, count) => {
  expect(complaints(unfinishedNotes, file('packages/a/src/a.ts', text))).toHaveLength(count);
});

test.each([
  ['cd /home/ada/quorate', 1],
  ['cd /Users/ada/quorate', 1],
  ['cat /root/.npmrc', 1],
  ['tarball: https://registry.npmjs.org/a.tgz', 1],
  ['--data-dir /var/lib/quorate', 0],
])('looks for traces of a machine in %s', (text, count) => {
  expect(complaints(machineTraces, file('README.md', text))).toHaveLength(count);
});
