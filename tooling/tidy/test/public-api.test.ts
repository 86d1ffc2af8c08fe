import { expect, test } from 'vitest';
import { describeExports, publicExports, undocumentedExports } from '../src/public-api.ts';
import { file } from './sample.ts';

const entry = file(
  'packages/a/src/index.ts',
  "export { raft, limit as bound } from './raft.ts';\nexport type { Options } from './raft.ts';\nexport type { Host } from '@quorate/interface';\n",
);
const source = file(
  'packages/a/src/raft.ts',
  '/** The core. */\nexport function raft(): void {}\n\nexport const limit = 1;\n\n/** Its options. */\nexport interface Options {}\n\nexport class Inner {}\n',
);
const exported = publicExports(entry, [entry, source]);

test('follows the entry to every declaration, and to no other', () => {
  expect(describeExports([{ title: '@quorate/a', exports: exported }])).toBe(
    '# @quorate/a\nre-export Host\ninterface Options\nconst bound\nfunction raft\n',
  );
});

test('asks for a docstring on every public declaration', () => {
  expect(undocumentedExports(exported)).toMatchObject([{ path: 'packages/a/src/raft.ts', line: 4 }]);
});

test('takes neither a line comment nor a distant one for a docstring', () => {
  const other = file(
    'packages/a/src/raft.ts',
    '// The core.\nexport function raft(): void {}\n/** The file. */\nconst a = 1;\nexport const limit = a;\nexport type Options = 1;\n',
  );
  expect(undocumentedExports(publicExports(entry, [entry, other]))).toHaveLength(3);
});
