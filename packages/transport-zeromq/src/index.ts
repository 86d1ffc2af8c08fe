/**
 * A transport over ZeroMQ: coalesced messages with positions and checksums, three lanes, bounded queues, one link per peer.
 *
 * @packageDocumentation
 */

// For users.
export { defaultZeromqOptions, zeromqTransport } from './zeromq-transport.ts';
export type { ZeromqOptions, ZeromqTransport } from './zeromq-transport.ts';
