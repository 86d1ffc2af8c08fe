import type { MessageCodec } from '@quorate/interface';
import { readMultiPaxosMessage, writeMultiPaxosMessage, type MultiPaxosMessage } from './generated/multi-paxos.ts';
import { decodeWith } from './message-type.ts';
import { encodeWith } from './protobuf-writer.ts';

/** The heads of Multi-Paxos' messages, as in packages/multi-paxos/proto/multi-paxos.proto; structurally equal to the core's own types. */
export const multiPaxosCodec: MessageCodec<MultiPaxosMessage> = {
  protocol: 'multi-paxos',
  version: 1,
  encode: (message) => encodeWith(writeMultiPaxosMessage, message),
  decode: (head) => decodeWith(readMultiPaxosMessage, head),
};
