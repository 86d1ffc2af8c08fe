import protobuf from 'protobufjs/minimal.js';

/** protobufjs' writer. Create one with {@link createWriter}; `finish()` copies into a buffer of the caller's own. */
export type ProtobufWriter = protobuf.Writer;

const maxKept = 65_536;

let shared: ProtobufWriter = createWriter();

/** A new, empty writer. */
export function createWriter(): ProtobufWriter {
  return protobuf.Writer.create();
}

/** What `write` appended to an empty writer, in a buffer of the caller's own. `write` must not call this function again. */
export function encodeWith<T>(write: (message: T, writer: ProtobufWriter) => void, message: T): Uint8Array {
  // One writer for all: encoding runs to completion, and a grown buffer saves growing the next one.
  const writer = shared;
  let clean = false;
  try {
    writer.reset();
    write(message, writer);
    const bytes = writer.finish();
    clean = writer.buf.length <= maxKept;
    return bytes;
  } finally {
    // After a throw it still holds open forks; after a huge message, a huge buffer.
    if (!clean) shared = createWriter();
  }
}

/** Appends a safe integer of 0 or more as a uint64. */
export function writeUint64(writer: ProtobufWriter, value: number): void {
  if (value <= 0xffffffff && value >= 0) writer.uint32(value);
  else writer.uint64(value);
}

/** Appends a safe integer as an int64. */
export function writeInt64(writer: ProtobufWriter, value: number): void {
  writeUint64(writer, value);
}

/** Appends a bigint as a uint64, modulo 2^64. */
export function writeUint64Big(writer: ProtobufWriter, value: bigint): void {
  writer.uint64(halvesOf(value) as never);
}

/** Appends a bigint as an int64, modulo 2^64. */
export function writeInt64Big(writer: ProtobufWriter, value: bigint): void {
  writer.int64(halvesOf(value) as never);
}

/** Appends safe integers as a packed field's content. */
export function writeUint64s(writer: ProtobufWriter, values: readonly number[]): void {
  writer.fork();
  for (const value of values) writeUint64(writer, value);
  writer.ldelim();
}

// protobufjs takes any object with these two for a 64-bit number, so that Long is not needed.
function halvesOf(value: bigint): { readonly low: number; readonly high: number } {
  return { low: Number(BigInt.asUintN(32, value)), high: Number(BigInt.asUintN(32, value >> 32n)) };
}
