import { decodeText, encodeText, type LinkId, type Transport, type TransportHandlers } from '@quorate/interface';
import { expect, test } from 'vitest';
import { memoryNetwork, type MemoryNetwork, type MemoryNetworkOptions } from '../src/index.ts';
import { turns } from './fixtures/turns.ts';

// What is special about this network; its promises as a transport are in conformance.test.ts.

interface End extends TransportHandlers {
  readonly transport: Transport;
  readonly calls: string[];
  readonly frames: Uint8Array[];
  link: LinkId;
  /** What it answers to whoever introduces himself. */
  refusal: string | undefined;
}

function endAt(network: MemoryNetwork, self: number): End {
  const calls: string[] = [];
  const end: End = {
    transport: network.transport(`memory://${self}`),
    calls,
    frames: [],
    link: 0,
    refusal: undefined,
    self,
    hello: encodeText(`${self}`),
    admit: (hello) =>
      end.refusal === undefined ? { peer: Number(decodeText(hello)), kind: 'member', incarnation: 1 } : { refuse: end.refusal },
    linkUp(peer, link) {
      end.link = link;
      calls.push(`up ${peer}`);
    },
    linkDown: (peer, _link, reason) => void calls.push(`down ${peer} ${reason}`),
    frame: (_link, frame) => void end.frames.push(frame),
    drained: () => void calls.push('drained'),
    trouble: (_peer, text) => void calls.push(text),
  };
  end.transport.start(end, () => undefined);
  return end;
}

function pair(options: Partial<MemoryNetworkOptions> = {}): {
  readonly network: MemoryNetwork;
  readonly run: () => void;
  readonly one: End;
  readonly two: End;
} {
  const host = turns();
  const network = memoryNetwork({ host, ...options });
  const one = endAt(network, 1);
  const two = endAt(network, 2);
  two.transport.setPeers([{ id: 1, urls: ['memory://1'] }]);
  return { network, run: () => host.run(), one, two };
}

test.each(['reference', 'serialised'] as const)(
  'hands over the same bytes by reference, and copies where it is told to: %s',
  (mode) => {
    const { run, one, two } = pair({ mode });
    run();
    const sent = Uint8Array.of(1, 2, 3);
    one.transport.send(one.link, 'log', [sent]);
    one.transport.flush();
    run();
    expect(two.frames).toEqual([sent]);
    expect(two.frames[0] === sent).toBe(mode === 'reference');
  },
);

test('keeps two ends apart while the network is cut, and loses what was under way', () => {
  const { network, run, one, two } = pair();
  run();
  one.transport.send(one.link, 'log', [encodeText('lost')]);
  one.transport.flush();
  network.cut('memory://2', 'memory://1');
  run();
  expect(one.calls).toEqual(['up 2', 'down 2 the network is cut']);
  expect(two.calls).toEqual(['up 1', 'down 1 the network is cut']);
  expect(two.frames).toEqual([]);
  network.heal('memory://1', 'memory://2');
  run();
  expect(two.calls.at(-1)).toBe('up 1');
});

test('names the other end in a refusal, and asks again once anything changed', () => {
  const { network, run, one, two } = pair();
  one.refusal = 'E_CLUSTER_ID: another cluster';
  run();
  run();
  expect(one.calls).toEqual(['E_CLUSTER_ID: another cluster [memory://2]']);
  expect(two.calls).toEqual(['E_CLUSTER_ID: another cluster [memory://1]']);
  one.refusal = undefined;
  network.heal('memory://1', 'memory://2');
  run();
  expect(two.calls.at(-1)).toBe('up 1');
});
