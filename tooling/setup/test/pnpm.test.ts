import { expect, test } from 'vitest';
import { explainFetch, pinnedVersion } from '../pnpm.mjs';

test('reads the exact version out of the packageManager field', () => {
  expect(pinnedVersion('pnpm@10.34.8')).toBe('10.34.8');
  expect(pinnedVersion('pnpm@10.34.8+sha512.abc')).toBe('10.34.8');
});

test.each(['npm@11.0.0', 'pnpm@10', 'pnpm@^10.0.0', undefined])('refuses %s, which pins nothing', (field) => {
  expect(() => pinnedVersion(field)).toThrow('not an exact pnpm version');
});

test.each([
  ['npm error code EAI_AGAIN', 'cannot be reached'],
  ['npm error code ECONNREFUSED', 'cannot be reached'],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'not trusted'],
  ['npm error code ENOSPC', 'disk is full'],
  ['something else', 'output above'],
])('turns "%s" into what to do', (output, words) => {
  expect(explainFetch(output)).toContain(words);
});
