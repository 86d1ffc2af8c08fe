/**
 * The messages of the lock service: commands, queries and answers as unions that are told apart by `kind`, and the records of
 * its snapshots.
 *
 * @packageDocumentation
 */

// For users: the types, one codec per union.
export { LockMode } from '../generated/lock.ts';
export type {
  Acquire,
  Cancel,
  Checked,
  CheckToken,
  CloseSession,
  DelayInfo,
  Done,
  EndDelay,
  ExpireSession,
  ForceRelease,
  GetLeader,
  GetLock,
  GetSession,
  GetTotals,
  GetWaitGraph,
  Granted,
  HolderInfo,
  KeepAlive,
  KeptAlive,
  LeaderInfo,
  ListLocks,
  LockCommand,
  LockInfo,
  LockList,
  LockQuery,
  LockReply,
  OpenSession,
  Proclaim,
  Queued,
  Refused,
  Release,
  Released,
  SessionInfo,
  SessionOpened,
  Totals,
  WaitCircle,
  WaitEdge,
  WaiterInfo,
  WaitGraph,
} from '../generated/lock.ts';
export { lockCommandCodec, lockQueryCodec, lockRecordCodec, lockReplyCodec } from './lock-codecs.ts';
export type { UnionCodec } from './lock-codecs.ts';

// For implementers of the state machine: what a snapshot consists of.
export type {
  EndRecord,
  FinishedRecord,
  FinishedRequest,
  HeadRecord,
  HoldRecord,
  LockRecord,
  NameRecord,
  SessionRecord,
  ShareRecord,
  WaitRecord,
} from '../generated/lock.ts';
