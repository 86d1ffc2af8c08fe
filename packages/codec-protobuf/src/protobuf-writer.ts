import protobuf from 'protobufjs/minimal.js';

/** protobufjs' writer. Create one with {@link createWriter}; `finish()` copies into a buffer of the caller's own. */
export type ProtobufWriter = protobuf.Writer;

const slabBytes = 16_384;
const enoughBytes = 512;
const slabFiller = new Uint8Array(slabBytes);

let slab: ProtobufWriter = newSlab();

/** A new, empty writer. */
export function createWriter(): ProtobufWriter {
  return protobuf.Writer.create();
}

/** What `write` appends, in bytes that are the caller's: no later call touches them. `write` must not call this function again. */
export function encodeWith<T>(write: (message: T, writer: ProtobufWriter) => void, message: T): Uint8Array {
  // Messages are written one behind the other into a slab and handed out as views of it: half the price of a buffer each.
  if (slab.buf.length - slab.pos < enoughBytes) slab = newSlab();
  const writer = slab;
  const start = writer.pos;
  let done = false;
  try {
    write(message, writer);
    done = true;
    // A plain Uint8Array, never a Buffer: `slice` of that would not copy.
    return new Uint8Array(writer.buf.buffer, writer.buf.byteOffset + start, writer.pos - start);
  } finally {
    // After a throw it still holds open forks; after a long message it is not a slab any more.
    if (!done || writer.buf.length > slabBytes) slab = newSlab();
  }
}

function newSlab(): ProtobufWriter {
  // protobufjs has no other way to say how large a writer begins.
  return createWriter().raw(slabFiller).reset();
}

/** Appends a safe integer of 0 or more as a uint64. */
export function writeUint64(writer: ProtobufWriter, value: number): void {
  if (value < 0) writer.int64(value);
  else if (value <= 0xffffffff) writer.uint32(value);
  else {
    // protobufjs would make an object of two halves. Four bytes of seven bits each, then the rest, are the same varint.
    const low = value % 268_435_456;
    const bytes = (low & 0x7f) | ((low & 0x3f80) << 1) | ((low & 0x1fc000) << 2) | ((low & 0xfe00000) << 3);
    writer.fixed32(bytes | 0x80808080).uint32(value / 268_435_456);
  }
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
