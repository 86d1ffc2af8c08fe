/**
 * The Raft consensus core: a pure, deterministic state machine for `@quorate/interface`.
 *
 * @packageDocumentation
 */

// For users.
export { defaultRaftOptions } from './options.ts';
export type { RaftOptions } from './options.ts';
export { raft } from './raft.ts';

// For implementers of codecs and tools.
export { describeMessage } from './messages.ts';
export type {
  AppendEntries,
  AppendEntriesResponse,
  Heartbeat,
  HeartbeatResponse,
  InstallSnapshot,
  InstallSnapshotResponse,
  PreVote,
  PreVoteResponse,
  RaftMessage,
  ReadIndex,
  ReadIndexResponse,
  RequestVote,
  RequestVoteResponse,
  TimeoutNow,
} from './messages.ts';
