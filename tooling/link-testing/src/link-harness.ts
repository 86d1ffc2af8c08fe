import type { TransportEnd, TransportHarness } from '@quorate/conformance/transport';
import type { LinkOptions, LinkTransport } from '@quorate/links';
import { vi } from 'vitest';
import type { FakeHost } from './fake-host.ts';

/** A socket, as far as a harness meddles with it. */
interface Severable {
  destroy(): void;
}

const sizes = { queueBytes: 262_144, maxFrameBytes: 65_536 } as const;

/**
 * The transports of a conformance suite, on one network. With a {@link FakeHost} everything happens in the same order on every run;
 * without one, sockets are those of this machine. `open` makes a transport, and tells of every socket that it dials.
 */
export function linkHarness(
  host: FakeHost | undefined,
  open: (options: Partial<LinkOptions>, dialled: (socket: Severable) => void) => LinkTransport,
): TransportHarness {
  const opened = new Map<TransportEnd, { readonly transport: LinkTransport; readonly sockets: Severable[] }>();
  const until = host === undefined ? untilLive : (condition: () => boolean, what: string) => untilFake(host, condition, what);
  let places = 0;
  const newUrl = (): string => (host === undefined ? 'tcp://127.0.0.1:0' : `tcp://10.0.0.${++places}:2380`);
  return {
    ...sizes,
    until,
    open({ dialsOnly, place }) {
      const sockets: Severable[] = [];
      const url = place === undefined ? newUrl() : (place.urls()[0] ?? '');
      const listen = dialsOnly === true ? [] : [url];
      const transport = open({ ...sizes, reconnectMinMs: 2, reconnectMaxMs: 20, listen }, (socket) => void sockets.push(socket));
      const end: TransportEnd = { transport, urls: () => transport.addresses };
      opened.set(end, { transport, sockets });
      return end;
    },
    sever(a, b) {
      for (const end of [a, b]) for (const socket of opened.get(end)?.sockets.splice(0) ?? []) socket.destroy();
    },
    close: async () => {
      let left = opened.size;
      for (const { transport } of opened.values()) transport.close(() => void left--);
      await until(() => left === 0, 'every transport closes');
    },
  };
}

function untilLive(condition: () => boolean, what: string): Promise<void> {
  return vi.waitFor(
    () => {
      if (!condition()) throw new Error(`it never came true that ${what}`);
    },
    { timeout: 15_000, interval: 1 },
  );
}

async function untilFake(host: FakeHost, condition: () => boolean, what: string): Promise<void> {
  host.run();
  for (let ms = 0; ms < 10_000 && !condition(); ms++) host.pass(1);
  if (!condition()) throw new Error(`it never came true that ${what}`);
}
