import { lockQueries } from '../machine/lock-commands.ts';
import type { Call } from './call.ts';
import type { LockApi } from './lock-api.ts';
import type { Route } from './route.ts';
import { record } from './schemas.ts';

const reason = { type: 'string', description: 'empty where all is well' } as const;
const readySchema = record({ ready: { type: 'boolean' }, reason });
const healthSchema = record({ health: { type: 'string', enum: ['true', 'false'] }, reason });
const readyMs = 1000;

/** For operators and probes. */
export const memberRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/livez',
    id: 'getLiveness',
    summary: 'Answers while the process does: for probes that restart it.',
    answers: { 200: { description: 'it lives', schema: record({ live: { type: 'boolean' } }) } },
    serve: (_api, call) => call.json(200, { live: true }),
  },
  {
    method: 'GET',
    path: '/readyz',
    id: 'getReadiness',
    summary: 'Whether this member can serve: it makes a linearizable read. For probes that send clients elsewhere.',
    answers: {
      200: { description: 'ready', schema: readySchema },
      503: { description: 'not ready, and why', schema: readySchema },
    },
    serve: ready,
  },
  {
    method: 'GET',
    path: '/health',
    id: 'getHealth',
    summary: "The member's own opinion, without asking others: whether it runs and knows a leader.",
    answers: {
      200: { description: 'healthy', schema: healthSchema },
      503: { description: 'not, and why', schema: healthSchema },
    },
    serve: (api, call) => {
      const { healthy, reason: why } = api.options.health();
      call.json(healthy ? 200 : 503, { health: String(healthy), reason: why });
    },
  },
  {
    method: 'GET',
    path: '/version',
    id: 'getVersion',
    summary: 'What runs here.',
    answers: {
      200: { description: 'name and version', schema: record({ service: { type: 'string' }, version: { type: 'string' } }) },
    },
    serve: (api, call) => call.json(200, { service: 'quorate-lock', version: api.options.version }),
  },
  {
    method: 'GET',
    path: '/metrics',
    id: 'getMetrics',
    summary: 'Metrics in the text format of Prometheus.',
    answers: { 200: { description: 'one line per series', type: metricsType() } },
    serve: (api, call) => call.send(200, metricsType(), api.options.metrics()),
  },
  {
    method: 'GET',
    path: '/openapi.json',
    id: 'getOpenApi',
    summary: 'This description.',
    answers: { 200: { description: 'OpenAPI 3.1', schema: { type: 'object' } } },
    serve: (api, call) => call.send(200, 'application/json', api.options.openApi),
  },
];

function metricsType(): string {
  return 'text/plain; version=0.0.4; charset=utf-8';
}

function ready({ options }: LockApi, call: Call): void {
  const { healthy, reason: why } = options.health();
  if (!healthy) return call.json(503, { ready: false, reason: why });
  return options.replica.query(lockQueries.totals(), 'linearizable', options.host.monotonicMs() + readyMs, (error) => {
    if (error === undefined) call.json(200, { ready: true, reason: '' });
    else call.json(503, { ready: false, reason: error.message });
  });
}
