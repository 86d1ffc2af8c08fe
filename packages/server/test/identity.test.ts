import { expect, test } from 'vitest';
import { clusterIdOf, genesisOf, memberId, newDiskId } from '../src/identity.ts';
import { editDistance, nearest } from '../src/nearest.ts';

const cluster = [
  { name: 'n1', peerUrls: ['tcp://a:1'] },
  { name: 'n2', peerUrls: ['tcp://b:1'] },
];

test('every member computes the same ids, in whatever order it was told of the others', () => {
  expect(genesisOf('t', cluster)).toEqual(genesisOf('t', cluster.toReversed()));
  expect(clusterIdOf('t', cluster)).toBe(clusterIdOf('t', cluster.toReversed()));
  expect(clusterIdOf('t', cluster)).toMatch(/^[0-9a-f]{16}$/u);
});

test('another token, name or URL is another member', () => {
  const member = { name: 'n1', peerUrls: ['tcp://a:1'] };
  const ids = [
    memberId('t', member),
    memberId('u', member),
    memberId('t', { ...member, name: 'n2' }),
    memberId('t', { ...member, peerUrls: ['tcp://a:2'] }),
    memberId('tn', { name: '1', peerUrls: ['tcp://a:1'] }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(Number.isSafeInteger(id) && id >= 1 && id < 2 ** 48).toBe(true);
});

test('ids are pinned: they are in data directories', () => {
  expect(memberId('quorate', { name: 'default', peerUrls: ['tcp://127.0.0.1:2380'] })).toMatchInlineSnapshot(`263916322519490`);
  expect(clusterIdOf('quorate', [{ name: 'default', peerUrls: ['tcp://127.0.0.1:2380'] }])).toMatchInlineSnapshot(
    `"21c934cf5722ad9e"`,
  );
});

test('disk ids are random', () => {
  expect(newDiskId()).toMatch(/^[0-9a-f]{32}$/u);
  expect(newDiskId()).not.toBe(newDiskId());
});

test('the nearest word by insertions, deletions and replacements', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
  expect(nearest('dta-dir', ['name', 'data-dir', 'log-format'])).toBe('data-dir');
  expect(nearest('completely-else', ['name', 'data-dir'])).toBeUndefined();
});
