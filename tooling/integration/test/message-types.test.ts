import { raftCodec, type RaftMessage as CodecRaftMessage } from '@quorate/codec-protobuf';
import { type MessageCodec } from '@quorate/interface';
import { raft, type RaftMessage } from '@quorate/raft';
import { expect, expectTypeOf, test } from 'vitest';

// codec-protobuf imports no core: that its types are a core's, and stay so, is checked here, by the compiler, both ways.
test("the codec's raft messages are the core's, both ways", () => {
  expectTypeOf<CodecRaftMessage>().toEqualTypeOf<RaftMessage>();
  const codec: MessageCodec<RaftMessage> = raftCodec;
  expect(codec.protocol).toBe(raft().protocol);
});
