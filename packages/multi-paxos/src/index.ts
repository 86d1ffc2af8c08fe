/**
 * The Multi-Paxos consensus core: a pure, deterministic state machine for `@quorate/interface`.
 *
 * @packageDocumentation
 */

// For users.
export { multiPaxos } from './multi-paxos.ts';
export { defaultMultiPaxosOptions } from './options.ts';
export type { MultiPaxosOptions } from './options.ts';

// For implementers of codecs and tools.
export type { Ballot } from './ballot.ts';
export { describeMessage } from './messages.ts';
export type {
  Accept,
  Accepted,
  Chosen,
  ChosenRun,
  HaveSnapshot,
  Heartbeat,
  HeartbeatResponse,
  Learned,
  LearnReply,
  LearnRequest,
  MultiPaxosMessage,
  Nack,
  Prepare,
  Promised,
  ReadQuery,
  ReadQueryReply,
  ReadReply,
  ReadRequest,
  TakeOver,
} from './messages.ts';
