import { constants, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Host } from '@quorate/interface';
import { RequestAssembler } from './request-assembler.ts';
import { grpcTimeoutMs } from './grpc-timeout.ts';
import type { RpcCall, RpcLimits, RpcServer } from './rpc-server.ts';
import { Code, rpcStatus, type RpcStatus } from './rpc-status.ts';

const grpcHeaders = { ':status': 200, 'content-type': 'application/grpc' };
const okTrailers = { 'grpc-status': '0', 'grpc-message': '' };
// `sendDate` spares the formatting of a header that no gRPC client reads.
const withTrailers = { waitForTrailers: true, sendDate: false };
const withoutBody = { endStream: true, sendDate: false };

const tooMany = rpcStatus(Code.resourceExhausted, 'etcdserver: too many requests');

const windowBytes = 1 << 20;
const connectionWindowBytes = 8 << 20;

/** What a gRPC server of this kind may use. */
export interface NodeRpcServerOptions {
  readonly host: Pick<Host, 'monotonicMs' | 'endOfTurn'>;
  readonly limits: RpcLimits;
}

/** A gRPC server over the stream API of `node:http2`, cleartext with prior knowledge; sockets come from whoever listens. */
export interface NodeRpcServer extends RpcServer {
  /** Takes over a connection whose first bytes are HTTP/2's preface, read or unshifted. */
  adopt(socket: Duplex): void;
}

/** Builds the server; it owns no port. */
export function nodeRpcServer(options: NodeRpcServerOptions): NodeRpcServer {
  return new Http2RpcServer(options);
}

type Handler = (calls: readonly RpcCall[]) => void;

/** One call and the stream that it came on. */
class StreamCall implements RpcCall {
  readonly owner: Http2RpcServer;
  readonly stream: ServerHttp2Stream;
  readonly path: string;
  readonly deadlineMs: number;
  readonly requiresLeader: boolean;
  readonly assembler: RequestAssembler;
  handed = false;
  /** Bytes of an incomplete request, counted by the owner too. */
  held = 0;
  failure: RpcStatus | undefined = undefined;
  response: Uint8Array | undefined = undefined;
  responseRest: Uint8Array | undefined = undefined;

  constructor(owner: Http2RpcServer, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    const timeoutMs = grpcTimeoutMs(oneOf(headers['grpc-timeout']));
    this.owner = owner;
    this.stream = stream;
    this.path = headers[':path'] ?? '';
    this.deadlineMs = timeoutMs === Infinity ? Infinity : owner.host.monotonicMs() + timeoutMs;
    this.requiresLeader = headers['hasleader'] === 'true';
    this.assembler = new RequestAssembler(owner.limits.maxMessageBytes, oneOf(headers['grpc-encoding']));
  }

  get canceled(): boolean {
    return this.stream.destroyed || this.stream.closed;
  }

  get request(): Uint8Array {
    return this.assembler.request ?? Buffer.alloc(1);
  }
}

// The call of a stream is a property of it: a map would cost a lookup per event, and listeners of its own a closure each.
const callOf = Symbol('the call of a stream');

interface CallStream extends ServerHttp2Stream {
  [callOf]: StreamCall;
}

class Http2RpcServer implements NodeRpcServer {
  readonly host: NodeRpcServerOptions['host'];
  readonly limits: RpcLimits;
  private readonly server: Http2Server;
  private readonly sessions = new Set<ServerHttp2Session>();
  private handler: Handler | undefined;
  private turn: RpcCall[] = [];
  private held = 0;
  private closing = false;
  private whenEmpty: (() => void) | undefined;

  constructor({ host, limits }: NodeRpcServerOptions) {
    this.host = host;
    this.limits = limits;
    this.server = createServer({
      maxSessionMemory: 256,
      settings: { initialWindowSize: windowBytes, maxConcurrentStreams: limits.maxConcurrentCalls, enablePush: false },
    });
    this.server.on('session', (session) => this.welcome(session));
    this.server.on('stream', (stream, headers) => this.accept(stream, headers));
    // A session that broke is closed by node, and its calls hear of it as canceled; there is nobody else to tell.
    this.server.on('sessionError', ignore);
  }

  start(handler: Handler): void {
    this.handler = handler;
  }

  adopt(socket: Duplex): void {
    this.server.emit('connection', socket);
  }

  complete(calls: readonly RpcCall[]): void {
    for (const call of calls) if (call instanceof StreamCall) answer(call);
  }

  close(): Promise<void> {
    this.closing = true;
    for (const session of this.sessions) session.close();
    return new Promise((resolve) => {
      this.whenEmpty = resolve;
      if (this.sessions.size === 0) resolve();
    });
  }

  destroy(): void {
    for (const session of this.sessions) session.destroy();
  }

  /** Counts bytes of an incomplete request; false: there are too many. */
  hold(call: StreamCall, bytes: number): boolean {
    if (call.held === 0) call.stream.on('close', onClose);
    call.held += bytes;
    this.held += bytes;
    return this.held <= this.limits.maxIncompleteBytes;
  }

  release(call: StreamCall): void {
    this.held -= call.held;
    call.held = 0;
  }

  /** Queues a call for the end of the turn. */
  hand(call: StreamCall): void {
    call.handed = true;
    if (this.turn.length === 0) this.host.endOfTurn(this.handOver);
    this.turn.push(call);
  }

  private readonly handOver = (): void => {
    const calls = this.turn;
    this.turn = [];
    this.handler?.(calls);
  };

  private welcome(session: ServerHttp2Session): void {
    if (this.closing) {
      session.destroy();
      return;
    }
    this.sessions.add(session);
    session.setLocalWindowSize(connectionWindowBytes);
    session.on('close', () => {
      this.sessions.delete(session);
      if (this.sessions.size === 0) this.whenEmpty?.();
    });
  }

  private accept(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', ignore);
    const type = headers['content-type'];
    if (headers[':method'] !== 'POST' || type === undefined || !type.startsWith('application/grpc')) {
      stream.respond({ ':status': headers[':method'] === 'POST' ? 415 : 405 }, withoutBody);
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
      return;
    }
    (stream as CallStream)[callOf] = new StreamCall(this, stream, headers);
    stream.on('data', onData);
    stream.on('end', onEnd);
  }
}

function onData(this: ServerHttp2Stream, piece: Buffer): void {
  const call = (this as CallStream)[callOf];
  if (call.handed) return;
  if (!call.assembler.push(piece)) {
    if (call.owner.hold(call, piece.length)) return;
    call.assembler.failure = tooMany;
  }
  settle(call);
}

function onEnd(this: ServerHttp2Stream): void {
  const call = (this as CallStream)[callOf];
  if (call.handed) return;
  call.assembler.end();
  settle(call);
}

function onClose(this: ServerHttp2Stream): void {
  const call = (this as CallStream)[callOf];
  call.owner.release(call);
}

// The request is here, or will never be.
function settle(call: StreamCall): void {
  if (call.held > 0) call.owner.release(call);
  call.failure = call.assembler.failure;
  call.owner.hand(call);
}

function answer(call: StreamCall): void {
  const { stream } = call;
  if (call.canceled) return;
  if (call.failure !== undefined) {
    stream.respond({ ...grpcHeaders, ...call.failure.trailers }, withoutBody);
    // What the client still sends is not wanted: HTTP/2 lets a server say so once it has answered.
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    return;
  }
  stream.respond(grpcHeaders, withTrailers);
  stream.on('wantTrailers', sendOk);
  if (call.responseRest === undefined) stream.end(call.response);
  else {
    stream.write(call.response);
    stream.end(call.responseRest);
  }
}

function sendOk(this: ServerHttp2Stream): void {
  this.sendTrailers(okTrailers);
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}

function ignore(): void {
  // An event that would throw without a listener.
}
