import { createServer } from 'node:net';
import type { LinkOptions, LinkTransport } from '@quorate/links';
import { afterEach, expect, test, vi } from 'vitest';
import { say, type End } from './fake-ends.ts';
import { recorder, type Recorder } from './recorder.ts';

/** An end on real sockets. */
export interface LiveEnd extends End {
  /** Where it listens, if it does. */
  readonly url: string;
}

/** Makes ends on the loopback interface, which the end of each test closes. */
export interface LiveEnds {
  /** An end that has started; it listens unless `options` say otherwise. */
  start(seen: Recorder, options?: Partial<LinkOptions>): Promise<LiveEnd>;
  /** Members 1 and 2, linked; 2 dialled. */
  pair(options?: Partial<LinkOptions>): Promise<readonly [LiveEnd, LiveEnd]>;
}

/** Waits until something has come true, five seconds at most. */
export function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(
    () => {
      if (!condition()) throw new Error('not yet');
    },
    { timeout: 5_000, interval: 2 },
  );
}

/** Ends with transports that `open` makes. */
export function liveEnds(open: (options: Partial<LinkOptions>) => LinkTransport): LiveEnds {
  const opened: LinkTransport[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => new Promise<void>((resolve) => transport.close(resolve))));
  });
  const start = async (seen: Recorder, options: Partial<LinkOptions> = {}): Promise<LiveEnd> => {
    const transport = open({ listen: ['tcp://127.0.0.1:0'], ...options });
    opened.push(transport);
    await new Promise<void>((resolve, reject) =>
      transport.start(seen, (failure) => (failure ? reject(new Error(failure.text)) : resolve())),
    );
    return { transport, seen, url: transport.addresses[0] ?? '' };
  };
  const pair = async (options: Partial<LinkOptions> = {}): Promise<readonly [LiveEnd, LiveEnd]> => {
    const one = await start(recorder(1), options);
    const two = await start(recorder(2), options);
    two.transport.setPeers([{ id: 1, urls: [one.url] }]);
    await until(() => one.seen.links.has(2) && two.seen.links.has(1));
    return [one, two];
  };
  return { start, pair };
}

/** A frame from 2 arrives at 1. */
export async function stillWorks(one: End, two: End): Promise<void> {
  const before = one.seen.frames.length;
  expect(two.seen.links.has(1)).toBe(true);
  say(two, 1, 'still here');
  await until(() => one.seen.frames.length === before + 1);
}

/** The tests on real sockets that every transport made of links passes alike. `refused`: what it says of a peer that does not listen. */
export function testLiveEnds(
  open: (options: Partial<LinkOptions>) => LinkTransport,
  ends: LiveEnds,
  { refused }: { readonly refused: RegExp },
): void {
  test('says which address is taken, and leaves no other port open', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const transport = open({ listen: ['tcp://127.0.0.1:0', `tcp://127.0.0.1:${port}`] });
    const failure = await new Promise((resolve) => transport.start(recorder(1), resolve));
    const text = expect.stringContaining(`tcp://127.0.0.1:${port}`) as string;
    expect(failure).toMatchObject({ code: 'E_ADDRESS_IN_USE', text });
    expect(transport.addresses).toEqual([]);
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });

  test('rejects options that are out of range, all of them at once', () => {
    const options = { listen: ['http://x', 'tcp://host:70000'], idleMs: 0, maxFrameBytes: Number.NaN };
    expect(() => open(options)).toThrow(/E_USAGE.*http:\/\/x.*tcp:\/\/host:70000.*maxFrameBytes.*idleMs/);
  });

  test('names a peer that cannot be reached, once, and links up as soon as it listens', async () => {
    const probe = await ends.start(recorder(9));
    const { url } = probe;
    await new Promise<void>((resolve) => probe.transport.close(resolve));
    const two = await ends.start(recorder(2), { listen: [], reconnectMinMs: 1, reconnectMaxMs: 5 });
    two.transport.setPeers([{ id: 1, urls: [url] }]);
    await until(() => two.seen.troubles.length > 0);
    const one = await ends.start(recorder(1), { listen: [url] });
    await until(() => one.seen.links.has(2));
    expect(two.seen.troubles).toEqual([expect.stringMatching(refused) as string]);
  });

  test('tells a refused peer why, at both ends', async () => {
    const one = await ends.start(recorder(1, { refuse: () => 'E_CLUSTER_ID: another cluster' }));
    const two = await ends.start(recorder(2), { listen: [] });
    two.transport.setPeers([{ id: 1, urls: [one.url] }]);
    await until(() => one.seen.troubles.length > 0 && two.seen.troubles.length > 0);
    expect(one.seen.troubles[0]).toMatch(/^E_CLUSTER_ID: another cluster/);
    expect(two.seen.troubles[0]).toMatch(/^E_CLUSTER_ID: another cluster \(refused by the other end\)/);
    expect([...one.seen.calls, ...two.seen.calls]).toEqual([]);
  });
}
