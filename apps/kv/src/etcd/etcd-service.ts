import type { ConsensusError, Config, Consistency, Host, MemberId } from '@quorate/interface';
import { replyHeadBytes, replyRevision, replyStatus } from '../store/reply.ts';
import { consensusFailure, etcdErrors, storeFailure } from './etcd-errors.ts';
import { HeaderWriter } from './grpc-frame.ts';
import type { KvReplica } from './kv-replica.ts';
import { routes, type Route } from './routes.ts';
import type { RpcCall, RpcServer } from './rpc-server.ts';
import { Code, rpcStatus, type RpcStatus } from './rpc-status.ts';

/** How long a header's term may lag behind the replica's, in milliseconds: a status costs more than a put's whole answer. */
const termAgeMs = 20;

/** What answers etcd's gRPC calls. */
export interface EtcdServiceOptions {
  readonly replica: KvReplica;
  readonly host: Pick<Host, 'monotonicMs'>;
  readonly self: MemberId;
  /** 16 hexadecimal digits. */
  readonly clusterId: string;
  readonly genesis: Config;
  /** Requests that change something are refused above this many bytes. */
  readonly maxRequestBytes: number;
  /** When a request is given up: etcd's is 5 s and two election timeouts. */
  readonly requestTimeoutMs: number;
  /** What `endpoint status` shows. */
  readonly version: string;
  /** Told of every call once, for metrics; `code` is its gRPC status. */
  readonly observe: (path: string, code: number) => void;
}

/** Takes calls from a server, turns them into commands and queries of the replica, and answers them in batches. */
export class EtcdService {
  readonly options: EtcdServiceOptions;
  readonly header: HeaderWriter;
  /** True while the member stops: health checks say so. */
  stopping = false;
  private readonly server: RpcServer;
  private completed: RpcCall[] = [];
  private termReadMs = -Infinity;

  constructor(options: EtcdServiceOptions, server: RpcServer) {
    this.options = options;
    this.header = new HeaderWriter(options.clusterId, options.self);
    this.server = server;
  }

  /** Begins to answer calls. */
  start(): void {
    this.server.start((calls) => {
      for (const call of calls) this.handle(call);
    });
  }

  /** Replicates a command; its first byte says which. The answer is the store's, with a header in front. */
  submit(call: RpcCall, command: Uint8Array): void {
    if (command.length - 1 > this.options.maxRequestBytes) return this.fail(call, etcdErrors.requestTooLarge);
    return this.options.replica.submit(command, this.deadlineOf(call), (error, reply) => this.finish(call, error, reply));
  }

  /** Asks the store; likewise. */
  query(call: RpcCall, request: Uint8Array, consistency: Consistency): void {
    this.options.replica.query(request, consistency, this.deadlineOf(call), (error, reply) => this.finish(call, error, reply));
  }

  /** Asks the store for what only a part of an answer is made of. */
  ask(call: RpcCall, question: { readonly request: Uint8Array; readonly consistency: Consistency }, use: AskDone): void {
    const { request, consistency } = question;
    this.options.replica.query(request, consistency, this.deadlineOf(call), (error, reply) => {
      if (error !== undefined || reply === undefined) this.finish(call, error, reply);
      else use(reply.subarray(replyHeadBytes), replyRevision(reply));
    });
  }

  /** Answers with a message that follows its header. */
  succeed(call: RpcCall, revision: number, body: Uint8Array, bodyOffset = 0): void {
    this.refreshTerm();
    const [head, rest] = this.header.frame(revision, body, bodyOffset);
    call.response = head;
    call.responseRest = rest;
    this.complete(call);
  }

  fail(call: RpcCall, failure: RpcStatus): void {
    call.failure = failure;
    this.complete(call);
  }

  /** Queues a call whose outcome is set; those of one pass of the replica leave together. */
  complete(call: RpcCall): void {
    this.options.observe(call.path, call.failure?.code ?? Code.ok);
    if (this.completed.length === 0) queueMicrotask(this.flush);
    this.completed.push(call);
  }

  private readonly flush = (): void => {
    const calls = this.completed;
    this.completed = [];
    this.server.complete(calls);
  };

  private handle(call: RpcCall): void {
    if (call.failure !== undefined) return this.complete(call);
    const route: Route | undefined = routes.get(call.path);
    if (route === undefined) return this.fail(call, unknownMethod(call.path));
    if (call.requiresLeader && this.options.replica.status().leader === undefined) return this.fail(call, etcdErrors.noLeader);
    return route(this, call);
  }

  private finish(call: RpcCall, error: ConsensusError | undefined, reply: Uint8Array | undefined): void {
    if (error !== undefined || reply === undefined) {
      const late = this.options.host.monotonicMs() >= call.deadlineMs;
      return this.fail(call, error === undefined ? etcdErrors.timedOut : consensusFailure(error, late));
    }
    const failure = storeFailure(replyStatus(reply));
    if (failure !== undefined) return this.fail(call, failure);
    return this.succeed(call, replyRevision(reply), reply, replyHeadBytes);
  }

  private deadlineOf(call: RpcCall): number {
    return Math.min(call.deadlineMs, this.options.host.monotonicMs() + this.options.requestTimeoutMs);
  }

  private refreshTerm(): void {
    const now = this.options.host.monotonicMs();
    if (now - this.termReadMs < termAgeMs) return;
    this.termReadMs = now;
    this.header.setTerm(this.options.replica.status().role?.epoch.round ?? 0);
  }
}

/** Takes the body of a reply and its revision. */
export type AskDone = (body: Uint8Array, revision: number) => void;

function unknownMethod(path: string): RpcStatus {
  const slash = path.lastIndexOf('/');
  if (slash < 1) return rpcStatus(Code.unimplemented, `malformed method name: "${path}"`);
  const service = path.slice(1, slash);
  const known = [...routes.keys()].some((route) => route.startsWith(`/${service}/`));
  const text = known ? `unknown method ${path.slice(slash + 1)} for service ${service}` : `unknown service ${service}`;
  return rpcStatus(Code.unimplemented, text);
}
