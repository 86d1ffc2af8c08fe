import type { HeaderBlockWalker } from './header-block-walker.ts';

/** The bytes that an HTTP/2 client sends first (RFC 9113 §3.4). */
export const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** The bytes of a frame's head. */
export const headBytes = 9;
const priorityBytes = 5;

export const FrameType = { headers: 1, priority: 2, settings: 4, windowUpdate: 8, continuation: 9 } as const;
export const FrameFlag = { ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

/**
 * Walks what a client sends on a connection, preface first, and leads its header blocks (RFC 9113 §6.2, §6.10) past a walker of
 * their own. Pieces may end anywhere; of a frame, no more is kept than the numbers of its head.
 */
export class FrameWalker {
  /** Header blocks that ended. */
  blocks = 0;
  private readonly block: HeaderBlockWalker;
  private readonly head = new Uint8Array(headBytes);
  private headFill = 0;
  /** What comes next, in this order: the byte of the padding's length, bytes to pass over, bytes of a header block, padding. */
  private padded = false;
  private skip = preface.length;
  private part = 0;
  private padding = 0;
  private last = false;

  constructor(block: HeaderBlockWalker) {
    this.block = block;
  }

  /** The next bytes of the connection. */
  walk(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.padded) this.pad(bytes[at++] ?? 0);
      else if (this.skip > 0) {
        const taken = Math.min(this.skip, bytes.length - at);
        this.skip -= taken;
        at += taken;
      } else if (this.part > 0) {
        const taken = Math.min(this.part, bytes.length - at);
        this.block.walk(bytes, at, at + taken);
        this.part -= taken;
        at += taken;
        if (this.part === 0) this.partEnds();
      } else {
        this.head[this.headFill++] = bytes[at++] ?? 0;
        if (this.headFill === headBytes) this.begin(payloadBytes(this.head), this.head[3] ?? 0, this.head[4] ?? 0);
      }
    }
  }

  private begin(length: number, type: number, flags: number): void {
    this.headFill = 0;
    this.padding = 0;
    this.last = (flags & FrameFlag.endHeaders) !== 0;
    const headers = type === FrameType.headers;
    if (headers) this.block.reset();
    this.padded = headers && (flags & FrameFlag.padded) !== 0;
    const lead = headers && (flags & FrameFlag.priority) !== 0 ? priorityBytes : 0;
    const part = length - lead - (this.padded ? 1 : 0);
    if ((!headers && type !== FrameType.continuation) || part < 0) {
      this.padded = false;
      this.skip = length;
      // Where the head contradicts itself the block ends here: whoever decodes it refuses the connection.
      if (part < 0 && headers) this.partEnds();
      return;
    }
    this.skip = lead;
    this.part = part;
    if (part === 0 && !this.padded) this.partEnds();
  }

  private pad(length: number): void {
    this.padded = false;
    if (length > this.part) {
      this.padding = this.part;
      this.part = 0;
    } else {
      this.padding = length;
      this.part -= length;
    }
    if (this.part === 0) this.partEnds();
  }

  private partEnds(): void {
    if (this.last) this.blocks++;
    this.last = false;
    this.skip += this.padding;
    this.padding = 0;
  }
}

/** The bytes of the payload after a frame's head of nine bytes. */
export function payloadBytes(head: Uint8Array, at = 0): number {
  return ((head[at] ?? 0) << 16) | ((head[at + 1] ?? 0) << 8) | (head[at + 2] ?? 0);
}
