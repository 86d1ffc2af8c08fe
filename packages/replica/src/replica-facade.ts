import { ConsensusError } from '@quorate/interface';
import type { Consistency } from '@quorate/interface';
import type { Done } from './replica.ts';

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
  /** `submit` as a promise; rejects with a `ConsensusError`, `E_ABORTED` where the signal came first. */
  execute(command: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** `query` as a promise; rejects with a `ConsensusError`. */
  read(request: Uint8Array, options?: ReadOptions): Promise<Uint8Array>;
}

/** What a call that was begun may still do when its caller stops waiting. */
type Begin = (done: Done) => void;

/** Runs a callback form as a promise. `effects`: an abandoned call may still take effect. */
export function promised(begin: Begin, effects: boolean, signal: CancelSignal | undefined): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new ConsensusError('E_ABORTED', 'the signal was aborted before the call.', 'not-applied'));
      return;
    }
    const aborted = (): void => {
      reject(new ConsensusError('E_ABORTED', 'the caller stopped waiting.', effects ? 'unknown' : 'not-applied'));
    };
    signal?.addEventListener('abort', aborted);
    begin((error, result) => {
      signal?.removeEventListener('abort', aborted);
      if (error !== undefined) reject(error);
      else resolve(result ?? new Uint8Array(0));
    });
  });
}
