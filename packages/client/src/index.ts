/**
 * The native client of a Quorate cluster: replicated sessions, retries, deadlines, fail-over. Pure: give it a transport and a host.
 *
 * @packageDocumentation
 */

// For users.
export { createClient } from './client.ts';
export type { CallOptions, CancelSignal, Client, ReadOptions } from './client.ts';
export type { ClientStatus } from './native-client.ts';
export type { Done } from './operation.ts';
export { defaultClientOptions } from './options.ts';
export type { ClientOptions } from './options.ts';

// For implementers: nothing; a client is configured by its options alone.
