import { at, type LinkId, type LinkKind, type MemberId } from '@quorate/interface';
import type { Endpoint } from './endpoint.ts';
import type { Network } from './memory-network.ts';

/** One side of a link. */
export interface Side {
  readonly end: Endpoint;
  readonly link: LinkId;
  /** Who the other side is, and as what it was admitted. */
  readonly peer: MemberId;
  readonly kind: LinkKind;
  readonly incarnation: number;
  /** Frames that this side sent and did not flush, and bytes that did not arrive. */
  waiting: Uint8Array[];
  queued: number;
  aboveHalf: boolean;
}

/** The connection of two ends, from both `linkUp`s to both `linkDown`s. */
export class MemoryLink {
  readonly sides: readonly [Side, Side];
  over = false;
  private readonly network: Network;

  constructor(network: Network, sides: readonly [Side, Side]) {
    this.network = network;
    this.sides = sides;
    for (const side of sides) {
      network.deliver({ type: 'call', run: () => side.end.handlers?.linkUp(side.peer, side.link, side.kind) });
    }
  }

  sideOf(end: Endpoint): Side {
    return this.sides[0].end === end ? this.sides[0] : this.sides[1];
  }

  send(side: Side, chunks: readonly Uint8Array[]): boolean {
    const frame = frameOf(chunks, this.network.serialised);
    side.waiting.push(frame);
    side.queued += frame.length;
    if (side.queued * 2 > this.network.queueBytes) side.aboveHalf = true;
    if (side.queued <= this.network.queueBytes) return true;
    const reason = `E_OVERFLOW: ${side.queued} bytes are queued (allowed ${this.network.queueBytes})`;
    const far = `closed by the other end: ${reason}`;
    if (side === this.sides[0]) this.end(reason, far);
    else this.end(far, reason);
    return false;
  }

  flush(side: Side): void {
    const { waiting } = side;
    if (waiting.length === 0) return;
    side.waiting = [];
    const to = (side === this.sides[0] ? this.sides[1] : this.sides[0]).end;
    for (const frame of waiting) this.network.deliver({ type: 'frame', link: this, to, frame });
  }

  /** A frame reaches its end. */
  arrive(to: Endpoint, frame: Uint8Array): void {
    if (this.over) return;
    const [from, here] = this.sides[0].end === to ? [this.sides[1], this.sides[0]] : this.sides;
    from.queued -= frame.length;
    here.end.handlers?.frame(here.link, frame);
    if (!from.aboveHalf || from.queued * 2 > this.network.queueBytes || this.over) return;
    from.aboveHalf = false;
    from.end.handlers?.drained(from.link);
  }

  /** Ends it at once; frames under way are lost. The first reason is for side 0, the second for side 1. */
  end(first: string, second: string): void {
    if (this.over) return;
    this.over = true;
    for (const [place, reason] of [first, second].entries()) {
      const { end, peer, link } = at(this.sides, place);
      end.forget(this);
      this.network.deliver({ type: 'call', run: () => end.handlers?.linkDown(peer, link, reason) });
    }
    this.network.dialSoon();
  }
}

function frameOf(chunks: readonly Uint8Array[], copy: boolean): Uint8Array {
  if (chunks.length === 1 && !copy) return at(chunks, 0);
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const frame = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    frame.set(chunk, offset);
    offset += chunk.length;
  }
  return frame;
}
