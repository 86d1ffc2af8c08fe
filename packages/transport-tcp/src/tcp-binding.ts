import type { Binding, Connection, LinkOptions } from '@quorate/links';
import type { Network, SocketHandlers } from './network.ts';
import { StreamWire } from './stream-wire.ts';

/** Links over the sockets of a network. */
export function tcpBinding(network: Network, options: LinkOptions): Binding {
  const wireOf = (connection: Connection): StreamWire => new StreamWire(connection, network.host, options.maxFrameBytes);
  return {
    host: network.host,
    dial(address, connection) {
      const wire = wireOf(connection);
      wire.socket = network.dial(address, wire);
      return wire;
    },
    listen(address, door, done) {
      network.listen(
        address,
        (socket) => {
          if (door.isClosing) {
            socket.destroy();
            return nobody;
          }
          return door.accept((connection) => {
            const wire = wireOf(connection);
            wire.socket = socket;
            return wire;
          });
        },
        done,
      );
    },
    // The kernel sees to last words.
    whenHeard: (done) => done(),
  };
}

const nobody: SocketHandlers = { opened() {}, data() {}, written() {}, closed() {} };
