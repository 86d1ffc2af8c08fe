import type { MemberId } from './vocabulary.ts';

/** The printed names of errors that a caller can meet at a public edge. Places are wire numbers: append only. */
export const consensusErrorCodes = [
  'E_NOT_LEADER',
  'E_NOT_READY',
  'E_NO_LEADER',
  'E_OVERLOADED',
  'E_TRANSFERRING',
  'E_TIMEOUT',
  'E_LINK_LOST',
  'E_COMPACTED',
  'E_SESSION_EXPIRED',
  'E_OUT_OF_SEQUENCE',
  'E_TOO_LARGE',
  'E_STOPPED',
  'E_ABORTED',
  'E_UNAVAILABLE',
  'E_USAGE',
  'E_CLUSTER_ID',
  'E_NOT_MEMBER',
  'E_REMOVED',
  'E_DUP_NODE',
  'E_MEMBER_WIPED',
  'E_PROTOCOL',
  'E_VERSION',
] as const;

/** One of {@link consensusErrorCodes}. */
export type ConsensusErrorCode = (typeof consensusErrorCodes)[number];

/**
 * What a failed operation may have done. `not-applied`: it was refused before it entered any log and never takes effect.
 * `unknown`: it may have taken effect, or still may, later.
 */
export type Outcome = 'not-applied' | 'unknown';

/** The one error class of public edges. Test `code`, never `instanceof`: two copies of this package may share a process. */
export class ConsensusError extends Error {
  override readonly name = 'ConsensusError';
  readonly code: ConsensusErrorCode;
  readonly outcome: Outcome;
  /** The member that led when this was decided, if one was known. */
  readonly leaderHint: MemberId | undefined;

  constructor(code: ConsensusErrorCode, text: string, outcome: Outcome, leaderHint?: MemberId) {
    super(`${code}: ${text}`);
    this.code = code;
    this.outcome = outcome;
    this.leaderHint = leaderHint;
  }
}

/** Process exit codes: 64 usage, 65 data, 70 internal or diverged, 74 I/O, 78 configuration. */
export type ExitCode = 64 | 65 | 70 | 74 | 78;

/** Why a member cannot go on. Travels by callback inside a member; `text` has the form "what is wrong (field, got, allowed). What to do." */
export interface Failure {
  /** Marks a failure among the other results of a callback. */
  readonly failure: true;
  /** The printed name, such as `E_DATA_LOCKED`. */
  readonly code: string;
  readonly text: string;
  readonly exit: ExitCode;
}

/** Builds a {@link Failure}. */
export function failure(code: string, text: string, exit: ExitCode): Failure {
  return { failure: true, code, text, exit };
}

/** True for a {@link Failure} among the other results of a callback. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && (value as { failure?: unknown }).failure === true;
}
