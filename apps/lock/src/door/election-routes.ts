import { encodeText } from '@quorate/interface';
import { lockCommands, lockQueries } from '../machine/lock-commands.ts';
import { leaderJson } from './election-observers.ts';
import { acquire, acquireAnswers, cancel, cancelAnswers, release, releaseAnswers, releaseForm } from './lock-routes.ts';
import { consistencySchema, replicaErrors, sessionErrors, type Route } from './route.ts';
import {
  cancelOnDisconnect,
  delayMs,
  doneSchema,
  form,
  leaderSchema,
  metadata,
  requestId,
  sessionId,
  token,
  waitMs,
} from './schemas.ts';

const value = { ...metadata, description: 'what others are told of the leader' };

/** Elections: locks whose holder has a value that others follow. */
export const electionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/elections/{name}/campaign',
    id: 'campaign',
    summary: 'Stands for election and waits to be elected: candidates lead in the order in which they came.',
    body: form(['session', 'request'], { session: sessionId, request: requestId, value, waitMs, delayMs, cancelOnDisconnect }),
    answers: acquireAnswers,
    serve: (api, call) => acquire(api, call, 'campaign'),
  },
  {
    method: 'POST',
    path: '/v1/elections/{name}/cancel',
    id: 'cancelCampaign',
    summary: 'Withdraws a candidate. Where it was elected meanwhile, the answer is the grant: resign.',
    body: form(['session', 'request'], { session: sessionId, request: requestId }),
    answers: cancelAnswers,
    serve: cancel,
  },
  {
    method: 'POST',
    path: '/v1/elections/{name}/proclaim',
    id: 'proclaim',
    summary: 'Replaces the value of the leader.',
    body: form(['session', 'token', 'value'], { session: sessionId, token, value }),
    answers: {
      200: { description: 'replaced', schema: doneSchema },
      409: { description: 'the session does not lead with this token' },
      ...sessionErrors,
      ...replicaErrors,
    },
    serve: (api, call) => {
      const fields = { session: call.number('session'), lock: call.text('name'), token: call.number('token') };
      const command = lockCommands.proclaim({ ...fields, value: encodeText(call.text('value')) });
      api.submit(call, command, () => call.json(200, {}));
    },
  },
  {
    method: 'POST',
    path: '/v1/elections/{name}/resign',
    id: 'resign',
    summary: 'Ends a leadership. The next candidate leads at once.',
    body: releaseForm,
    answers: releaseAnswers,
    serve: release,
  },
  {
    method: 'GET',
    path: '/v1/elections/{name}/leader',
    id: 'getLeader',
    summary: 'Tells who leads.',
    query: { consistency: consistencySchema },
    answers: { 200: { description: 'the leader, or null', schema: leaderSchema }, ...replicaErrors },
    serve: (api, call) =>
      api.query(call, lockQueries.leader(call.text('name')), (_call, reply) => {
        if (reply.kind === 'leader') call.json(200, leaderJson(reply));
      }),
  },
  {
    method: 'GET',
    path: '/v1/elections/{name}/observe',
    id: 'observeLeader',
    summary:
      'Server-sent events named "leader", each with the same data as the answer of getLeader: the leader as it is, then every change.',
    query: { consistency: consistencySchema },
    answers: { 200: { description: 'a stream without an end', type: 'text/event-stream' }, ...replicaErrors },
    serve: (api, call) => api.observers.observe(call),
  },
];
