import type { HolderInfo, LockInfo, WaiterInfo } from '@quorate/codec-protobuf/lock';
import { encodeText } from '@quorate/interface';
import { acquireModeOf, lockCommands, lockQueries, type AcquireMode } from '../machine/lock-commands.ts';
import { lockLimits } from '../machine/lock-limits.ts';
import type { Call } from './call.ts';
import type { JsonSchema } from './json-schema.ts';
import type { LockApi } from './lock-api.ts';
import { consistencySchema, replicaErrors, sessionErrors, type Route, type RouteAnswer } from './route.ts';
import {
  cancelOnDisconnect,
  cancelSchema,
  delayMs,
  doneSchema,
  form,
  grantSchema,
  limit,
  lockListSchema,
  lockSchema,
  metadata,
  nameText,
  record,
  requestId,
  sessionId,
  token,
  waitGraphSchema,
  waitingSchema,
  waitMs,
} from './schemas.ts';

const utf8 = new TextDecoder();

const conflict: Readonly<Record<number, RouteAnswer>> = { 409: { description: 'not as the lock is now' } };

/** What an acquire or a campaign may be answered with. */
export const acquireAnswers: Readonly<Record<number, RouteAnswer>> = {
  200: { description: 'it is held now', schema: grantSchema },
  202: { description: 'it waits, and keeps its place', schema: waitingSchema },
  ...conflict,
  ...sessionErrors,
  ...replicaErrors,
};

/** What a cancellation may be answered with. */
export const cancelAnswers: Readonly<Record<number, RouteAnswer>> = {
  200: { description: 'it waits no more; or it was granted before, and is held', schema: cancelSchema },
  ...sessionErrors,
  ...replicaErrors,
};

/** What a release may be answered with. */
export const releaseAnswers: Readonly<Record<number, RouteAnswer>> = {
  200: {
    description: 'released',
    schema: record({ remaining: { type: 'integer', minimum: 0, description: 'requests of the session that still hold it' } }),
  },
  ...conflict,
  ...sessionErrors,
  ...replicaErrors,
};

/** The fields of a release. */
export const releaseForm: JsonSchema = form(['session', 'token'], {
  session: sessionId,
  token,
  request: { ...requestId, description: 'release this request only; without it, all of the session under the token' },
});

/** Locks and semaphores. */
export const lockRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/locks/{name}/acquire',
    id: 'acquireLock',
    summary: 'Asks for a lock and waits for it in the queue: first come, first served, one wake-up per release.',
    body: form(['session', 'request'], {
      session: sessionId,
      request: requestId,
      mode: { type: 'string', enum: ['exclusive', 'shared', 'permit'], default: 'exclusive' },
      permits: {
        type: 'integer',
        minimum: 1,
        maximum: lockLimits.holders,
        description: 'of the semaphore in all; with mode permit only',
      },
      wait: { type: 'boolean', default: true, description: 'false: refused with E_LOCK_HELD where it would have to wait' },
      waitMs,
      delayMs,
      metadata,
      cancelOnDisconnect,
    }),
    answers: acquireAnswers,
    serve: (api, call) => acquire(api, call, call.text('mode', 'exclusive') as AcquireMode),
  },
  {
    method: 'POST',
    path: '/v1/locks/{name}/cancel',
    id: 'cancelAcquire',
    summary: 'Takes a request out of the queue. Where it was granted meanwhile, the answer is the grant: release it.',
    body: form(['session', 'request'], { session: sessionId, request: requestId }),
    answers: cancelAnswers,
    serve: cancel,
  },
  {
    method: 'POST',
    path: '/v1/locks/{name}/release',
    id: 'releaseLock',
    summary: 'Releases a lock. The next in the queue has it at once.',
    body: releaseForm,
    answers: releaseAnswers,
    serve: release,
  },
  {
    method: 'GET',
    path: '/v1/locks/{name}',
    id: 'getLock',
    summary: 'Tells who holds a lock and who waits. Nothing in it where nobody uses the name.',
    query: { limit, consistency: consistencySchema },
    answers: { 200: { description: 'the lock', schema: lockSchema }, ...replicaErrors },
    serve: (api, call) =>
      api.query(call, lockQueries.lock(call.text('name'), call.number('limit')), (_call, reply) => {
        if (reply.kind === 'lock') call.json(200, lockJson(reply));
      }),
  },
  {
    method: 'GET',
    path: '/v1/locks',
    id: 'listLocks',
    summary: 'Lists the locks in use by name, with a few holders each and without those who wait.',
    query: {
      prefix: nameText,
      after: { ...nameText, description: 'the last name of the page before' },
      limit,
      consistency: consistencySchema,
    },
    answers: { 200: { description: 'the locks', schema: lockListSchema }, ...replicaErrors },
    serve: (api, call) =>
      api.query(call, lockQueries.list(call.text('prefix'), call.text('after'), call.number('limit')), (_call, reply) => {
        if (reply.kind === 'list') call.json(200, { locks: reply.locks.map(lockJson), more: reply.more });
      }),
  },
  {
    method: 'GET',
    path: '/v1/locks/{name}/check',
    id: 'checkToken',
    summary: 'Tells whether a token is that of a grant that holds.',
    query: { token, consistency: consistencySchema },
    queryRequired: ['token'],
    answers: {
      200: {
        description: 'whether it holds',
        schema: record({
          valid: { type: 'boolean' },
          session: { type: 'integer', minimum: 0, description: 'whose it is; 0: nobody holds the lock with it' },
          newest: { type: 'integer', minimum: 0, description: 'the highest token of the holders; 0: none' },
        }),
      },
      ...replicaErrors,
    },
    serve: (api, call) =>
      api.query(call, lockQueries.check(call.text('name'), call.number('token')), (_call, reply) => {
        if (reply.kind === 'checked') call.json(200, { valid: reply.valid, session: reply.session, newest: reply.newest });
      }),
  },
  {
    method: 'POST',
    path: '/v1/locks/{name}/force-release',
    id: 'forceRelease',
    summary:
      'For administrators: takes a lock from its holders. They are not asked, and their tokens are stale. Every member logs it.',
    body: form(['by', 'reason'], {
      by: { type: 'string', minLength: 1, maxLength: 256, description: 'who answers for it' },
      reason: { type: 'string', minLength: 1, maxLength: 1024 },
      token: { ...token, description: 'of one holder; without it, all holders and delays' },
      noDelay: { type: 'boolean', default: false, description: 'true: the holder is known to be dead, its delay is left out' },
    }),
    answers: { 200: { description: 'taken', schema: doneSchema }, ...conflict, ...replicaErrors },
    serve: (api, call) => {
      const command = lockCommands.forceRelease({
        lock: call.text('name'),
        token: call.number('token'),
        noDelay: call.flag('noDelay'),
        by: call.text('by'),
        reason: call.text('reason'),
      });
      api.submit(call, command, () => call.json(200, {}));
    },
  },
  {
    method: 'GET',
    path: '/v1/wait-graph',
    id: 'getWaitGraph',
    summary: 'Tells who waits for whom, and circles among them: hints of deadlocks.',
    query: { limit, consistency: consistencySchema },
    answers: { 200: { description: 'the graph', schema: waitGraphSchema }, ...replicaErrors },
    serve: (api, call) =>
      api.query(call, lockQueries.waitGraph(call.number('limit')), (_call, reply) => {
        if (reply.kind !== 'wait-graph') return;
        const edges = reply.edges.map(({ waiter, holder, lock }) => ({ waiter, holder, lock }));
        call.json(200, { edges, circles: reply.circles.map(({ sessions }) => sessions), more: reply.more });
      }),
  },
];

/** Asks for a lock or campaigns; `metadata` of a campaign is its value. */
export function acquire(api: LockApi, call: Call, mode: AcquireMode): void {
  const session = call.number('session');
  const lock = call.text('name');
  const request = call.number('request');
  const command = lockCommands.acquire({
    session,
    lock,
    request,
    mode,
    wait: call.flag('wait', true),
    permits: call.number('permits'),
    delayMs: call.number('delayMs'),
    metadata: encodeText(mode === 'campaign' ? call.text('value') : call.text('metadata')),
  });
  const cancelWhenGone = call.flag('cancelOnDisconnect');
  api.waits.acquire(call, { session, lock, request, command, waitMs: call.number('waitMs', 10_000), cancelWhenGone });
}

/** Takes a request or a candidate out of the queue. */
export function cancel(api: LockApi, call: Call): void {
  api.submit(call, lockCommands.cancel(call.number('session'), call.text('name'), call.number('request')), (_call, reply) => {
    call.json(200, reply.kind === 'granted' ? { status: 'granted', token: reply.token } : { status: 'cancelled' });
  });
}

/** Releases a lock or resigns. */
export function release(api: LockApi, call: Call): void {
  const fields = { session: call.number('session'), lock: call.text('name'), token: call.number('token') };
  api.submit(call, lockCommands.release({ ...fields, request: call.number('request') }), (_call, reply) => {
    if (reply.kind === 'released') call.json(200, { remaining: reply.remaining });
  });
}

function lockJson({ name, permits, holders, waiters, delays, holding, waiting }: LockInfo): object {
  return {
    name,
    permits,
    holders: holders.map(holderJson),
    waiters: waiters.map(waiterJson),
    delays: delays.map(({ session, token: held, delayMs: forMs }) => ({ session, token: held, delayMs: forMs })),
    holding,
    waiting,
  };
}

function holderJson(holder: HolderInfo): object {
  const { session, token: held, mode, count, sinceMs } = holder;
  return {
    session,
    token: held,
    mode: acquireModeOf(mode),
    count,
    delayMs: holder.delayMs,
    sinceMs,
    metadata: utf8.decode(holder.metadata),
  };
}

function waiterJson(waiter: WaiterInfo): object {
  const { session, request, mode, sinceMs } = waiter;
  return { session, request, mode: acquireModeOf(mode), sinceMs, metadata: utf8.decode(waiter.metadata) };
}
