import type { ConsensusError, Consistency, Failure, MemberId, Stamp } from '@quorate/interface';
import { MemberRuntime } from './member-runtime.ts';
import type { ReplicaFacade } from './replica-facade.ts';
import { resolveReplicaOptions } from './replica-options.ts';
import type { ReplicaOptions } from './replica-options.ts';
import type { ReplicaQueues, ReplicaStatus } from './replica-status.ts';

/** The answer to a command or a read: exactly one of both. Called inside a turn, in log order; must not throw. */
export type Done = (error: ConsensusError | undefined, result: Uint8Array | undefined) => void;

/** Called with the events of one command, in log order, before its own reply leaves. */
export type EventListener = (events: readonly object[], stamp: Stamp) => void;

/** How to stop. `deadlineMs`: monotonic time at which what is not finished is given up. */
export interface StopOptions {
  /** True: a leader hands its leadership to another voter first. */
  readonly handOver: boolean;
  readonly deadlineMs: number;
}

/** One member at work. */
export interface Replica extends ReplicaFacade {
  /** Opens the storage, restores the state, applies what was committed, and joins the others. Once. */
  start(done: (failure?: Failure) => void): void;
  /**
   * Replicates a command; the bytes are copied before the call returns. `deadlineMs` is monotonic (`host.monotonicMs() + x`); while
   * no leader is known the command waits until then. Outcome `unknown` means that it may have taken effect or still may.
   */
  submit(command: Uint8Array, deadlineMs: number, done: Done): void;
  /** Reads the state machine. `request` belongs to the replica until `done`. A failed read has no effect: always `not-applied`. */
  query(request: Uint8Array, consistency: Consistency, deadlineMs: number, done: Done): void;
  /** The ordered outlet: every command's events, in log order, on this member. Returns the unsubscribe. */
  subscribe(listener: EventListener): () => void;
  status(): ReplicaStatus;
  /** The part of the status that is cheap enough to be asked in every turn. */
  queues(): ReplicaQueues;
  /** Asks the core to hand leadership to another voter; nothing happens where this member does not lead. */
  transfer(to: MemberId): void;
  /** Refuses new work (`E_STOPPED`), hands over, finishes what is committed, closes links and storage. */
  stop(options: StopOptions, done: (failure?: Failure) => void): void;
}

/** Builds a member; nothing happens before `start`. Throws a `RangeError` that lists everything wrong with the options. */
export function createReplica<M>(options: ReplicaOptions<M>): Replica {
  return new MemberRuntime(resolveReplicaOptions(options));
}
