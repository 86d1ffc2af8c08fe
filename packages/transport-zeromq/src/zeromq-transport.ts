import { linkTransport, type ZeromqTransport } from './link-transport.ts';
import { resolveZeromqOptions, type ZeromqOptions } from './options.ts';
import { maxMessageBytes } from './send-queue.ts';
import { zmqSockets } from './zmq-sockets.ts';

/**
 * A transport over ZeroMQ, for members (`listen` is their peer URL) and native clients (no `listen`) alike. Nothing happens before
 * `start`. Throws `E_USAGE`, outcome `not-applied`, where options are out of range; a port that cannot be opened is a failure of `start`.
 */
export function zeromqTransport(options: Partial<ZeromqOptions> = {}): ZeromqTransport {
  const resolved = resolveZeromqOptions(options);
  const limits = { messageBytes: maxMessageBytes(resolved.maxFrameBytes), handshakeMs: resolved.connectTimeoutMs };
  return linkTransport(zmqSockets(limits), resolved);
}
