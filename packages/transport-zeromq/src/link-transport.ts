import { invariant, type Transport, type TransportPeer } from '@quorate/interface';
import { LinkTable } from './link-table.ts';
import { closeAll, listenAll } from './listeners.ts';
import type { Listener, Network } from './network.ts';
import type { ZeromqOptions } from './options.ts';
import { formatTcpUrl } from './tcp-address.ts';

/** A {@link Transport} over ZeroMQ: `fifo`, in order and complete until a link ends. */
export interface ZeromqTransport extends Transport {
  readonly delivery: 'fifo';
  /** Where it listens, as `tcp://host:port` with real ports, in the order of `listen`. Empty until it started. */
  readonly addresses: readonly string[];
}

/** The transport over any {@link Network}. */
export function linkTransport(network: Network, options: ZeromqOptions): ZeromqTransport {
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
      const started = new LinkTable(network, options, handlers);
      table = started;
      listenAll(network, options.listen, {
        port: started,
        done(result) {
          if ('code' in result) {
            started.close(() => {});
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
      closed = true;
      // Last words first: a ROUTER that closes cuts all its connections.
      const thenListeners = (): void => closeAll(listeners, () => network.soon(done));
      if (table === undefined) thenListeners();
      else table.close(thenListeners);
    },
  };
}
