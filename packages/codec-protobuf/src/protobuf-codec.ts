import type { MessageCodec } from '@quorate/interface';
import { multiPaxosCodec } from './multi-paxos-codec.ts';
import { raftCodec } from './raft-codec.ts';
import { runtimeCodec } from './runtime-codec.ts';
import { zabCodec } from './zab-codec.ts';

const codecs: ReadonlyMap<string, MessageCodec<never>> = new Map(
  [raftCodec, multiPaxosCodec, zabCodec, runtimeCodec].map((codec) => [codec.protocol, codec as unknown as MessageCodec<never>]),
);

/**
 * The codec of a message set by the name of its protocol, such as `raft`; undefined where this package has none, and a third
 * party's protocol brings its own. The type says `never`: only a core of the same protocol may be given this codec.
 */
export function protobufCodec(protocol: string): MessageCodec<never> | undefined {
  return codecs.get(protocol);
}
