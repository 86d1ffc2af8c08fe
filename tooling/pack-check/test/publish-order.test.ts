import { expect, test } from 'vitest';
import { publishOrder } from '../publish-order.mjs';

const one = (name: string, ...below: readonly string[]) => ({
  name,
  dependencies: Object.fromEntries(below.map((dependency) => [dependency, '^1.0.0'])),
});
const names = (manifests: Parameters<typeof publishOrder>[0]) => publishOrder(manifests).map(({ name }) => name);

test('what a package depends on goes before it', () => {
  expect(names([one('app', 'server', 'other'), one('server', 'core', 'low'), one('core', 'low'), one('low')])).toEqual([
    'low',
    'core',
    'server',
    'app',
  ]);
});

test('a circle is told', () => {
  expect(() => names([one('a', 'b'), one('b', 'a')])).toThrow('a → b → a');
});
