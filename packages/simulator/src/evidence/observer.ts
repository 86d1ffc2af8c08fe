import type { CoreStatus, Effects, Index, JournalBatch, MemberId, Recovered, Stamp, WriteNumber } from '@quorate/interface';
import type { ReplicaEvent } from '@quorate/replica';
import type { Action } from '../faults/action.ts';
import type { MemberRecord } from './ledger.ts';

/**
 * Sees everything that crosses a contract of any member, in the order it happens; the ledger was told before. Must not throw (a member
 * would take it for its own failure): what is wrong goes to `Ledger.violate`.
 */
export interface Observer {
  /** A journal was opened; the record still says what it should have found. */
  recovered?(member: MemberRecord, recovered: Recovered): void;
  appended?(member: MemberRecord, batch: JournalBatch, write: WriteNumber): void;
  /** The member's own disk reported everything up to `write` durable. */
  durable?(member: MemberRecord, write: WriteNumber): void;
  /** After each drain. */
  drained?(member: MemberRecord, effects: Effects<unknown>, status: () => CoreStatus): void;
  /** The member's commit cursor moved over `from` … `to`. */
  committed?(member: MemberRecord, from: Index, to: Index): void;
  applied?(member: MemberRecord, command: Uint8Array, stamp: Stamp): void;
  /** The state machine was replaced by a snapshot's. */
  restored?(member: MemberRecord): void;
  event?(member: MemberRecord, event: ReplicaEvent): void;
  /** A fault of the plan took effect. */
  struck?(action: Action, target: MemberId): void;
  /** The process is gone: `end` says why. */
  ended?(member: MemberRecord, end: ProcessEnd): void;
}

/** How a process ended. `exit`: by itself, with the code of its failure. */
export interface ProcessEnd {
  readonly how: 'killed' | 'power-lost' | 'exit' | 'stopped';
  readonly code?: string;
  readonly text?: string;
  readonly exit?: number;
}
