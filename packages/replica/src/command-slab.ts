const slabBytes = 256 * 1024;

/**
 * Where wrapped commands are written, one behind the other: one allocation for many commands. Bytes that were written never change,
 * and the rest of a slab serves the next turn, so that a single small command does not pin a large buffer of its own.
 */
export class CommandSlab {
  chunk: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.chunk.buffer);
  /** Start of what the last `reserve` gave. */
  start = 0;
  private used = 0;

  /** Makes `bytes` available at `start` in `chunk`. */
  reserve(bytes: number): void {
    if (this.used + bytes > this.chunk.length) {
      this.chunk = new Uint8Array(Math.max(slabBytes, bytes));
      this.view = new DataView(this.chunk.buffer);
      this.used = 0;
    }
    this.start = this.used;
    this.used += bytes;
  }
}
