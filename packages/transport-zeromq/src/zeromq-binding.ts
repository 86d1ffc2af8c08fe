import type { TransportFailure } from '@quorate/interface';
import type { Binding, Connection, Door, LinkHost, LinkOptions, Listener, TcpAddress } from '@quorate/links';
import { firstProblem, linkIsOver, refusalTo } from './first-message.ts';
import { MessageWire, type WireOwner } from './message-wire.ts';
import type { Network, Socket } from './network.ts';
import { Prober } from './prober.ts';

/** Links over the sockets of one transport: who may introduce itself, who still hears a last word, and who may be gone. */
export class ZeromqBinding implements Binding, WireOwner {
  readonly host: LinkHost;
  private readonly network: Network;
  private readonly options: LinkOptions;
  private readonly prober: Prober;
  private readonly accepted = new Set<MessageWire>();
  private readonly leaving = new Set<MessageWire>();
  private whenEmpty: (() => void)[] = [];

  constructor(network: Network, options: LinkOptions) {
    this.host = network.host;
    this.network = network;
    this.options = options;
    this.prober = new Prober(network.host, () => {
      for (const wire of this.accepted) wire.ping();
    });
  }

  dial(address: TcpAddress, connection: Connection): MessageWire {
    const wire = new MessageWire(connection, this, this.options.maxFrameBytes);
    wire.socket = this.network.dial(address, wire);
    return wire;
  }

  listen(address: TcpAddress, door: Door, done: (result: Listener | TransportFailure) => void): void {
    const port = {
      accept: (socket: Socket, message: Uint8Array) => this.accept(door, socket, message),
      // Where nobody is left to ask, a closing ROUTER only tells of its own end.
      disconnected: () => {
        if (!door.isClosing || this.leaving.size > 0) this.prober.start();
      },
      trouble: (text: string) => door.trouble(text, 'a listening port'),
    };
    this.network.listen(address, port, done);
  }

  whenHeard(done: () => void): void {
    this.whenEmpty.push(done);
    this.checkEmpty();
  }

  /** Those that hear a last word are as many as those that may be there, at most. */
  left(wire: MessageWire): void {
    this.leaving.add(wire);
    if (this.leaving.size <= this.options.maxInbound) return;
    const [oldest] = this.leaving;
    oldest?.finish();
  }

  gone(wire: MessageWire): void {
    this.accepted.delete(wire);
    this.leaving.delete(wire);
    this.checkEmpty();
  }

  /** Takes in a connection by its first message, which must be a hello: whoever sends anything else costs no memory. */
  private accept(door: Door, socket: Socket, message: Uint8Array): MessageWire | undefined {
    if (door.isClosing) return undefined;
    const problem = firstProblem(message, this.host.crc32);
    if (problem !== undefined) {
      const refusal = refusalTo(problem, this.host);
      if (refusal !== undefined) socket.send(refusal);
      if (problem !== linkIsOver) door.trouble(problem, socket.remote);
      return undefined;
    }
    return door.accept((connection) => {
      const wire = new MessageWire(connection, this, this.options.maxFrameBytes);
      wire.socket = socket;
      this.accepted.add(wire);
      return wire;
    });
  }

  private checkEmpty(): void {
    if (this.whenEmpty.length === 0 || this.leaving.size > 0) return;
    this.prober.stop();
    for (const done of this.whenEmpty.splice(0)) this.host.soon(done);
  }
}
