import type { Consistency } from '@quorate/interface';

/** As much of an `AbortSignal` as is needed; every `AbortSignal` is one. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** How long to wait, and a way to stop waiting. A command that was handed over goes on when its caller stops waiting. */
export interface CallOptions {
  readonly signal?: CancelSignal;
  /** Default: `limits.requestTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** Options of a read. */
export interface ReadOptions extends CallOptions {
  /** Default `linearizable`. */
  readonly consistency?: Consistency;
}

/** The promise form of a replica: this file is the only one that knows promises. */
export interface ReplicaFacade {
  /** `submit` as a promise; rejects with a `ConsensusError`. */
  execute(command: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** `query` as a promise; rejects with a `ConsensusError`. */
  read(request: Uint8Array, options?: ReadOptions): Promise<Uint8Array>;
}
