import type { ConsensusErrorCode } from './errors.ts';
import type { MemberId } from './vocabulary.ts';

/**
 * What replicas say to each other and to native clients, beside the cores' messages. Commands, requests, results and snapshot
 * bytes travel raw behind the head, one after the other; `lengths` cuts them apart.
 */
export type RuntimeMessage =
  | Hello
  | Forward
  | ForwardRefused
  | SnapshotRead
  | SnapshotChunk
  | SessionOpen
  | SessionOpened
  | ClientCommands
  | ClientQueries
  | ClientResults;

/** The first frame of a link, in both directions. Clients leave `diskId` and `protocol` empty, and `member` 0. */
export interface Hello {
  readonly kind: 'hello';
  readonly role: 'member' | 'client';
  readonly clusterId: string;
  readonly member: MemberId;
  readonly diskId: string;
  readonly incarnation: number;
  readonly protocol: string;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** Commands in envelopes for the leader to propose. `token` names the batch in a refusal. Raw: the payloads. */
export interface Forward {
  readonly kind: 'forward';
  readonly token: number;
  readonly lengths: readonly number[];
}

/** The batch was never appended. */
export interface ForwardRefused {
  readonly kind: 'forward-refused';
  readonly token: number;
  readonly code: ConsensusErrorCode;
  readonly leader: MemberId | undefined;
}

/** Asks for bytes of a snapshot. */
export interface SnapshotRead {
  readonly kind: 'snapshot-read';
  readonly id: string;
  readonly offset: number;
  readonly maxBytes: number;
}

/** Raw: the bytes. `total` is 0 where this member no longer has the snapshot. `checksum` is the CRC-32 of these bytes. */
export interface SnapshotChunk {
  readonly kind: 'snapshot-chunk';
  readonly id: string;
  readonly offset: number;
  readonly total: number;
  readonly checksum: number;
}

/** A native client asks for a replicated session. `request` is the client's own number. */
export interface SessionOpen {
  readonly kind: 'session-open';
  readonly request: number;
}

/** `session` 0: it failed with `code`. */
export interface SessionOpened {
  readonly kind: 'session-opened';
  readonly request: number;
  readonly session: number;
  readonly code: ConsensusErrorCode | undefined;
}

/**
 * Commands numbered `first`, `first + 1`, …. With a session these are its sequence numbers and a repeated one is answered
 * from its table; with `session` 0 they are only names. Raw: the commands. `deadlineMs`: time left, relative.
 */
export interface ClientCommands {
  readonly kind: 'client-commands';
  readonly session: number;
  readonly first: number;
  readonly lowestUnanswered: number;
  readonly deadlineMs: number;
  readonly lengths: readonly number[];
}

/** Reads numbered `first`, `first + 1`, …. Raw: the requests. */
export interface ClientQueries {
  readonly kind: 'client-queries';
  readonly consistency: Consistency;
  readonly first: number;
  readonly deadlineMs: number;
  readonly lengths: readonly number[];
}

/** Answers of one turn, in any order. Raw: the results; an error's is empty. */
export interface ClientResults {
  readonly kind: 'client-results';
  readonly session: number;
  readonly numbers: readonly number[];
  /** 0: success; else the place in `consensusErrorCodes` plus 1, plus 128 where the outcome is unknown. */
  readonly codes: readonly number[];
  readonly lengths: readonly number[];
  readonly leader: MemberId | undefined;
  /** Which message was answered. */
  readonly of: 'commands' | 'queries';
}

/** `linearizable`: nothing completed before the read began is missed. `local`: whatever this member has applied. */
export type Consistency = 'linearizable' | 'local';
