import { expect, test } from 'vitest';
import { checkNode, reaches } from '../node-version.mjs';

test.each([
  ['20.20.2', true],
  ['20.19.0', true],
  ['20.18.3', false],
  ['18.20.4', false],
  ['22.0.0', true],
])('says whether Node %s reaches the floor', (version, expected) => {
  expect(reaches(version, '>=20.19')).toBe(expected);
});

test('names the version it found and the one it needs', () => {
  expect(() => checkNode('>=20.19', '18.0.0')).toThrow('This is Node 18.0.0; Quorate needs >=20.19.');
});
