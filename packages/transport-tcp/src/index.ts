/**
 * A transport over TCP: frames with checksums, three lanes, bounded queues, one link per peer.
 *
 * @packageDocumentation
 */

// For users.
export type { TcpTransport } from './link-transport.ts';
export { defaultTcpOptions } from './options.ts';
export type { TcpOptions } from './options.ts';
export { tcpTransport } from './tcp-transport.ts';

// For implementers of transports over other byte streams.
export { createFrameDecoder } from './frame-decoder.ts';
export type { FrameDecoder, FrameSink } from './frame-decoder.ts';
