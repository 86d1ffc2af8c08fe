/**
 * Protobuf heads of frames and messages: static code, made from the .proto files at build time. The public API's messages are
 * under `@quorate/codec-protobuf/etcd`.
 *
 * @packageDocumentation
 */

// For users.
export { protobufCodec } from './protobuf-codec.ts';

// For implementers of runtimes and cores.
export type { MultiPaxosMessage } from './generated/multi-paxos.ts';
export type { RaftMessage } from './generated/raft.ts';
export { multiPaxosCodec } from './multi-paxos-codec.ts';
export { raftCodec } from './raft-codec.ts';
export { runtimeCodec } from './runtime-codec.ts';
export type { ZabMessage } from './generated/zab.ts';
export { zabCodec } from './zab-codec.ts';
