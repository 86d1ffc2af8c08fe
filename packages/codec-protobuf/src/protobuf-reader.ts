import protobuf from 'protobufjs/minimal.js';

/** What a decoder stops at: malformed input must not cost more than its own size. */
export interface DecodeLimits {
  /** Messages within messages. */
  readonly depth: number;
  /** Elements of repeated message and string fields, over the whole message. */
  readonly items: number;
}

/** Depth 32, 65 536 items: above anything a correct peer or a client's request holds. Raise `items` to read large answers. */
export const defaultDecodeLimits: DecodeLimits = { depth: 32, items: 65_536 };

/** The default of every bytes field. Nobody writes into it; it has nothing to write into. */
export const emptyBytes: Uint8Array = new Uint8Array(0);

const maxSafe = Number.MAX_SAFE_INTEGER;

/**
 * protobufjs' reader with bounded depth and items, and 64-bit fields without Long objects. Its methods throw on malformed
 * input; whoever uses it on remote bytes catches (`MessageType.decode` does). Byte fields are views of the input.
 */
export class ProtobufReader extends protobuf.Reader {
  private depthLeft: number;
  private itemsLeft: number;
  // Halves of the last 64-bit varint.
  private low = 0;
  private high = 0;

  constructor(bytes: Uint8Array, limits: DecodeLimits = defaultDecodeLimits) {
    super(bytes);
    this.depthLeft = limits.depth;
    this.itemsLeft = limits.items;
  }

  /** Bytes of the input: a view, and a plain Uint8Array also where the input is a Buffer, whose `slice` would not copy. */
  override raw(start: number, end: number): Uint8Array {
    return new Uint8Array(this.buf.buffer, this.buf.byteOffset + start, end - start);
  }

  /** Reads the length of a message within a message and returns where it ends. Paired with `endMessage`. */
  beginMessage(): number {
    const length = this.size();
    const end = this.pos + length;
    if (end > this.len) throw new RangeError('a message ends beyond its input');
    if (--this.depthLeft < 0) throw new RangeError('messages are nested too deep');
    return end;
  }

  /** Checks that the last field ended exactly at `end`. */
  endMessage(end: number): void {
    if (this.pos !== end) throw new RangeError('a field ends beyond its message');
    this.depthLeft++;
  }

  /** Counts one element of a repeated field. */
  countItem(): void {
    if (--this.itemsLeft < 0) throw new RangeError('too many repeated items');
  }

  /** Skips a field of a newer version; one that is known but has another wire type is malformed. */
  unknownField(tag: number, known: readonly number[]): void {
    const field = tag >>> 3;
    if (known.includes(field)) throw new RangeError('a field has the wrong wire type');
    this.skipType(tag & 7, 0, field);
  }

  /** A uint64 that must be a safe integer. */
  uint64Value(): number {
    this.readBits();
    const value = this.high * 4_294_967_296 + this.low;
    if (value > maxSafe) throw new RangeError('a 64-bit number is beyond 2^53 - 1');
    return value;
  }

  /** An int64 as the nearest double: order and sign survive beyond 2^53. */
  int64Value(): number {
    this.readBits();
    return (this.high | 0) * 4_294_967_296 + this.low;
  }

  /** A uint64 as it is. */
  uint64BigValue(): bigint {
    this.readBits();
    return this.high === 0 ? BigInt(this.low) : (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  /** An int64 as it is. */
  int64BigValue(): bigint {
    this.readBits();
    return this.high === 0 ? BigInt(this.low) : (BigInt(this.high | 0) << 32n) | BigInt(this.low);
  }

  /** A packed field of safe integers, appended to `values`. */
  uint64Values(values: number[]): void {
    const end = this.size() + this.pos;
    if (end > this.len) throw new RangeError('a packed field ends beyond its input');
    while (this.pos < end) values.push(this.uint64Value());
    if (this.pos !== end) throw new RangeError('a packed field ends within a number');
  }

  private readBits(): void {
    const { buf, len } = this;
    let { pos } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= len) throw new RangeError('a number is cut off');
      const byte = buf[pos++] as number;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 128) {
        if (shift === 63 && byte > 1) break;
        this.pos = pos;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new RangeError('a number is longer than 64 bits');
  }
}
