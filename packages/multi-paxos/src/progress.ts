import { invariant } from '@quorate/interface';
import type { Index, LinkId, MemberId, SnapshotMeta } from '@quorate/interface';
import { addRange, clearRanges, createRanges } from './slot-ranges.ts';
import type { SlotRanges } from './slot-ranges.ts';

/** What is known of one other member, and what is under way to it. */
export interface Peer {
  readonly id: MemberId;
  /** The link that is up; 0: none, nothing can be sent. */
  link: LinkId;
  /** An acceptor; else a learner, which is fed with chosen values. */
  isVoter: boolean;
  /** When it was last heard from; monotonic milliseconds. */
  heardAt: number;

  // ── As leader ──
  /** `stream`: accepts flow without waiting. `probe`: it makes no progress, one accept per heartbeat is all it gets. */
  mode: 'stream' | 'probe';
  /** The next slot to send. Slots before it were sent, or are to be learned. */
  next: Index;
  /** Slots above the contiguous chosen ones that it accepted under our ballot. */
  readonly acked: SlotRanges;
  /** Slots whose accept seems lost: sent again. */
  readonly resend: SlotRanges;
  /** Accepts that are not answered, oldest first. */
  readonly inflight: Inflight;
  /** In `probe`: the one accept may leave. */
  probeOwed: boolean;
  /** An accepted came since the last look. */
  progressed: boolean;
  /** A regular heartbeat is out: its answer is the time to look whether something was lost. */
  checkDue: boolean;
  /** The newest round of reads that it confirmed. */
  readAck: number;
  /** A learner: known to have learned up to here; -1: not heard yet. */
  learnedUpTo: Index;

  // ── As candidate ──
  /** A prepare is yet to be sent to it. */
  prepareOwed: boolean;
  /** When it is asked again, if nothing of its promise comes until then; and how long after that. */
  prepareAgainAt: number;
  prepareWaitMs: number;
  /** How far it called everything chosen in its newest promise. */
  claimed: Index;
  /** The first of these slots that it did not teach while this member led; 0: none. */
  untaughtSlot: Index;

  // ── As teacher ──
  /** A fetch from the journal under way for it, and where it begins; 0: none. */
  fetch: number;
  fetchFrom: Index;
  /** The snapshot that it was told of, until it is known to hold more: what is right behind it is kept so long. */
  offered: SnapshotMeta | undefined;
}

/** A ring of (first slot, last slot, bytes, heartbeat) per unanswered accept: the window counts both messages and bytes. */
export interface Inflight {
  readonly froms: Float64Array;
  readonly tos: Float64Array;
  readonly sizes: Float64Array;
  readonly beats: Float64Array;
  head: number;
  count: number;
  bytes: number;
}

/** What one message carries. */
export interface SentSlots {
  readonly from: Index;
  readonly to: Index;
  readonly bytes: number;
}

/** A peer that nothing is known of yet. */
export function createPeer(id: MemberId, link: LinkId, windowMessages: number, now: number): Peer {
  const slots = Math.max(1, windowMessages);
  const ring = (): Float64Array => new Float64Array(slots);
  return {
    id,
    link,
    isVoter: true,
    heardAt: now,
    mode: 'stream',
    next: 1,
    acked: createRanges(),
    resend: createRanges(),
    inflight: { froms: ring(), tos: ring(), sizes: ring(), beats: ring(), head: 0, count: 0, bytes: 0 },
    probeOwed: false,
    progressed: false,
    checkDue: false,
    readAck: 0,
    learnedUpTo: -1,
    prepareOwed: false,
    prepareAgainAt: 0,
    prepareWaitMs: 0,
    claimed: 0,
    untaughtSlot: 0,
    fetch: 0,
    fetchFrom: 0,
    offered: undefined,
  };
}

/** A new ballot, or a new link: what it accepted is unknown, what was under way is forgotten. */
export function resetPeer(peer: Peer, next: Index): void {
  clearRanges(peer.acked);
  peer.readAck = 0;
  peer.checkDue = false;
  peer.learnedUpTo = -1;
  becomeStream(peer, next);
}

/** Accepts flow without waiting for answers, from `next` on. */
export function becomeStream(peer: Peer, next: Index): void {
  peer.mode = 'stream';
  peer.next = next;
  peer.probeOwed = false;
  peer.progressed = false;
  clearRanges(peer.resend);
  forgetInflight(peer.inflight);
}

/** Nothing comes back: no more than one accept per heartbeat goes there, and what is chosen meanwhile is learned later. */
export function becomeProbe(peer: Peer): void {
  peer.mode = 'probe';
  peer.probeOwed = true;
  clearRanges(peer.resend);
  forgetInflight(peer.inflight);
}

function forgetInflight(inflight: Inflight): void {
  inflight.head = 0;
  inflight.count = 0;
  inflight.bytes = 0;
}

/** Notes an accept that left during heartbeat `beat`. */
export function addInflight(inflight: Inflight, { from, to, bytes }: SentSlots, beat: number): void {
  const slots = inflight.tos.length;
  invariant(inflight.count < slots, 'the window is full');
  const place = (inflight.head + inflight.count) % slots;
  inflight.froms[place] = from;
  inflight.tos[place] = to;
  inflight.sizes[place] = bytes;
  inflight.beats[place] = beat;
  inflight.count++;
  inflight.bytes += bytes;
}

/** Slots [from, to] were answered, in whatever order: accepts within are no longer under way. */
export function releaseInflight(inflight: Inflight, from: Index, to: Index): void {
  const { froms, tos, sizes } = inflight;
  let open = to - from + 1;
  for (let n = 0; n < inflight.count && open > 0; n++) {
    const place = (inflight.head + n) % tos.length;
    const last = numberAt(tos, place);
    if (last === 0 || last > to || numberAt(froms, place) < from) continue;
    open -= last - numberAt(froms, place) + 1;
    inflight.bytes -= numberAt(sizes, place);
    tos[place] = 0;
  }
  popAnswered(inflight);
}

/** Accepts that left before heartbeat `beat` and are not answered are taken for lost: their slots go to `lost`. */
export function takeLost(inflight: Inflight, beat: number, lost: SlotRanges): void {
  const { froms, tos, sizes, beats } = inflight;
  for (let n = 0; n < inflight.count; n++) {
    const place = (inflight.head + n) % tos.length;
    if (numberAt(tos, place) === 0 || numberAt(beats, place) >= beat) continue;
    addRange(lost, numberAt(froms, place), numberAt(tos, place));
    inflight.bytes -= numberAt(sizes, place);
    tos[place] = 0;
  }
  popAnswered(inflight);
}

// An answered accept keeps its place until it is the oldest; it only counts as a message.
function popAnswered(inflight: Inflight): void {
  while (inflight.count > 0 && numberAt(inflight.tos, inflight.head) === 0) {
    inflight.head = (inflight.head + 1) % inflight.tos.length;
    inflight.count--;
  }
}

/** Payload bytes that may be sent now; 0: wait. While nothing is under way it is at least 1, so that one large entry still moves. */
export function windowRoom({ inflight }: Peer, windowBytes: number): number {
  if (inflight.count === 0) return Math.max(1, windowBytes);
  return inflight.count === inflight.tos.length ? 0 : Math.max(0, windowBytes - inflight.bytes);
}

// As `at`, for these arrays alone: the engine compiles a read that sees one kind of array into the caller, and `at` sees all kinds.
function numberAt(ring: Float64Array, place: number): number {
  const value = ring[place];
  invariant(value !== undefined, 'a place of the ring');
  return value;
}
