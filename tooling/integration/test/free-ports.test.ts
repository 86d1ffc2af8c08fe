import { createServer } from 'node:net';
import { freePorts } from '@quorate/processes';
import { expect, test } from 'vitest';

test('gives ports that are free, each once, and none that an outgoing connection may take', async () => {
  const [first = 0] = await freePorts(1);
  const taken = createServer();
  await new Promise<void>((resolve) => void taken.listen(first + 2, '127.0.0.1', resolve));
  const ports = (await Promise.all(Array.from({ length: 10 }, () => freePorts(3)))).flat();
  await new Promise<void>((resolve) => void taken.close(() => resolve()));
  expect(new Set([first, ...ports]).size).toBe(31);
  expect(ports).not.toContain(first + 2);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});
