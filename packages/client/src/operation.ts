import type { ConsensusError, ConsensusErrorCode, Consistency, MemberId, Outcome } from '@quorate/interface';

/** Told exactly once: either an error or a result. */
export type Done = (error: ConsensusError | undefined, result: Uint8Array | undefined) => void;

/** One command or read on its way. */
export interface Operation {
  readonly body: Uint8Array;
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
  /** Undefined: a command. */
  readonly consistency: Consistency | undefined;
  /** Undefined once the caller was told. */
  done: Done | undefined;
  /** Sent on the present link, and not answered yet. At most one sending of an operation is outstanding. */
  outstanding: boolean;
  /** An earlier sending may have taken effect, or still may. Of a read: it was asked before. */
  maybe: boolean;
  /** Whose answer ended it: `applied` and `refused` free the caller, not always the sequence number. */
  state: 'open' | 'applied' | 'refused';
}

/** A fresh operation: nothing was sent. */
export function createOperation(
  body: Uint8Array,
  consistency: Consistency | undefined,
  caller: { readonly deadlineMs: number; readonly done: Done },
): Operation {
  return {
    body,
    deadlineMs: caller.deadlineMs,
    consistency,
    done: caller.done,
    outstanding: false,
    maybe: false,
    state: 'open',
  };
}

/** True where no sending of it can ever take effect: it may be given another number, or be dropped. */
export function isUnsent(operation: Operation): boolean {
  return operation.state === 'open' && !operation.outstanding && !operation.maybe;
}

/** What the caller must believe when the operation is given up now. A read changes nothing, so it is never in doubt. */
export function outcomeNow(operation: Operation): Outcome {
  return operation.consistency === undefined && (operation.outstanding || operation.maybe) ? 'unknown' : 'not-applied';
}

/** Why an operation failed. */
export interface Reason {
  readonly code: ConsensusErrorCode;
  readonly text: string;
  readonly leader: MemberId | undefined;
}
