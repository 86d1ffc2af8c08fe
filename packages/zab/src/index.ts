/**
 * The ZAB consensus core (Zab 1.0, as in ZooKeeper): a pure, deterministic state machine for `@quorate/interface`.
 *
 * @packageDocumentation
 */

// For users.
export { defaultZabOptions } from './options.ts';
export type { ZabOptions } from './options.ts';
export { zab } from './zab.ts';

// For implementers of codecs and tools.
export { describeMessage, serverStates } from './messages.ts';
export type {
  Ack,
  AckEpoch,
  AckLeader,
  Commit,
  Designate,
  Diff,
  FollowerInfo,
  Inform,
  NewEpoch,
  NewLeader,
  Notification,
  Ping,
  Pong,
  Propose,
  ServerState,
  Snap,
  Stored,
  Sync,
  SyncResponse,
  Truncate,
  UpToDate,
  ZabMessage,
} from './messages.ts';
