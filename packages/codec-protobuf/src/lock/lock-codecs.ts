import {
  readLockCommand,
  readLockQuery,
  readLockRecord,
  readLockReply,
  writeLockCommand,
  writeLockQuery,
  writeLockRecord,
  writeLockReply,
  type LockCommand,
  type LockQuery,
  type LockRecord,
  type LockReply,
} from '../generated/lock.ts';
import { decodeWith } from '../message-type.ts';
import { defaultDecodeLimits } from '../protobuf-reader.ts';
import { encodeWith } from '../protobuf-writer.ts';

/** Encodes and decodes the messages of a union. */
export interface UnionCodec<T> {
  /** The bytes are the caller's. */
  encode(message: T): Uint8Array;
  /** Undefined where the bytes are malformed or of an unknown kind; never throws. Byte fields are views of `bytes`. */
  decode(bytes: Uint8Array): T | undefined;
}

/** The commands of the lock service. */
export const lockCommandCodec: UnionCodec<LockCommand> = {
  encode: (message) => encodeWith(writeLockCommand, message),
  decode: (bytes) => decodeWith(readLockCommand, bytes),
};

/** The queries of the lock service. */
export const lockQueryCodec: UnionCodec<LockQuery> = {
  encode: (message) => encodeWith(writeLockQuery, message),
  decode: (bytes) => decodeWith(readLockQuery, bytes),
};

/** Answers and snapshots are our own: a session may have very many locks, and a lock very many holders and waiters. */
const recordLimits = { ...defaultDecodeLimits, items: 1_048_576 };

/** The answers of the lock service, to commands and queries. */
export const lockReplyCodec: UnionCodec<LockReply> = {
  encode: (message) => encodeWith(writeLockReply, message),
  decode: (bytes) => decodeWith(readLockReply, bytes, recordLimits),
};

/** The records of the lock service's snapshots. */
export const lockRecordCodec: UnionCodec<LockRecord> = {
  encode: (message) => encodeWith(writeLockRecord, message),
  decode: (bytes) => decodeWith(readLockRecord, bytes, recordLimits),
};
