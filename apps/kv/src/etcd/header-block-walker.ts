/** Who is told of the `:authority` literals of header blocks, as their bytes go by. */
export interface AuthorityVisitor {
  /** The byte at `at` begins the value's length; its top bit says that the value is Huffman-coded. */
  begin(bytes: Uint8Array, at: number): void;
  /** The next bytes of the value, as sent. */
  value(bytes: Uint8Array, from: number, to: number): void;
}

const Step = {
  representation: 0,
  index: 1,
  nameLength: 2,
  nameLengthRest: 3,
  name: 4,
  valueLength: 5,
  valueLengthRest: 6,
  value: 7,
  malformed: 8,
} as const;

// `:authority` in the static table (RFC 7541, appendix A).
const authorityIndex = 1;
// Nothing in a header block needs an integer of more than 28 bits after the prefix.
const maxShift = 21;

/**
 * Walks HPACK representations (RFC 7541 §6) by their lengths alone, without tables and without decoding; pieces may end anywhere.
 * A malformed block is walked no further: whoever decodes it refuses the connection.
 */
export class HeaderBlockWalker {
  private readonly visitor: AuthorityVisitor;
  private step: number = Step.representation;
  /** The integer that is being read: an index, or the bytes of the string that follows. */
  private integer = 0;
  private shift = 0;
  private literal = false;
  private authority = false;

  constructor(visitor: AuthorityVisitor) {
    this.visitor = visitor;
  }

  /** A new block begins. */
  reset(): void {
    if (this.step !== Step.malformed) this.step = Step.representation;
  }

  /** The next bytes of the block. */
  walk(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && this.step !== Step.malformed) {
      if (this.step === Step.name || this.step === Step.value) at = this.string(bytes, at, to);
      else this.byte(bytes, at++);
    }
  }

  private string(bytes: Uint8Array, from: number, to: number): number {
    const end = Math.min(from + this.integer, to);
    this.integer -= end - from;
    if (this.step === Step.value && this.authority) this.visitor.value(bytes, from, end);
    if (this.integer === 0) this.step = this.step === Step.name ? Step.valueLength : Step.representation;
    return end;
  }

  private byte(bytes: Uint8Array, at: number): void {
    const byte = bytes[at] ?? 0;
    if (this.step === Step.representation) this.represent(byte);
    else if (this.step === Step.nameLength || this.step === Step.valueLength) {
      if (this.step === Step.valueLength && this.authority) this.visitor.begin(bytes, at);
      if (this.prefix(byte, 0x7f)) this.measured();
      else this.step++;
    } else if (this.shift > maxShift) this.step = Step.malformed;
    else {
      this.integer += (byte & 0x7f) << this.shift;
      this.shift += 7;
      if (byte < 0x80) this.measured();
    }
  }

  private represent(byte: number): void {
    const indexed = byte >= 0x80;
    const incremental = !indexed && byte >= 0x40;
    const resize = !indexed && !incremental && byte >= 0x20;
    this.literal = !indexed && !resize;
    // Encoders that know the static table name `:authority` by it, in whichever of the three literals.
    const whole = this.prefix(byte, indexed ? 0x7f : incremental ? 0x3f : resize ? 0x1f : 0x0f);
    this.authority = this.literal && whole && this.integer === authorityIndex;
    if (!whole) this.step = Step.index;
    else if (this.literal) this.step = this.integer === 0 ? Step.nameLength : Step.valueLength;
  }

  // True where the integer ends with its prefix (RFC 7541 §5.1).
  private prefix(byte: number, mask: number): boolean {
    this.integer = byte & mask;
    this.shift = 0;
    return this.integer < mask;
  }

  // An integer is complete.
  private measured(): void {
    if (this.step === Step.index) this.step = this.literal ? Step.valueLength : Step.representation;
    else if (this.step <= Step.nameLengthRest) this.step = this.integer > 0 ? Step.name : Step.valueLength;
    else this.step = this.integer > 0 ? Step.value : Step.representation;
  }
}
