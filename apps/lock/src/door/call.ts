import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { doorError, type DoorError } from './door-error.ts';
import type { Route } from './route.ts';

/** The values of a request by name: those of its path, its query and its body have one name each. */
export type CallValues = Readonly<Record<string, unknown>>;

/** One request and its answer, which is given once: what comes later is dropped. */
export class Call {
  readonly route: Route;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Checked against the route's schemas. */
  values: CallValues = {};
  /** Called once, when the answer has left or the client has. */
  onClosed: (() => void) | undefined;
  /** An answer was begun, or nobody is there to take one. */
  over = false;
  private readonly onOver: (call: Call) => void;
  private readonly open: Set<Call>;

  constructor(
    route: Route,
    http: { readonly request: IncomingMessage; readonly response: ServerResponse },
    onOver: (call: Call) => void,
  ) {
    this.route = route;
    this.request = http.request;
    this.response = http.response;
    this.onOver = onOver;
    http.response.on('close', this.closed);
    this.open = openCallsOf(http.request.socket).add(this);
  }

  text(name: string, otherwise = ''): string {
    const value = this.values[name];
    return typeof value === 'string' ? value : otherwise;
  }

  number(name: string, otherwise = 0): number {
    const value = this.values[name];
    return typeof value === 'number' ? value : otherwise;
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.values[name];
    return typeof value === 'boolean' ? value : otherwise;
  }

  json(status: number, body: object): void {
    this.send(status, 'application/json', JSON.stringify(body));
  }

  fail(error: DoorError): void {
    this.json(error.status, { code: error.code, message: error.message, outcome: error.outcome });
  }

  send(status: number, type: string, body: string): void {
    if (this.over) return;
    this.over = true;
    const { response } = this;
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store' });
    response.end(body);
  }

  /** Begins an answer that goes on until the client leaves or the stream is ended. */
  stream(type: string): void {
    this.over = true;
    this.response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    this.response.flushHeaders();
  }

  /** Once: the response, or its connection, is at its end. */
  readonly closed = (): void => {
    if (!this.open.delete(this)) return;
    this.over = true;
    this.onOver(this);
    this.onClosed?.();
  };
}

const connections = new WeakMap<Socket, Set<Call>>();

/**
 * The calls of a connection that are not over. Node tells the end of a connection to the response that is being sent; those of
 * requests that were sent behind it would hear nothing.
 */
function openCallsOf(socket: Socket): Set<Call> {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const calls = new Set<Call>();
  connections.set(socket, calls);
  socket.once('close', () => {
    for (const call of calls) call.closed();
  });
  return calls;
}

/** Reads the body of a call as JSON; `done` is called once, and not at all where the client goes away. */
export function readJson(call: Call, maxBytes: number, done: (value: unknown, error: DoorError | undefined) => void): void {
  const { request } = call;
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/iu.test(type)) {
    // Refused, because a page of a foreign site can send other types to this port without being asked whether it may.
    return finish(call, done, doorError(415, 'E_CONTENT_TYPE', 'the body is no application/json. Send JSON, and say so.'));
  }
  const tooLarge = doorError(413, 'E_TOO_LARGE', `the body is too large, allowed: ${maxBytes} bytes. Send less.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes * patience) return finish(call, done, tooLarge);
  const pieces: Buffer[] = [];
  let bytes = 0;
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= maxBytes) pieces.push(piece);
    else if (bytes > maxBytes * patience) finish(call, done, tooLarge);
  });
  request.on('end', () => {
    if (bytes > maxBytes) return done(undefined, tooLarge);
    const value = parsed(pieces);
    return done(value, value === undefined ? doorError(400, 'E_JSON', 'the body is no JSON in UTF-8. Correct it.') : undefined);
  });
}

/** A body that is too large is read up to this many times the limit: a client that is cut off while it sends may miss the answer. */
const patience = 16;

/** Answers although the body goes on, and ends the connection. */
function finish({ request, response }: Call, done: (value: undefined, error: DoorError) => void, error: DoorError): void {
  request.removeAllListeners('data').removeAllListeners('end');
  if (!request.complete) response.setHeader('Connection', 'close');
  request.resume();
  done(undefined, error);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parsed(pieces: readonly Buffer[]): unknown {
  try {
    return JSON.parse(utf8.decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))) as unknown;
  } catch {
    return undefined;
  }
}
