import { FrameWalker } from './frame-walker.ts';
import { HeaderBlockWalker, type AuthorityVisitor } from './header-block-walker.ts';

const letter = 0x61;
const huffmanBit = 0x80;

const replacing: AuthorityVisitor = {
  begin: (bytes, at) => {
    bytes[at] = (bytes[at] ?? 0) & ~huffmanBit;
  },
  value: (bytes, from, to) => {
    bytes.fill(letter, from, to);
  },
};

/**
 * Replaces, in place, every `:authority` that a client of HTTP/2 sends by one that a host name may be; calls do not depend on it.
 *
 * The value keeps its encoded length, so that no length of a string or frame changes, and becomes plain letters. Where it was
 * Huffman-coded, its decoded length, and with it the size of its entry in the dynamic table (RFC 7541 §4.1), gets smaller at the
 * decoder than at the encoder, as encoders choose that code only where it is shorter. The decoder then evicts later (§4.4), never
 * sooner: as indexes count from the newest entry (§2.3.3), each that the encoder may use means the same entry at the decoder.
 */
export function authorityFilter(): (piece: Uint8Array) => void {
  const frames = new FrameWalker(new HeaderBlockWalker(replacing));
  return (piece) => frames.walk(piece);
}
