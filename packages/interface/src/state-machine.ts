import type { Index } from './vocabulary.ts';

/** What a state machine may know of time and place. The same on every member. */
export interface Stamp {
  /** Cluster time in milliseconds: never falls along the log, stands still while nobody proposes. */
  readonly clusterMs: number;
  /** The proposer's wall clock, for display only. */
  readonly wallMs: number;
  /** Number of command entries delivered, this one included. */
  readonly ordinal: number;
  readonly index: Index;
}

/**
 * A deterministic machine under a replicated log: equal commands give equal states. It sees no clock, no chance and no I/O.
 * Replies and events come out of the same pass, in log order.
 */
export interface StateMachine {
  readonly name: string;
  /** The version of commands and snapshots; an unknown one stops the member. */
  readonly version: number;
  /** On the leader only, before propose; pure. Turns a request into what is replicated (ZAB's hook). */
  prepare?(command: Uint8Array, stamp: Pick<Stamp, 'clusterMs' | 'wallMs'>): Uint8Array;
  /** `command` is a view of shared bytes: copy what is kept for long. */
  apply(command: Uint8Array, stamp: Stamp, out: ApplySink): void;
  /** Answers a read at the applied index. The result is the caller's. */
  query(request: Uint8Array): Uint8Array;
  /** Called when this member gains or loses the right to decide by its clock; undefined: stop deciding at once. */
  duties?(tenure: Tenure | undefined): void;
  /** A consistent moment, read while writes go on. */
  snapshot(): SnapshotReader;
  /** Replaces the whole state once `finish` returns; throws where the bytes are malformed. */
  restore(): SnapshotSink;
}

/** Pulls the bytes of a snapshot, in slices of about 2 ms. */
export interface SnapshotReader {
  /** The next bytes, at most `maxBytes`, valid until the next call: a reader may use the same memory again. Undefined: that was all. */
  next(maxBytes: number): Uint8Array | undefined;
  close(): void;
}

/** Takes the bytes of a snapshot. */
export interface SnapshotSink {
  write(chunk: Uint8Array): void;
  finish(): void;
}

/** Where one command's reply and events go, in order. */
export interface ApplySink {
  /** False where nobody waits and no session stores it: a reply need not be encoded. */
  readonly awaited: boolean;
  /** At most once per command. The bytes belong to the sink. */
  reply(result: Uint8Array): void;
  /** For the member's subscribers, in log order. */
  emit(event: object): void;
}

/**
 * A leader's right to decide by its clock, from the moment when its beginning was applied here until `duties(undefined)`. After that
 * `propose` and `at` do nothing, and no timer fires.
 */
export interface Tenure {
  /** The ordinal of the command with which it began: rises from tenure to tenure. */
  readonly number: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /**
   * Proposes a command that takes effect only while no newer tenure began before it in the log; otherwise all members alike pass it
   * over, and it never reaches `apply`. May be lost without a word: propose again what was not applied after a while.
   */
  propose(command: Uint8Array): void;
  /** Calls `run` once `now()` has reached `deadlineMs`, never within this call. */
  at(deadlineMs: number, run: () => void): { cancel(): void };
}
