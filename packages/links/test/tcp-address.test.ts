import { expect, test } from 'vitest';
import { formatTcpUrl, parseTcpUrl } from '../src/index.ts';

test.each([
  ['tcp://127.0.0.1:2380', { host: '127.0.0.1', port: 2380 }],
  ['tcp://member.test:0', { host: 'member.test', port: 0 }],
  ['tcp://[::1]:65535', { host: '::1', port: 65_535 }],
  ['tcp://[fe80::1%eth0]:1', { host: 'fe80::1%eth0', port: 1 }],
])('reads %s, and writes it again', (url, address) => {
  expect(parseTcpUrl(url)).toEqual(address);
  expect(formatTcpUrl(address)).toBe(url);
});

test.each(['http://a:1', 'tcp://a', 'tcp://a:65536', 'tcp://::1:2', 'tcp://a b:1', 'tcp://:1', 'nonsense'])(
  'refuses %s',
  (url) => {
    expect(parseTcpUrl(url)).toBeUndefined();
  },
);
