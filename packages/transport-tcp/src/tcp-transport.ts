import { linkTransport, type TcpTransport } from './link-transport.ts';
import { nodeNetwork } from './node-network.ts';
import type { TcpOptions } from './options.ts';

/**
 * A transport over TCP, for members (`listen` is their peer URL) and native clients (no `listen`) alike. Nothing happens before
 * `start`. Throws `E_USAGE`, outcome `not-applied`, where options are out of range; a port that cannot be opened is a failure of `start`.
 */
export function tcpTransport(options: Partial<TcpOptions> = {}): TcpTransport {
  return linkTransport(nodeNetwork(), options);
}
