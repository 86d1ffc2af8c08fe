import type { AuthorityVisitor } from './header-block-walker.ts';

const maxBytes = 255;
const huffmanBit = 0x80;

// Narrower than what HTTP/2 allows in an authority: what is refused here is merely replaced.
const legal = /^[\w.:[\]-]*$/;

// Huffman codes of five, six and seven bits are consecutive numbers in this order (RFC 7541, appendix B).
const shortest = { first: 0x00, symbols: '012aceiost' };
const middle = { first: 0x14, symbols: ' %-./3456789=A_bdfghlmnpru' };
const longest = { first: 0x5c, symbols: ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz' };
const byBits = [undefined, undefined, undefined, undefined, undefined, shortest, middle, longest];

/** Reads the `:authority` literals of header blocks and judges them. */
export class AuthorityReader implements AuthorityVisitor {
  private refused = false;
  private huffman = false;
  private bytes: number[] = [];

  /** Whether all of them, as far as they came, are plain hosts with or without a port. */
  get legal(): boolean {
    return !this.refused && isLegal(this.bytes, this.huffman);
  }

  begin(bytes: Uint8Array, at: number): void {
    this.refused = !this.legal;
    this.huffman = ((bytes[at] ?? 0) & huffmanBit) !== 0;
    this.bytes = [];
  }

  value(bytes: Uint8Array, from: number, to: number): void {
    if (this.bytes.length + to - from > maxBytes) this.refused = true;
    else this.bytes.push(...bytes.subarray(from, to));
  }
}

function isLegal(bytes: readonly number[], huffman: boolean): boolean {
  const text = huffman ? decoded(bytes) : String.fromCharCode(...bytes);
  return text !== undefined && legal.test(text);
}

// Undefined where a symbol has a longer code: of those that hosts need, only brackets do.
function decoded(bytes: readonly number[]): string | undefined {
  let text = '';
  let code = 0;
  let bits = 0;
  for (let at = 0; at < bytes.length * 8; at++) {
    code = (code << 1) | (((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    bits++;
    if (bits > 7) return undefined;
    const codes = byBits[bits];
    const symbol = codes?.symbols[code - codes.first];
    if (symbol === undefined) continue;
    text += symbol;
    code = 0;
    bits = 0;
  }
  return text;
}
