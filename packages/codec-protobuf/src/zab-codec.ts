import type { MessageCodec } from '@quorate/interface';
import { readZabMessage, writeZabMessage, type ZabMessage } from './generated/zab.ts';
import { decodeWith } from './message-type.ts';
import { encodeWith } from './protobuf-writer.ts';

/** The heads of ZAB's messages, as in packages/zab/proto/zab.proto; structurally equal to the core's own types. */
export const zabCodec: MessageCodec<ZabMessage> = {
  protocol: 'zab',
  version: 1,
  encode: (message) => encodeWith(writeZabMessage, message),
  decode: (head) => decodeWith(readZabMessage, head),
};
