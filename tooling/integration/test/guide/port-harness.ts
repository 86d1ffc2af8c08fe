import type { Manifest } from '@quorate/conformance';
import type { TransportCapability, TransportEnd, TransportHarness } from '@quorate/conformance/transport';
import { vi } from 'vitest';
import { PortHub } from './port-hub.ts';
import { portTransport } from './port-transport.ts';

export const portManifest: Manifest<TransportCapability> = {
  fifo: true,
  clients: true,
  privateFrames: true,
  exclusivePlaces: true,
  sever: true,
};

/** A hub for one case, in real time: the cases wait on conditions. */
export async function openPortHarness(): Promise<TransportHarness> {
  const hub = new PortHub();
  const queueBytes = 262_144;
  const urls = new Map<TransportEnd, string>();
  const until = (condition: () => boolean, what: string): Promise<void> =>
    vi.waitFor(
      () => {
        if (!condition()) throw new Error(`it never came true that ${what}`);
      },
      { timeout: 10_000, interval: 1 },
    );
  return {
    queueBytes,
    maxFrameBytes: 65_536,
    until,
    open({ dialsOnly, place }) {
      const url = (place === undefined ? undefined : urls.get(place)) ?? `port://${urls.size + 1}`;
      const isOpen = dialsOnly !== true;
      const transport = portTransport(isOpen ? { hub, url, queueBytes } : { hub, queueBytes });
      const end: TransportEnd = { transport, urls: () => (isOpen ? [url] : []) };
      urls.set(end, url);
      return end;
    },
    sever: (a, b) => hub.sever(urls.get(a) ?? '', urls.get(b) ?? ''),
    async close() {
      let open = urls.size;
      for (const { transport } of urls.keys()) transport.close(() => void open--);
      await until(() => open === 0, 'every transport closes');
    },
  };
}
