import { defaultDecodeLimits, ProtobufReader, type DecodeLimits } from './protobuf-reader.ts';
import { encodeWith, type ProtobufWriter } from './protobuf-writer.ts';

/** Encodes and decodes one kind of message. */
export interface MessageType<T> {
  /** The bytes are the caller's. */
  encode(message: T): Uint8Array;
  /** Undefined where the bytes are malformed or beyond `limits`; never throws. Byte fields are views of `bytes`. */
  decode(bytes: Uint8Array, limits?: DecodeLimits): T | undefined;
  /** A message with these fields, and the defaults of proto3 for all others. */
  create(fields?: Partial<T>): T;
  /** Appends the fields of the message, without a length. */
  write(message: T, writer: ProtobufWriter): void;
  /** Reads a message that ends at `end`; throws where it is malformed. */
  read(reader: ProtobufReader, end: number): T;
}

/** Binds a generated writer and reader together. */
export function messageType<T>(
  write: (message: T, writer: ProtobufWriter) => void,
  read: (reader: ProtobufReader, end: number) => T,
): MessageType<T> {
  let defaults: T | undefined;
  return {
    write,
    read,
    encode: (message) => encodeWith(write, message),
    decode: (bytes, limits = defaultDecodeLimits) => decodeWith(read, bytes, limits),
    create: (fields = {}) => ({ ...(defaults ??= read(new ProtobufReader(nothing), 0)), ...fields }),
  };
}

/** What `read` makes of all the bytes; undefined where it throws, because remote input is never a reason to. */
export function decodeWith<T>(
  read: (reader: ProtobufReader, end: number) => T | undefined,
  bytes: Uint8Array,
  limits: DecodeLimits = defaultDecodeLimits,
): T | undefined {
  try {
    return read(new ProtobufReader(bytes, limits), bytes.length);
  } catch {
    return undefined; // Only the reader throws here, and only about the input.
  }
}

const nothing = new Uint8Array(0);
