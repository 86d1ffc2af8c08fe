import type { Lane } from '@quorate/interface';
import { chanceKinds } from '../chance.ts';
import type { SimNetwork } from './sim-network.ts';

/** A frame under way. */
export interface Flight {
  readonly lane: Lane;
  readonly frame: Uint8Array;
  arriveMs: number;
  readonly corrupt: boolean;
  /** Which of its lane on a `fifo` link, which of all on a numbered one. */
  readonly place: number;
  /** A duplicate or a replay: nobody waits for its bytes. */
  readonly copy: boolean;
}

/** The place of a replayed frame: no link expects it any more. */
const ofAnotherTime = -1;
const laneNumbers = { control: 0, log: 1, bulk: 2 } as const;
const none: readonly Flight[] = [];

/** One direction of one connection: order, delay, loss and what a partition holds back. */
export class Direction {
  readonly from: number;
  readonly to: number;
  /** Bytes that were sent and did not arrive. */
  queuedBytes = 0;
  /** When a partition began to hold this direction back. */
  blockedSinceMs: number | undefined;
  private readonly network: SimNetwork;
  private readonly wire: number;
  private ordinal = 0;
  private aboveHalf = false;
  /** When the last frame of each lane arrives. */
  private readonly lastMs: [number, number, number] = [0, 0, 0];
  private freeAtMs = 0;
  private bulkFreeAtMs = 0;
  private parked: Flight[] = [];
  /** A damaged frame arrived on a `fifo` link: nothing behind it is taken. */
  damaged = false;
  /** Frames of each lane that were sent, and that arrived in their turn. */
  private readonly sent: [number, number, number] = [0, 0, 0];
  private readonly arrived: [number, number, number] = [0, 0, 0];
  /** Frames whose predecessors a partition holds back, by lane. */
  private readonly early: [Map<number, Flight>, Map<number, Flight>, Map<number, Flight>] = [new Map(), new Map(), new Map()];

  constructor(network: SimNetwork, from: number, to: number, connection: number) {
    this.network = network;
    this.from = from;
    this.to = to;
    // Part of the luck: a new connection of the same two machines has luck of its own.
    this.wire = connection * 65_536;
    if (network.isBlocked(from, to)) this.blockedSinceMs = network.nowMs;
  }

  /** The delay of something that is no frame. */
  quiet(): number {
    return this.network.delay(this.from, this.to, this.wire + ++this.ordinal, chanceKinds.dial);
  }

  /** The time at which something sent now arrives, with all frames that follow behind it. */
  reserve(): number {
    const atMs = this.network.nowMs + this.quiet();
    this.lastMs.fill(atMs);
    return atMs;
  }

  /** Milliseconds until everything that was sent has arrived. */
  behind(): number {
    return Math.max(...this.lastMs, this.network.nowMs) - this.network.nowMs + this.quiet();
  }

  /** Sends a frame; undefined: it is lost. */
  launch(lane: Lane, frame: Uint8Array): Flight | undefined {
    const { network, wire } = this;
    const { faults, chance, delivery, numbered } = network.setup;
    const place = wire + ++this.ordinal;
    const pair = this.from * 4096 + this.to;
    // Numbers count the frames of a link, not of a lane: whatever comes next then shows that one is missing.
    const row = numbered ? 0 : laneNumbers[lane];
    this.queuedBytes += frame.length;
    if (this.queuedBytes * 2 > network.setup.queueBytes) this.aboveHalf = true;
    if (faults.loss > 0 && chance.draw(chanceKinds.loss, pair, place) < faults.loss) {
      this.queuedBytes -= frame.length;
      network.counters.lost += 1;
      if (numbered) this.sent[row] += 1;
      return undefined;
    }
    let arriveMs = this.transmitted(lane, frame.length) + network.delay(this.from, this.to, place);
    if (delivery === 'fifo' || numbered) arriveMs = Math.max(arriveMs, this.lastMs[row]);
    else arriveMs += this.reordering(pair, place);
    if (arriveMs > this.lastMs[row]) this.lastMs[row] = arriveMs;
    // Delays alone never change the order of numbered frames, or no link would live long: only what is drawn to.
    if (numbered) arriveMs += this.reordering(pair, place);
    const corrupt =
      faults.corrupt > 0 && chance.draw(chanceKinds.corrupt, pair, place) < faults.corrupt && this.isFoundOut(frame, place);
    return { lane, frame, arriveMs, corrupt, place: this.sent[row]++, copy: false };
  }

  private transmitted(lane: Lane, bytes: number): number {
    const { nowMs, setup } = this.network;
    const { bandwidth } = setup.faults;
    if (bandwidth >= Number.MAX_SAFE_INTEGER) return nowMs;
    // Bulk frames yield to all others, and wait for each other.
    if (lane === 'bulk') return (this.bulkFreeAtMs = Math.max(nowMs, this.bulkFreeAtMs, this.freeAtMs) + bytes / bandwidth);
    return (this.freeAtMs = Math.max(nowMs, this.freeAtMs) + bytes / bandwidth);
  }

  private reordering(pair: number, place: number): number {
    const { faults, chance } = this.network.setup;
    if (faults.reorder === 0) return 0;
    const draw = chance.draw(chanceKinds.reorder, pair, place);
    if (draw >= faults.reorder) return 0;
    this.network.counters.reordered += 1;
    return (draw / faults.reorder) * 9 * (faults.delayMs + faults.jitterMs);
  }

  /** Flips a byte and asks the checksum that every link puts on its frames. */
  private isFoundOut(frame: Uint8Array, place: number): boolean {
    const { chance, crc32 } = this.network.setup;
    if (frame.length === 0) return false;
    const damaged = frame.slice();
    const offset = Math.floor(chance.draw(chanceKinds.corruptPlace, this.from, this.to, place) * frame.length);
    damaged[offset] = (damaged[offset] as number) ^ (1 << (place & 7));
    return crc32(damaged, 0) !== crc32(frame, 0);
  }

  /** What else arrives because of this frame. */
  copies(flight: Flight): readonly Flight[] {
    const { network } = this;
    const { faults, chance, delivery } = network.setup;
    if (delivery === 'fifo' || (faults.duplicate === 0 && faults.replay === 0)) return none;
    const pair = this.from * 4096 + this.to;
    const place = this.wire + this.ordinal;
    const copies: Flight[] = [];
    const arriveMs = flight.arriveMs + network.delay(this.from, this.to, place, chanceKinds.duplicate);
    if (faults.duplicate > 0 && chance.draw(chanceKinds.duplicate, pair, place, 1) < faults.duplicate) {
      network.counters.duplicated += 1;
      copies.push({ ...flight, frame: flight.frame.slice(), arriveMs, copy: true });
    }
    const old = isOfCore(flight.frame) ? network.replayed(pair, place, flight.lane, flight.frame) : undefined;
    if (old !== undefined) {
      network.counters.replayed += 1;
      copies.push({ lane: old.lane, frame: old.frame.slice(), arriveMs, corrupt: false, place: ofAnotherTime, copy: true });
    }
    return copies;
  }

  /** The usual case, without a list: this frame arrives, and none of those behind it waits for it. */
  passes(flight: Flight): boolean {
    if (this.blockedSinceMs !== undefined) return false;
    if (this.network.setup.delivery !== 'fifo') return true;
    const lane = laneNumbers[flight.lane];
    if (flight.place !== this.arrived[lane] || this.early[lane].size > 0) return false;
    this.arrived[lane] += 1;
    return true;
  }

  /** The frames that now arrive because this one is due: none where a partition holds it back, or one that was sent before it. */
  arrivals(flight: Flight): readonly Flight[] {
    const { delivery } = this.network.setup;
    if (this.blockedSinceMs !== undefined) {
      this.network.counters.blocked += 1;
      if (delivery === 'fifo') this.parked.push(flight);
      else if (!flight.copy) this.queuedBytes -= flight.frame.length;
      return none;
    }
    return delivery === 'fifo' ? this.inTurn(flight) : [flight];
  }

  private inTurn(flight: Flight): readonly Flight[] {
    const lane = laneNumbers[flight.lane];
    const early = this.early[lane];
    if (flight.place !== this.arrived[lane]) {
      early.set(flight.place, flight);
      return none;
    }
    const due: Flight[] = [];
    for (let next: Flight | undefined = flight; next !== undefined; next = early.get(this.arrived[lane])) {
      early.delete(next.place);
      due.push(next);
      this.arrived[lane] += 1;
    }
    return due;
  }

  /** On a numbered link: `next` is the only frame that may be taken; `stale` was taken before, or is of another link; a `gap` is in front. */
  numbering(flight: Flight): 'next' | 'stale' | 'gap' {
    const [expected] = this.arrived;
    if (flight.place !== expected) return flight.place < expected ? 'stale' : 'gap';
    this.arrived[0] += 1;
    return 'next';
  }

  /** Tells the sender's queue that a frame arrived. True: it was above half of its limit and no longer is. */
  taken(bytes: number, queueBytes: number): boolean {
    this.queuedBytes -= bytes;
    if (!this.aboveHalf || this.queuedBytes * 2 > queueBytes) return false;
    this.aboveHalf = false;
    return true;
  }

  /** A block came or went. Gives the frames that now go on. */
  reachChanged(): readonly Flight[] {
    const { network } = this;
    const blocked = network.isBlocked(this.from, this.to);
    if (blocked === (this.blockedSinceMs !== undefined)) return none;
    this.blockedSinceMs = blocked ? network.nowMs : undefined;
    if (blocked || this.parked.length === 0) return none;
    const { parked } = this;
    this.parked = [];
    const atMs = network.nowMs + this.quiet();
    for (const flight of parked) flight.arriveMs = atMs;
    return parked;
  }
}

// Type 1 of a frame's head: a core's message. A replica's own messages belong to the link that they came on.
function isOfCore(frame: Uint8Array): boolean {
  return frame[0] === 1;
}
