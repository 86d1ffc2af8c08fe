/**
 * A transport over TCP: frames with checksums, three lanes, bounded queues, one link per peer.
 *
 * @packageDocumentation
 */

// For users.
export { defaultTcpOptions, tcpTransport } from './tcp-transport.ts';
export type { TcpOptions, TcpTransport } from './tcp-transport.ts';

// For implementers of transports over other byte streams.
export { createFrameDecoder } from './frame-decoder.ts';
export type { FrameDecoder, FrameSink } from './frame-decoder.ts';
