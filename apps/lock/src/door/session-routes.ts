import { encodeText } from '@quorate/interface';
import { lockCommands, lockQueries } from '../machine/lock-commands.ts';
import { consistencySchema, replicaErrors, sessionErrors, type Route } from './route.ts';
import { doneSchema, form, metadata, nameText, record, sessionId, sessionSchema, ttlMs } from './schemas.ts';

const utf8 = new TextDecoder();

/** Sessions: who holds and waits, and for how long without a sign of life. */
export const sessionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/sessions',
    id: 'openSession',
    summary: 'Opens a session. Its client renews it before ttlMs has passed since it sent the last renewal that was answered.',
    body: form(['ttlMs'], { ttlMs, name: nameText, metadata }),
    answers: { 201: { description: 'the session is open', schema: record({ session: sessionId, ttlMs }) }, ...replicaErrors },
    serve: (api, call) => {
      const command = lockCommands.openSession(call.number('ttlMs'), call.text('name'), encodeText(call.text('metadata')));
      api.submit(call, command, (_call, reply) => {
        if (reply.kind === 'session-opened') call.json(201, { session: reply.session, ttlMs: reply.ttlMs });
      });
    },
  },
  {
    method: 'POST',
    path: '/v1/sessions/{session}/keepalive',
    id: 'keepSessionAlive',
    summary: 'Renews a session. Renewals that come within 50 ms are replicated as one command.',
    answers: { 200: { description: 'renewed', schema: record({ session: sessionId }) }, ...sessionErrors, ...replicaErrors },
    serve: (api, call) => api.keepAlives.add(call, call.number('session')),
  },
  {
    method: 'GET',
    path: '/v1/sessions/{session}',
    id: 'getSession',
    summary: 'Tells what a session holds and waits for.',
    query: { consistency: consistencySchema },
    answers: {
      200: { description: 'the session', schema: sessionSchema },
      ...sessionErrors,
      ...replicaErrors,
    },
    serve: (api, call) =>
      api.query(call, lockQueries.session(call.number('session')), (_call, reply) => {
        if (reply.kind !== 'session') return;
        const { session, ttlMs: lifeMs, name, metadata: bytes, holds, waits } = reply;
        call.json(200, { session, ttlMs: lifeMs, name, metadata: utf8.decode(bytes), holds, waits });
      }),
  },
  {
    method: 'DELETE',
    path: '/v1/sessions/{session}',
    id: 'closeSession',
    summary: 'Ends a session. What it holds is released at once, without any delay.',
    answers: { 200: { description: 'it is over', schema: doneSchema }, ...sessionErrors, ...replicaErrors },
    serve: (api, call) => api.submit(call, lockCommands.closeSession(call.number('session')), () => call.json(200, {})),
  },
];
