import type { RpcStatus } from './rpc-status.ts';

/**
 * Speaks gRPC to clients and knows nothing of the methods. Calls are handed over by whole turns of the event loop and answered in
 * batches, so that a server that parses and writes whole reads has the same owner as one that calls back per stream.
 */
export interface RpcServer {
  /** Begins to hand over calls; each must be answered by `complete` once, also when it was canceled meanwhile. */
  start(handler: (calls: readonly RpcCall[]) => void): void;
  /** Sends the outcomes of calls. */
  complete(calls: readonly RpcCall[]): void;
  /** Takes no more calls, lets those that run end, and resolves when all connections are closed; `destroy` closes them at once. */
  close(): Promise<void>;
  destroy(): void;
}

/** One unary call. The server fills in the first part, the handler the outcome. */
export interface RpcCall {
  /** Such as `/etcdserverpb.KV/Put`. */
  readonly path: string;
  /** One free byte for the handler, then the client's message. The handler owns it. */
  readonly request: Uint8Array;
  /** The client's own deadline in monotonic milliseconds; Infinity: none. */
  readonly deadlineMs: number;
  /** The client wants an error at once where no leader is known (metadata `hasleader`). */
  readonly requiresLeader: boolean;
  /** The client went away; an answer would reach nobody. */
  readonly canceled: boolean;
  /** Undefined: success. Already set where the request could not be read: such a call has none, and is only to be completed. */
  failure: RpcStatus | undefined;
  /** A whole gRPC frame, or its beginning. */
  response: Uint8Array | undefined;
  /** The rest of the frame, where copying it behind the head was not worth it. */
  responseRest: Uint8Array | undefined;
}

/** Bounds of a gRPC server. */
export interface RpcLimits {
  /** Messages above this many bytes are refused with ResourceExhausted. */
  readonly maxMessageBytes: number;
  /** Calls of one connection at a time; above it the client waits by itself. */
  readonly maxConcurrentCalls: number;
  /** Bytes of requests that are not complete, over all connections; above it their calls fail with ResourceExhausted. */
  readonly maxIncompleteBytes: number;
}
