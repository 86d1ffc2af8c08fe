import {
  raftCodec,
  zabCodec,
  type RaftMessage as CodecRaftMessage,
  type ZabMessage as CodecZabMessage,
} from '@quorate/codec-protobuf';
import { type MessageCodec } from '@quorate/interface';
import { raft, type RaftMessage } from '@quorate/raft';
import { zab, type ZabMessage } from '@quorate/zab';
import { expect, expectTypeOf, test } from 'vitest';

// codec-protobuf imports no core: that its types are a core's, and stay so, is checked here, by the compiler, both ways.
test("the codec's raft messages are the core's, both ways", () => {
  expectTypeOf<CodecRaftMessage>().toEqualTypeOf<RaftMessage>();
  const codec: MessageCodec<RaftMessage> = raftCodec;
  expect(codec.protocol).toBe(raft().protocol);
});

test("the codec's ZAB messages are the core's, both ways", () => {
  expectTypeOf<CodecZabMessage>().toEqualTypeOf<ZabMessage>();
  const codec: MessageCodec<ZabMessage> = zabCodec;
  expect(codec.protocol).toBe(zab().protocol);
});
