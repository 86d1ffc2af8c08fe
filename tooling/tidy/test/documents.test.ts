import { describe, expect, test } from 'vitest';
import { fileNames, mainExports } from '../src/names.ts';
import { machineTraces, unfinishedNotes } from '../src/notes.ts';
import { exampleFile, exampleSettings } from '../src/readme-compiler.ts';
import { quotedCode } from '../src/quoted-code.ts';
import { readmeOptions } from '../src/readme-options.ts';
import { oneTitle, readmeExamples, readmeHeadings } from '../src/readmes.ts';
import { complaints, file, manifest } from './sample.ts';

const purpose = 'A sample of a package, with enough words to say what it is and whom it is for.';
const example = '## Example\n\n```ts\nconst a = 1;\n```\n';
const chapters = `${purpose}\n\n## Install\n\n${example}\n## Guarantees\n\n## Capabilities\n\n## Options\n\n## Errors\n\n## Reading order\n\n## References\n`;
const readme = (text: string, folder = 'packages/raft') =>
  complaints(readmeHeadings, manifest(folder), file(`${folder}/README.md`, text));

describe('READMEs', () => {
  test('have one title and the chapters in order', () => {
    expect(readme(`# @quorate/raft\n\n${chapters}`)).toEqual([]);
    const plain = `# @quorate/client\n\n${chapters.replace('## Capabilities\n\n', '')}`;
    expect(readme(plain, 'packages/client')).toEqual([]);
    expect(readme(plain.replace('client', 'transport-x'), 'packages/transport-x').join()).toContain(
      '"## Capabilities" is missing',
    );
  });

  test.each([
    ['first-level', `# Raft\n\n${chapters}`],
    ['first-level', `# @quorate/raft\n\n# More\n\n${chapters}`],
    ['"## Guarantees" is missing', `# @quorate/raft\n\n${chapters.replace('## Guarantees', '')}`],
    ['"## Options" is missing', `# @quorate/raft\n\n${chapters.replace('## Options', '')}`],
    ['"## Errors" is missing', `# @quorate/raft\n\n${chapters.replace('## Errors', '')}`],
    ['no purpose', `# @quorate/raft\n\n${chapters.replace(purpose, 'A core.')}`],
    ['has no `ts` block', `# @quorate/raft\n\n${chapters.replace('```ts', '```sh')}`],
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

describe('options that may be left out', () => {
  const source = 'export interface SampleOptions {\n  readonly url: string;\n  readonly waitMs?: number;\n}\n';
  const check = (chapter: string) =>
    complaints(
      readmeOptions,
      manifest('packages/raft'),
      file('packages/raft/src/index.ts', "export type { SampleOptions } from './options.ts';\n"),
      file('packages/raft/src/options.ts', source),
      file('packages/raft/README.md', `# A\n\n\`waitMs\`\n\n## Options\n\n${chapter}\n\n## Errors\n`),
    );

  test('stand in the README', () => {
    expect(check('`waitMs` is 5 ms.')).toEqual([]);
    expect(check('None.').join()).toContain('does not name `waitMs` of SampleOptions');
    expect(check('None.').join()).not.toContain('`url`');
  });
});

describe('code in a document', () => {
  const source = file('tooling/a.ts', 'class A {\n  go() {\n    return 1;\n  }\n}\n');
  const guide = (text: string) => complaints(quotedCode, source, file('packages/a/guide.md', text));
  const quote = (code: string, from = 'tooling/a.ts') => `<!-- from ${from} -->\n\n\`\`\`ts\n${code}\n\`\`\`\n`;

  test('is quoted line by line, wherever its left border is', () => {
    expect(guide(quote('go() {\n  return 1;\n}'))).toEqual([]);
    expect(guide(quote('go() {\n  return 2;\n}')).join()).toContain('is not in tooling/a.ts like this');
    expect(guide(quote('go() {\n}')).join()).toContain('is not in tooling/a.ts like this');
  });

  test('has a source that exists', () => {
    expect(guide('```ts\ngo();\n```\n').join()).toContain('a quotation without a source');
    expect(guide(quote('go();', 'tooling/b.ts')).join()).toContain('which does not exist');
    expect(complaints(quotedCode, file('packages/a/README.md', '```ts\ngo();\n```\n'))).toEqual([]);
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
