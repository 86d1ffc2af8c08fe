import { defaultLinkOptions, linkTransport, resolveLinkOptions, type LinkOptions, type LinkTransport } from '@quorate/links';
import type { Network } from './network.ts';
import { nodeNetwork } from './node-network.ts';
import { tcpBinding } from './tcp-binding.ts';

/** What a TCP transport can be told. */
export type TcpOptions = LinkOptions;

/** The defaults. */
export const defaultTcpOptions: TcpOptions = defaultLinkOptions;

/** A transport over TCP: `fifo`, in order and complete until a link ends. */
export type TcpTransport = LinkTransport;

/**
 * A transport over TCP, for members (`listen` is their peer URL) and native clients (no `listen`) alike. Nothing happens before
 * `start`. Throws `E_USAGE`, outcome `not-applied`, where options are out of range; a port that cannot be opened is a failure of `start`.
 */
export function tcpTransport(options: Partial<TcpOptions> = {}): TcpTransport {
  return tcpTransportOn(nodeNetwork(), options);
}

/** The transport over any {@link Network}. */
export function tcpTransportOn(network: Network, given: Partial<TcpOptions>): TcpTransport {
  const options = resolveLinkOptions(given, { name: 'TCP', maxFrameBytes: 1_073_741_824 });
  return linkTransport(tcpBinding(network, options), options);
}
