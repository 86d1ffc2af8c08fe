import type { MessageCodec } from '@quorate/interface';
import { readRaftMessage, writeRaftMessage, type RaftMessage } from './generated/raft.ts';
import { decodeWith } from './message-type.ts';
import { encodeWith } from './protobuf-writer.ts';

/** The heads of Raft's messages, as in packages/raft/proto/raft.proto; structurally equal to the core's own types. */
export const raftCodec: MessageCodec<RaftMessage> = {
  protocol: 'raft',
  version: 1,
  encode: (message) => encodeWith(writeRaftMessage, message),
  decode: (head) => decodeWith(readRaftMessage, head),
};
