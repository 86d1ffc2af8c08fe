import { expect, test } from 'vitest';
import { compareVersions } from '../versions.mjs';

const one = (folder: string, version: string, more: object = {}) => ({
  folder,
  manifest: { name: `@s/${folder}`, version, ...more },
});
const hidden = (folder: string, version: string) => one(folder, version, { private: true });
const changelog = () => '# A\n\n## 0.1.0\n\n### Minor Changes\n';

test('all public packages move to one version, and nothing else moves', () => {
  const before = [
    one('a', '0.0.0'),
    one('b', '0.0.0', { dependencies: { '@s/a': 'workspace:^', other: '^1.0.0' } }),
    hidden('c', '0.0.0'),
  ];
  const after = [
    one('a', '0.1.0'),
    one('b', '0.1.0', { dependencies: { '@s/a': 'workspace:^', other: '^1.0.0' } }),
    hidden('c', '0.0.0'),
  ];
  expect(compareVersions(before, after, changelog)).toEqual({ problems: [], version: '0.1.0' });
});

test.each([
  ['b stays at 0.0.0', [one('a', '0.1.0'), one('b', '0.0.0')]],
  ['b gets 0.2.0, others get 0.1.0', [one('a', '0.1.0'), one('b', '0.2.0')]],
  ['CHANGELOG.md says nothing about 0.2.0', [one('a', '0.2.0'), one('b', '0.2.0')]],
  ['asks for @s/a ^0.1.0', [one('a', '0.1.0'), one('b', '0.1.0', { dependencies: { '@s/a': '^0.1.0' } })]],
  ['c is private', [one('a', '0.1.0'), one('b', '0.1.0'), hidden('c', '0.0.1')]],
])('tells that %s', (words, after) => {
  const before = [one('a', '0.0.0'), one('b', '0.0.0'), hidden('c', '0.0.0')];
  expect(compareVersions(before, after, changelog).problems.join('\n')).toContain(words);
});
