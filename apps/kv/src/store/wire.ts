// The few protobuf primitives that the hot answers are written with, straight into one buffer of exactly the right size.
// All numbers are safe integers of 0 or more; a tag is `field << 3 | wireType`.

/** Bytes that `value` takes as a varint. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Writes `value` as a varint at `offset` and returns where it ends. */
export function putVarint(target: Uint8Array, offset: number, value: number): number {
  let end = offset;
  let rest = value;
  // Above 2^31 shifts would lose bits.
  for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) target[end++] = (rest % 128) | 128;
  for (; rest > 127; rest >>>= 7) target[end++] = (rest & 127) | 128;
  target[end++] = rest;
  return end;
}

/** Bytes of a number's field with a one-byte tag: none for 0, which proto3 leaves out. */
export function numberFieldBytes(value: number): number {
  return value === 0 ? 0 : 1 + varintBytes(value);
}

/** Writes a number's field, unless it is 0. */
export function putNumberField(target: Uint8Array, offset: number, tag: number, value: number): number {
  if (value === 0) return offset;
  target[offset] = tag;
  return putVarint(target, offset + 1, value);
}

/** Bytes of a field of `length` bytes with its one-byte tag and its length. */
export function bytesFieldBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

/** Writes tag and length of a field whose `length` bytes follow. */
export function putFieldHead(target: Uint8Array, offset: number, tag: number, length: number): number {
  target[offset] = tag;
  return putVarint(target, offset + 1, length);
}

/** Writes a field of bytes. */
export function putBytesField(target: Uint8Array, offset: number, tag: number, bytes: Uint8Array): number {
  const start = putFieldHead(target, offset, tag, bytes.length);
  copyBytes(target, start, bytes);
  return start + bytes.length;
}

/** Copies all of `bytes`: a loop for short ones, because `set` costs about 40 ns before its first byte. */
export function copyBytes(target: Uint8Array, offset: number, bytes: Uint8Array): void {
  if (bytes.length > 32) target.set(bytes, offset);
  else for (let i = 0; i < bytes.length; i++) target[offset + i] = bytes[i] as number;
}
