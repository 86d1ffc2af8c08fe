import { liveEnds, recorder } from '@quorate/link-testing';
import { expect, test, vi } from 'vitest';
import { zeromqTransport } from '../src/index.ts';

const addresses: { readonly address: string; readonly family: number }[] = [];

vi.mock(import('node:dns'), async (load) => {
  const real = await load();
  const lookup = (host: string, ...rest: unknown[]): void => {
    if (host !== 'member.test') {
      (real.lookup as (host: string, ...rest: unknown[]) => void)(host, ...rest);
      return;
    }
    const done = rest.at(-1) as (error: Error | null, found: unknown) => void;
    queueMicrotask(() => done(null, rest.length === 1 ? addresses[0]?.address : addresses));
  };
  return { ...real, lookup: lookup as typeof real.lookup };
});

const { start } = liveEnds(zeromqTransport);

test.each([
  ['refuses', '127.0.0.2'],
  ['says nothing', '192.0.2.1'],
  ['is of another family', '::1'],
])('finds a peer by a name of which one address %s', async (_name, dead) => {
  const one = await start(recorder(1));
  addresses.splice(0, 2, { address: dead, family: dead.includes(':') ? 6 : 4 }, { address: '127.0.0.1', family: 4 });
  const seen = recorder(2);
  const two = await start(seen, { listen: [], connectTimeoutMs: 2_000 });
  two.transport.setPeers([{ id: 1, urls: [`tcp://member.test:${one.url.split(':').at(-1) ?? ''}`] }]);
  await vi.waitFor(() => expect(seen.calls).toEqual(['up 1']), { timeout: 5_000, interval: 5 });
  expect(seen.troubles).toEqual([]);
});
