import { encodeText, type Transport } from '@quorate/interface';
import { expect, test } from 'vitest';
import { memoryNetwork, type MemoryNetwork, type MemoryNetworkOptions } from '../src/index.ts';
import { recorder, type Recorder } from './member.ts';
import { transportCases } from './transport-cases.ts';

/** A host whose turns end when the test says so. */
function turns(): MemoryNetworkOptions['host'] & { run(): void } {
  let waiting: (() => void)[] = [];
  return {
    endOfTurn: (run) => void waiting.push(run),
    run() {
      while (waiting.length > 0) {
        const now = waiting;
        waiting = [];
        for (const run of now) run();
      }
    },
  };
}

interface Fixture {
  readonly network: MemoryNetwork;
  readonly host: ReturnType<typeof turns>;
  readonly start: (seen: Recorder, url?: string) => Transport;
}

function fixture(options: Partial<MemoryNetworkOptions> = {}): Fixture {
  const host = turns();
  const network = memoryNetwork({ host, ...options });
  return {
    network,
    host,
    start(seen, url) {
      const transport = network.transport(url);
      transport.start(seen, (failure) => void seen.calls.push(...(failure === undefined ? [] : [failure.text])));
      host.run();
      return transport;
    },
  };
}

const urlOf = (id: number): string => `memory://${id}`;

function linked(options: Partial<MemoryNetworkOptions> = {}): Fixture & {
  readonly one: Transport;
  readonly two: Transport;
  readonly seenByOne: Recorder;
  readonly seenByTwo: Recorder;
} {
  const made = fixture(options);
  const seenByOne = recorder(1);
  const seenByTwo = recorder(2);
  const one = made.start(seenByOne, urlOf(1));
  const two = made.start(seenByTwo, urlOf(2));
  one.setPeers([{ id: 2, urls: [urlOf(2)] }]);
  two.setPeers([{ id: 1, urls: [urlOf(1)] }]);
  made.host.run();
  return { ...made, one, two, seenByOne, seenByTwo };
}

for (const mode of ['reference', 'serialised'] as const) {
  test.each(transportCases)(`${mode}: $name`, async ({ run }) => {
    expect.hasAssertions();
    const { host, one, two, seenByOne, seenByTwo } = linked({ mode });
    const until = (condition: () => boolean): Promise<void> => {
      host.run();
      return condition() ? Promise.resolve() : Promise.reject(new Error('it did not happen'));
    };
    await run({ transports: [one, two], seen: [seenByOne, seenByTwo], until });
  });
}

test('hands over the same bytes by reference, and copies where it is told to', () => {
  for (const mode of ['reference', 'serialised'] as const) {
    const { host, one, seenByOne, seenByTwo } = linked({ mode });
    const arrived: Uint8Array[] = [];
    seenByTwo.frame = (_link, frame) => void arrived.push(frame);
    const sent = Uint8Array.of(1, 2, 3);
    one.send(seenByOne.links.get(2) ?? 0, 'log', [sent]);
    one.flush();
    host.run();
    expect(arrived).toEqual([sent]);
    expect(arrived[0] === sent).toBe(mode === 'reference');
  }
});

test('keeps two ends apart while the network is cut, and loses what was under way', () => {
  const { network, host, one, seenByOne, seenByTwo } = linked();
  one.send(seenByOne.links.get(2) ?? 0, 'log', [encodeText('lost')]);
  one.flush();
  network.cut(urlOf(2), urlOf(1));
  host.run();
  expect(seenByOne.calls).toEqual(['up 2', 'down 2 the network is cut']);
  expect(seenByTwo.calls).toEqual(['up 1', 'down 1 the network is cut']);
  network.heal(urlOf(1), urlOf(2));
  host.run();
  expect(seenByTwo.calls.at(-1)).toBe('up 1');
});

test('links a client to members, without a limit of one', () => {
  const { host, start, seenByOne } = linked();
  const clients = [recorder(0), recorder(0)];
  const transports = clients.map((seen) => start(seen));
  for (const transport of transports) transport.setPeers([{ id: 77, urls: [urlOf(1)] }]);
  host.run();
  expect(clients.map(({ calls }) => calls)).toEqual([['up 1'], ['up 1']]);
  expect(seenByOne.calls).toEqual(['up 2', 'up client 0', 'up client 0']);
  for (const transport of transports) transport.setPeers([]);
  host.run();
  expect(clients.every(({ links }) => links.size === 0)).toBe(true);
});

test('reports a refusal at both ends, and asks again once anything changed', () => {
  let open = false;
  const { network, host, start } = fixture();
  const one = recorder(1, { refuse: () => (open ? undefined : 'E_CLUSTER_ID: another cluster') });
  const two = recorder(2);
  start(one, urlOf(1));
  start(two, urlOf(2)).setPeers([{ id: 1, urls: [urlOf(1)] }]);
  host.run();
  expect(one.troubles).toEqual(['E_CLUSTER_ID: another cluster [memory://2]']);
  expect(two.troubles).toEqual(['E_CLUSTER_ID: another cluster [memory://1]']);
  open = true;
  network.heal(urlOf(1), urlOf(2));
  host.run();
  expect(two.calls).toEqual(['up 1']);
});

test('lets a new end take the place of a closed one, and no second one beside it', () => {
  const { host, start, two, seenByOne } = linked();
  const rival = recorder(2);
  start(rival, urlOf(2));
  expect(rival.calls).toEqual([expect.stringMatching(/^E_ADDRESS_IN_USE/) as string]);
  two.close(() => {});
  host.run();
  const again = recorder(2, { incarnation: 2 });
  start(again, urlOf(2));
  expect(again.calls).toEqual(['up 1']);
  expect(seenByOne.calls).toEqual(['up 2', expect.stringMatching(/^down 2/) as string, 'up 2']);
});

test('ends a link whose queue is over its cap', () => {
  const { host, one, seenByOne, seenByTwo } = linked({ queueBytes: 100 });
  const link = seenByOne.links.get(2) ?? 0;
  expect(one.send(link, 'log', [new Uint8Array(60)])).toBe(true);
  expect(one.queuedBytes(link)).toBe(60);
  expect(one.send(link, 'log', [new Uint8Array(60)])).toBe(false);
  host.run();
  expect(seenByOne.calls).toEqual(['up 2', 'down 2 overflow', 'up 2']);
  expect(seenByTwo.calls).toEqual(['up 1', 'down 1 overflow at the other end', 'up 1']);
});
