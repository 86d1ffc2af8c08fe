import { at, invariant } from '@quorate/interface';
import type { EntryBatch, Index, LinkId, MemberId, SnapshotMeta } from '@quorate/interface';

/** What the leader knows of one other member (Raft's Figure 2: nextIndex, matchIndex) and what it has under way to it. */
export interface Peer {
  readonly id: MemberId;
  /** The link that is up; 0: none, nothing can be sent. */
  link: LinkId;
  /** `probe`: looking for the place where the logs agree, one append at a time. `replicate`: pipelined. `snapshot`: waits for the offer to be taken. */
  mode: PeerMode;
  /** The next entry to send. Always above `match`. */
  next: Index;
  /** Known to be equal to our log up to here, and durable there. Never falls within a term. */
  match: Index;
  /** In `probe`: the one append is out. It is sent again after an answer to a heartbeat. */
  probeSent: boolean;
  /** Unacknowledged appends with entries, oldest first. */
  readonly inflight: Inflight;
  /** Heard from since the last check of the quorum. */
  recentActive: boolean;
  /** When it was last heard from; monotonic milliseconds. */
  heardAt: number;
  /** The commit index that everything sent so far tells it. */
  commitSent: Index;
  /** The newest round of reads that it confirmed. */
  readAck: number;
  /** A regular heartbeat is out: its answer is the time to look whether something was lost. */
  checkDue: boolean;
  /** `match` at the last look: no progress since then, with appends in flight, may mean that some were lost. */
  matchAtCheck: Index;
  /** Ask, by an empty append, whether what is in flight arrived. */
  nudge: boolean;
  /** A fetch from the journal under way for it, and where it begins; 0: none. What came back waits in `fetched`. */
  fetch: number;
  fetchFrom: Index;
  fetched: EntryBatch[];
  /** In `snapshot`: what was offered, and when. */
  offered: SnapshotMeta | undefined;
  offeredAt: number;
  /** The journal could not read what it needs next: nothing is sent until a snapshot covers it, or another try. 0: no damage known. */
  damagedAt: Index;
  /** When that was found out: a read error may pass, so it is tried again an election timeout later. */
  damagedSince: number;
  /** A candidate's request is yet to be sent to it. */
  voteOwed: boolean;
}

/** See {@link Peer.mode}. */
export type PeerMode = 'probe' | 'replicate' | 'snapshot';

/** A ring of (last index, bytes) per unacknowledged append: the window counts both, since 128 messages may be 2 GB. */
export interface Inflight {
  readonly lasts: Float64Array;
  readonly sizes: Float64Array;
  head: number;
  count: number;
  bytes: number;
}

/** A peer that nothing is known of yet. */
export function createPeer(id: MemberId, link: LinkId, windowMessages: number): Peer {
  const slots = Math.max(1, windowMessages);
  return {
    id,
    link,
    mode: 'probe',
    next: 1,
    match: 0,
    probeSent: false,
    inflight: { lasts: new Float64Array(slots), sizes: new Float64Array(slots), head: 0, count: 0, bytes: 0 },
    recentActive: false,
    heardAt: 0,
    commitSent: 0,
    readAck: 0,
    checkDue: false,
    matchAtCheck: 0,
    nudge: false,
    fetch: 0,
    fetchFrom: 0,
    fetched: [],
    offered: undefined,
    offeredAt: 0,
    damagedAt: 0,
    damagedSince: 0,
    voteOwed: false,
  };
}

/** Raft's Figure 2, "reinitialized after election". */
export function resetPeer(peer: Peer, lastIndex: Index): void {
  peer.match = 0;
  peer.recentActive = false;
  peer.readAck = 0;
  peer.damagedAt = 0;
  becomeProbe(peer, lastIndex + 1);
}

/** Looks for the place where the logs agree, from `next` on. */
export function becomeProbe(peer: Peer, next: Index): void {
  invariant(next > peer.match, 'what matches is not sent again');
  peer.mode = 'probe';
  peer.next = next;
  peer.probeSent = false;
  peer.commitSent = 0;
  peer.matchAtCheck = 0;
  peer.nudge = false;
  peer.offered = undefined;
  forgetInflight(peer);
}

/** The logs agree up to `match`: entries flow without waiting for answers. */
export function becomeReplicate(peer: Peer): void {
  peer.mode = 'replicate';
  peer.next = peer.match + 1;
  peer.probeSent = false;
  peer.offered = undefined;
  forgetInflight(peer);
}

/** Waits until the snapshot was taken, refused, or the link ended. */
export function becomeSnapshot(peer: Peer, offered: SnapshotMeta, now: number): void {
  peer.mode = 'snapshot';
  peer.offered = offered;
  peer.offeredAt = now;
  forgetInflight(peer);
}

function forgetInflight(peer: Peer): void {
  peer.inflight.head = 0;
  peer.inflight.count = 0;
  peer.inflight.bytes = 0;
  peer.fetch = 0;
  peer.fetched = [];
}

/** Notes an append that ends at `last`. */
export function addInflight(inflight: Inflight, last: Index, bytes: number): void {
  const slots = inflight.lasts.length;
  invariant(inflight.count < slots, 'the window is full');
  const place = (inflight.head + inflight.count) % slots;
  inflight.lasts[place] = last;
  inflight.sizes[place] = bytes;
  inflight.count++;
  inflight.bytes += bytes;
}

/** Everything up to `match` arrived. */
export function releaseInflight(inflight: Inflight, match: Index): void {
  while (inflight.count > 0 && at(inflight.lasts, inflight.head) <= match) {
    inflight.bytes -= at(inflight.sizes, inflight.head);
    inflight.head = (inflight.head + 1) % inflight.lasts.length;
    inflight.count--;
  }
}

/** Payload bytes that may be sent now; 0: wait. While nothing is under way it is at least 1, so that one large entry still moves. */
export function windowRoom(peer: Peer, windowBytes: number): number {
  if (peer.mode === 'snapshot') return 0;
  if (peer.mode === 'probe') return peer.probeSent ? 0 : Math.max(1, windowBytes);
  if (peer.inflight.count === 0) return Math.max(1, windowBytes);
  return peer.inflight.count === peer.inflight.lasts.length ? 0 : Math.max(0, windowBytes - peer.inflight.bytes);
}
