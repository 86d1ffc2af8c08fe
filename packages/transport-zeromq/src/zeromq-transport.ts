import { defaultLinkOptions, linkTransport, resolveLinkOptions, type LinkOptions, type LinkTransport } from '@quorate/links';
import { maxMessageBytes } from './message-filler.ts';
import type { Network } from './network.ts';
import { ZeromqBinding } from './zeromq-binding.ts';
import { zmqSockets } from './zmq-sockets.ts';

/** What a ZeroMQ transport can be told. */
export interface ZeromqOptions extends LinkOptions {
  /**
   * Milliseconds without a message after which a link ends; an idle one is pinged three times as often. Default 5 000. Below the longest pause of
   * a healthy member's event loop, or below the time that the largest frame takes on the slowest network (a message arrives whole or not at
   * all, and what has come of it does not count), links end for nothing; above, a network that swallows one direction is noticed late.
   */
  readonly idleMs: number;
}

/** The defaults. */
export const defaultZeromqOptions: ZeromqOptions = defaultLinkOptions;

/** A transport over ZeroMQ: `fifo`, in order and complete until a link ends. */
export type ZeromqTransport = LinkTransport;

/**
 * A transport over ZeroMQ, for members (`listen` is their peer URL) and native clients (no `listen`) alike. Nothing happens before
 * `start`. Throws `E_USAGE`, outcome `not-applied`, where options are out of range; a port that cannot be opened is a failure of `start`.
 */
export function zeromqTransport(options: Partial<ZeromqOptions> = {}): ZeromqTransport {
  return zeromqTransportOn(
    ({ maxFrameBytes, connectTimeoutMs }) =>
      zmqSockets({ messageBytes: maxMessageBytes(maxFrameBytes), handshakeMs: connectTimeoutMs }),
    options,
  );
}

/** The transport over any {@link Network}, which may depend on the options. */
export function zeromqTransportOn(
  networkFor: (options: ZeromqOptions) => Network,
  given: Partial<ZeromqOptions>,
): ZeromqTransport {
  // Positions are compared modulo 2^32: three such frames in one message stay below half of that.
  const options = resolveLinkOptions(given, { name: 'ZeroMQ', maxFrameBytes: 268_435_456 });
  return linkTransport(new ZeromqBinding(networkFor(options), options), options);
}
