/**
 * The Raft consensus core: a pure, deterministic state machine for `@quorate/interface`.
 *
 * @packageDocumentation
 */

// For implementers of codecs.
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
