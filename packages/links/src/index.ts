/**
 * Links between members and with clients, whatever carries their frames: who is dialled and let in, which of two connections stays, three
 * lanes in bounded queues, deadlines. A transport is this and a binding to its network.
 *
 * @packageDocumentation
 */

// For users of a transport that stands on this.
export type { LinkOptions } from './link-options.ts';
export type { LinkTransport } from './link-transport.ts';

// For implementers of transports.
export type { Binding, Door, Listener, Wire } from './binding.ts';
export type { Connection } from './connection.ts';
export { frameKinds, maxHelloBytes, onePayload } from './frame-kinds.ts';
export type { FrameKind } from './frame-kinds.ts';
export { LaneQueues } from './lane-queues.ts';
export type { QueuedFrame } from './lane-queues.ts';
export type { LinkHost } from './link-host.ts';
export { defaultLinkOptions, resolveLinkOptions } from './link-options.ts';
export { linkTransport } from './link-transport.ts';
export { listenFailure } from './listen-failure.ts';
export { readU32, writeU32 } from './little-endian.ts';
export { formatTcpUrl, parseTcpUrl } from './tcp-address.ts';
export type { TcpAddress } from './tcp-address.ts';
