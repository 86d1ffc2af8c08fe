/**
 * A client of the lock service's HTTP door. Needs `fetch`, `AbortController` and timers, so that it runs in Node, browsers and Deno.
 *
 * @packageDocumentation
 */

// For users.
export type { Leader } from './election-stream.ts';
export type { HeldLock } from './held-lock.ts';
export { LockClientError } from './lock-client-error.ts';
export { lockClient } from './lock-client.ts';
export type { Leadership, LockClient, TokenCheck } from './lock-client.ts';
export type { AcquireOptions, CampaignOptions, LockClientEvent, LockClientOptions, ObserveOptions } from './options.ts';
