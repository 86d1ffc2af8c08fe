import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Call, readJson } from './call.ts';
import { doorError, type DoorError } from './door-error.ts';
import { schemaProblem, type JsonSchema } from './json-schema.ts';
import type { LockApi } from './lock-api.ts';
import { pathSchemas, router, type FoundPath, type Route } from './route.ts';

/** Bounds of the HTTP server. */
export interface LockServerOptions {
  readonly api: LockApi;
  readonly routes: readonly Route[];
  /** Of a request's body. */
  readonly maxBodyBytes: number;
  /** For the whole of a request to arrive. */
  readonly requestArrivesMs: number;
  readonly maxConnections: number;
  /** Told of every answer, for metrics. `id` is the route's, `unknown` where there is none. */
  readonly observe: (id: string, status: number) => void;
}

/** An HTTP/1.1 server for the lock service; who calls it lets it listen. */
export function lockServer(options: LockServerOptions): Server {
  const { requestArrivesMs, maxConnections } = options;
  const server = createServer({
    headersTimeout: requestArrivesMs,
    requestTimeout: requestArrivesMs,
    // Longer than the pauses of usual connection pools, so that it is mostly the client that ends a connection.
    keepAliveTimeout: 75_000,
    connectionsCheckingInterval: Math.min(1000, requestArrivesMs),
    // Refused here, with a body as every other error has.
    requireHostHeader: false,
  });
  server.maxConnections = maxConnections;
  const find = router(options.routes);
  const onOver = ({ route, response }: Call): void => options.observe(route.id, response.statusCode);
  server.on('request', (request, response) => take({ options, find, onOver }, request, response));
  server.on('checkExpectation', (request, response) => {
    request.resume();
    new Call(notFound, { request, response }, onOver).fail(noExpectation);
  });
  server.on('clientError', refuseClient);
  return server;
}

interface Taking {
  readonly options: LockServerOptions;
  readonly find: (path: string) => FoundPath | undefined;
  readonly onOver: (call: Call) => void;
}

const notFound: Route = {
  method: 'GET',
  path: '',
  id: 'unknown',
  summary: '',
  answers: {},
  serve: () => undefined,
};

function take({ options, find, onOver }: Taking, request: IncomingMessage, response: ServerResponse): void {
  const { api, maxBodyBytes } = options;
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const found = find(mark < 0 ? target : target.slice(0, mark));
  const route = found?.routes.get(request.method ?? '');
  const call = new Call(route ?? notFound, { request, response }, onOver);
  if (api.stopping) response.setHeader('Connection', 'close');
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    request.resume();
    return call.fail(badRequest('the header Host is missing'));
  }
  if (found === undefined || route === undefined) {
    request.resume();
    return call.fail(found === undefined ? noRoute() : noMethod(found, response));
  }
  if (api.stopping && route.path.startsWith('/v1/')) {
    request.resume();
    return call.fail(doorError(503, 'E_STOPPED', 'this member stops. Ask another one.'));
  }
  const values: Record<string, unknown> = {};
  const problem = readPath(found.values, values) ?? readQuery(route, mark < 0 ? '' : target.slice(mark + 1), values);
  if (problem !== undefined || route.body === undefined) {
    request.resume();
    call.values = values;
    return problem === undefined ? route.serve(api, call) : call.fail(badRequest(problem));
  }
  const { body } = route;
  return readJson(call, maxBodyBytes, (value, error) => serveBody({ api, call, values, body }, value, error));
}

interface BodyCall {
  readonly api: LockApi;
  readonly call: Call;
  readonly values: Record<string, unknown>;
  readonly body: JsonSchema;
}

function serveBody({ api, call, values, body }: BodyCall, value: unknown, error: DoorError | undefined): void {
  if (error !== undefined) return call.fail(error);
  const problem = schemaProblem(body, value, 'the body');
  if (problem !== undefined) return call.fail(badRequest(problem));
  // The path's values go last: no body can name another lock than its path.
  call.values = Object.assign({}, value, values);
  return call.route.serve(api, call);
}

function readPath(parts: readonly string[], values: Record<string, unknown>): string | undefined {
  for (let place = 0; place < parts.length; place += 2) {
    const name = parts[place] ?? '';
    const text = decoded(parts[place + 1] ?? '');
    if (text === undefined) return `${name} is no percent-encoded text in UTF-8`;
    const problem = readText({ name, text, schema: pathSchemas[name] ?? {} }, values);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function readQuery({ query = {}, queryRequired = [] }: Route, text: string, values: Record<string, unknown>): string | undefined {
  for (const [name, value] of text === '' ? [] : new URLSearchParams(text)) {
    const schema = Object.hasOwn(query, name) ? query[name] : undefined;
    if (schema === undefined)
      return `${JSON.stringify(name)} is no parameter, allowed: ${Object.keys(query).join(', ') || 'none'}`;
    const problem = readText({ name, text: value, schema }, values);
    if (problem !== undefined) return problem;
  }
  for (const name of queryRequired) if (!Object.hasOwn(values, name)) return `${name} is missing in the query`;
  return undefined;
}

function readText(
  { name, text, schema }: { readonly name: string; readonly text: string; readonly schema: JsonSchema },
  values: Record<string, unknown>,
): string | undefined {
  const value = schema.type === 'integer' && /^\d{1,16}$/u.test(text) ? Number(text) : text;
  values[name] = value;
  return schemaProblem(schema, value, name);
}

function decoded(part: string): string | undefined {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function badRequest(problem: string): DoorError {
  return doorError(400, 'E_REQUEST_FORM', `${problem}. Correct it.`);
}

const noExpectation = doorError(417, 'E_EXPECTATION', 'Expect has another value than 100-continue. Leave it out.');

function noRoute(): DoorError {
  return doorError(404, 'E_ROUTE', 'there is nothing at this path. See /openapi.json.');
}

function noMethod({ routes }: FoundPath, response: ServerResponse): DoorError {
  const allowed = [...routes.keys()].join(', ');
  response.setHeader('Allow', allowed);
  return doorError(405, 'E_METHOD', `this path has another method, allowed: ${allowed}. See /openapi.json.`);
}

const clientErrors: Readonly<Record<string, readonly [status: string, code: string, text: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'E_SLOW', 'the request did not arrive in time. Send it at once.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'E_TOO_LARGE', 'the headers are too large. Send less.'],
};

/** What is no HTTP, or too slow, never becomes a request: the answer is written by hand. */
function refuseClient(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, text] = clientErrors[error.code ?? ''] ?? [
    '400 Bad Request',
    'E_HTTP',
    'this is no HTTP/1.1. Correct it.',
  ];
  const body = JSON.stringify({ code, message: `${code}: ${text}`, outcome: 'not-applied' });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}
