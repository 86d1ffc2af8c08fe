import { lockLimits } from '../machine/lock-limits.ts';
import type { JsonSchema } from './json-schema.ts';

const largest = Number.MAX_SAFE_INTEGER;
const text = (description: string): JsonSchema => ({ type: 'string', description });
const count = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, maximum: largest, description });
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** An object all of whose fields are there. */
export function record(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** An object for a request: those that `required` names must be there. */
export function form(required: readonly string[], properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

export const sessionId: JsonSchema = { type: 'integer', minimum: 1, maximum: largest, description: 'of an open session' };
export const token: JsonSchema = {
  type: 'integer',
  minimum: 1,
  maximum: largest,
  description: 'fencing token: rises with every grant, below 2^53',
};
export const requestId: JsonSchema = {
  type: 'integer',
  minimum: 1,
  maximum: largest,
  description: 'chosen by the client, a higher one for each acquisition of a session; a retry repeats it and gets the same grant',
};
export const ttlMs: JsonSchema = {
  type: 'integer',
  minimum: lockLimits.minTtlMs,
  maximum: lockLimits.maxTtlMs,
  description: 'how long the session lives without a keep-alive',
};
export const nameText: JsonSchema = { type: 'string', maxLength: lockLimits.nameLength };
export const metadata: JsonSchema = {
  type: 'string',
  maxLength: lockLimits.metadataBytes,
  description: `shown to others; at most ${lockLimits.metadataBytes} bytes in UTF-8`,
};
export const longestWaitMs = 60_000;
export const waitMs: JsonSchema = {
  type: 'integer',
  minimum: 0,
  maximum: longestWaitMs,
  default: 10_000,
  description: 'how long this request is held open; then the answer is 202, and the place in the queue is kept',
};
export const delayMs: JsonSchema = {
  type: 'integer',
  minimum: 0,
  maximum: lockLimits.maxDelayMs,
  default: 0,
  description: 'for how long the lock stays taken after the death of this holder',
};
export const cancelOnDisconnect: JsonSchema = {
  type: 'boolean',
  default: false,
  description: 'cancel the request where the connection is lost while it waits; otherwise it keeps its place',
};
export const limit: JsonSchema = {
  type: 'integer',
  minimum: 1,
  maximum: lockLimits.listed,
  default: lockLimits.listed,
  description: 'entries in the answer at most',
};

const mode: JsonSchema = { type: 'string', enum: ['exclusive', 'shared', 'permit', 'campaign'] };
const sinceMs = count('cluster time in milliseconds: for comparison with others like it');

/** A grant. */
export const grantSchema: JsonSchema = record({ status: { type: 'string', const: 'granted' }, token });
/** Not yet. */
export const waitingSchema: JsonSchema = record({
  status: { type: 'string', const: 'waiting' },
  ahead: count('requests that were in front when this one was queued'),
  next: text('what to do'),
});
/** What a cancellation led to. */
export const cancelSchema: JsonSchema = { oneOf: [record({ status: { type: 'string', const: 'cancelled' } }), grantSchema] };
export const holderSchema: JsonSchema = record({
  session: sessionId,
  token,
  mode,
  count: count('requests that share the grant'),
  delayMs,
  sinceMs,
  metadata: text('of the holder'),
});
export const waiterSchema: JsonSchema = record({
  session: sessionId,
  request: requestId,
  mode,
  sinceMs,
  metadata: text('of the waiter'),
});
export const lockSchema: JsonSchema = record({
  name: nameText,
  permits: count('of a semaphore, in all; 0: it is none'),
  holders: list(holderSchema),
  waiters: list(waiterSchema),
  delays: list(record({ session: sessionId, token, delayMs })),
  holding: count('all that hold, also those that are not listed'),
  waiting: count('all that wait, also those that are not listed'),
});
export const lockListSchema: JsonSchema = record({
  locks: list(lockSchema),
  more: { type: 'boolean', description: 'the limit cut the list: ask again with "after"' },
});
export const sessionSchema: JsonSchema = record({
  session: sessionId,
  ttlMs,
  name: text('of the session'),
  metadata: text('of the session'),
  holds: list(nameText),
  waits: list(nameText),
});
export const leaderSchema: JsonSchema = {
  oneOf: [
    record({ leader: record({ session: sessionId, token, value: text('what the leader proclaimed') }) }),
    record({ leader: { type: 'null', description: 'nobody leads' } }),
  ],
};
export const waitGraphSchema: JsonSchema = record({
  edges: list(record({ waiter: sessionId, holder: sessionId, lock: nameText })),
  circles: list({
    type: 'array',
    items: sessionId,
    description: 'sessions, each waiting for the next: a deadlock if they do nothing else',
  }),
  more: { type: 'boolean', description: 'the limit cut the edges, and circles beyond them are not seen' },
});
/** The answer of requests that have nothing to tell. */
export const doneSchema: JsonSchema = record({});
