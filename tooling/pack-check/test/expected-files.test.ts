import { expect, test } from 'vitest';
import { compareFiles, expectedFiles } from '../expected-files.mjs';

test("a source brings itself and the compiler's four outputs", () => {
  expect(expectedFiles(['index.ts', 'etcd/range.ts'], ['bin/quorate-kv.mjs'])).toEqual([
    'LICENSE',
    'README.md',
    'bin/quorate-kv.mjs',
    'dist/etcd/range.d.ts',
    'dist/etcd/range.d.ts.map',
    'dist/etcd/range.js',
    'dist/etcd/range.js.map',
    'dist/index.d.ts',
    'dist/index.d.ts.map',
    'dist/index.js',
    'dist/index.js.map',
    'package.json',
    'src/etcd/range.ts',
    'src/index.ts',
  ]);
});

test('names an orphan of an old build and a file that was forgotten', () => {
  expect(compareFiles(['dist/old.js', 'package.json'], ['README.md', 'package.json'])).toEqual([
    'packed, but not expected: dist/old.js',
    'expected, but not packed: README.md',
  ]);
});
