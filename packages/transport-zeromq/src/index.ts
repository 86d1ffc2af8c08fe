/**
 * A transport over ZeroMQ: coalesced messages with positions and checksums, three lanes, bounded queues, one link per peer.
 *
 * @packageDocumentation
 */

// For users.
export type { ZeromqTransport } from './link-transport.ts';
export { defaultZeromqOptions } from './options.ts';
export type { ZeromqOptions } from './options.ts';
export { zeromqTransport } from './zeromq-transport.ts';
