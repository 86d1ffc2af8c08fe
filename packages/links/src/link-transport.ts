import { invariant, type Transport, type TransportPeer } from '@quorate/interface';
import type { Binding, Listener } from './binding.ts';
import type { LinkOptions } from './link-options.ts';
import { LinkTable } from './link-table.ts';
import { closeAll, listenAll } from './listeners.ts';
import { formatTcpUrl } from './tcp-address.ts';

/** A {@link Transport} made of links: `fifo`, in order and complete until a link ends. */
export interface LinkTransport extends Transport {
  readonly delivery: 'fifo';
  /** Where it listens, as `tcp://host:port` with real ports, in the order of `listen`. Empty until it started. */
  readonly addresses: readonly string[];
}

/** The transport over any {@link Binding}. Nothing happens before `start`. */
export function linkTransport(binding: Binding, options: LinkOptions): LinkTransport {
  let table: LinkTable | undefined;
  let listeners: readonly Listener[] = [];
  let peers: readonly TransportPeer[] = [];
  let closed = false;
  return {
    delivery: 'fifo',
    get addresses() {
      return listeners.map((listener) => formatTcpUrl(listener.address));
    },
    start(handlers, done) {
      invariant(table === undefined && !closed, 'a transport starts once');
      const started = new LinkTable(binding, options, handlers);
      table = started;
      listenAll(binding, options.listen, {
        door: started,
        done(result) {
          if ('code' in result) {
            started.close();
            done(result);
            return;
          }
          listeners = result;
          if (closed) closeAll(listeners, () => {});
          else started.setPeers(peers);
          done();
        },
      });
    },
    setPeers(replacement) {
      peers = replacement;
      if (listeners.length === options.listen.length) table?.setPeers(peers);
    },
    send: (link, lane, chunks) => table?.send(link, lane, chunks) ?? false,
    flush: () => table?.flush(),
    queuedBytes: (link) => table?.queuedBytes(link) ?? 0,
    closeLink: (link, reason) => table?.closeLink(link, reason),
    close(done) {
      if (!closed) table?.close();
      closed = true;
      // Last words first: closing a port may cut its connections.
      binding.whenHeard(() => closeAll(listeners, () => binding.host.soon(done)));
    },
  };
}
