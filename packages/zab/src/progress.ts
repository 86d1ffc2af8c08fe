import { at, invariant } from '@quorate/interface';
import type { EntryBatch, Index, LinkId, MemberId, SnapshotMeta } from '@quorate/interface';
import { noZxid } from './zxid.ts';
import type { Zxid } from './zxid.ts';

/**
 * What a member knows of one other, and, as a leader, how far it is with it on the link that is up. Everything of the relation ends
 * with the link: what was acknowledged on an earlier one counts for nothing (Z-13).
 */
export interface Peer {
  readonly id: MemberId;
  /** The link that is up; 0: none, nothing can be sent. */
  link: LinkId;
  isVoter: boolean;
  /** Our vote, or our state, is yet to be told to it. */
  voteOwed: boolean;
  /** When it was last heard from; monotonic milliseconds. */
  heardAt: number;
  stage: PeerStage;
  /** Of its CEPOCH. */
  acceptedEpoch: number;
  /** Of its ACK-E: the last txn that it has logged, and whether it counts towards the epoch. */
  zxid: Zxid;
  counted: boolean;
  /** How it is brought to our history; `none` before that is decided. */
  mode: SyncMode;
  /** Payload bytes sent to it before NEWLEADER. */
  syncBytes: number;
  /** NEWLEADER follows this index: the end of the history when its synchronisation began. */
  registeredTo: Index;
  /** The cursor into the log: the next txn to send. */
  next: Index;
  /** Durable there, as acknowledged on this link (ACK-LD and ACK); 0 before ACK-LD. */
  acked: Index;
  /** COMMITs, or UPTODATE, were sent up to here. */
  commitSent: Index;
  upToDateSent: boolean;
  /** The newest round of reads that it confirmed. */
  readAck: number;
  /** Messages with txns that it has not stored yet, oldest first. */
  readonly inflight: Inflight;
  /** A fetch from the journal under way for it, and where it begins; 0: none. What came back waits in `fetched`. */
  fetch: number;
  fetchFrom: Index;
  fetched: EntryBatch[];
  /** The snapshot that it was offered. */
  offered: SnapshotMeta | undefined;
  /** The journal could not read what it needs next: tried again an election timeout after `damagedSince`. 0: no damage known. */
  damagedAt: Index;
  damagedSince: number;
}

/**
 * `none`: no relation. `info`: sent CEPOCH. `epoch`: was sent NEWEPOCH. `acked`: sent ACK-E, waits for its synchronisation. `snap`: was
 * offered a snapshot. `stream`: is sent the history. `new-leader`: was sent NEWLEADER. `synced`: sent ACK-LD.
 */
export type PeerStage = 'none' | 'info' | 'epoch' | 'acked' | 'snap' | 'stream' | 'new-leader' | 'synced';

/** See {@link Peer.mode}. */
export type SyncMode = 'none' | 'DIFF' | 'TRUNC' | 'SNAP';

/** A ring of (last index, bytes) per message that is under way: the window counts both, since 128 messages may be 2 GB. */
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
    isVoter: false,
    voteOwed: false,
    heardAt: 0,
    stage: 'none',
    acceptedEpoch: 0,
    zxid: noZxid,
    counted: false,
    mode: 'none',
    syncBytes: 0,
    registeredTo: 0,
    next: 1,
    acked: 0,
    commitSent: 0,
    upToDateSent: false,
    readAck: 0,
    inflight: { lasts: new Float64Array(slots), sizes: new Float64Array(slots), head: 0, count: 0, bytes: 0 },
    fetch: 0,
    fetchFrom: 0,
    fetched: [],
    offered: undefined,
    damagedAt: 0,
    damagedSince: 0,
  };
}

/** The relation is over, with its link or with our leadership. */
export function endRelation(peer: Peer): void {
  peer.stage = 'none';
  peer.acceptedEpoch = 0;
  peer.zxid = noZxid;
  peer.counted = false;
  peer.mode = 'none';
  peer.syncBytes = 0;
  peer.registeredTo = 0;
  peer.acked = 0;
  peer.commitSent = 0;
  peer.upToDateSent = false;
  peer.readAck = 0;
  peer.offered = undefined;
  peer.damagedAt = 0;
  startStream(peer, 1);
  peer.stage = 'none';
}

/** Txns go to it from `next` on, one window at a time. */
export function startStream(peer: Peer, next: Index): void {
  peer.stage = 'stream';
  peer.next = next;
  peer.fetch = 0;
  peer.fetched = [];
  peer.inflight.head = 0;
  peer.inflight.count = 0;
  peer.inflight.bytes = 0;
}

/** True where it is sent txns. */
export function isStreaming({ stage }: Peer): boolean {
  return stage === 'stream' || stage === 'new-leader' || stage === 'synced';
}

/** Notes a message whose txns end at `last`. */
export function addInflight(inflight: Inflight, last: Index, bytes: number): void {
  const slots = inflight.lasts.length;
  invariant(inflight.count < slots, 'the window is full');
  const place = (inflight.head + inflight.count) % slots;
  inflight.lasts[place] = last;
  inflight.sizes[place] = bytes;
  inflight.count++;
  inflight.bytes += bytes;
}

/** Everything up to `stored` arrived. */
export function releaseInflight(inflight: Inflight, stored: Index): void {
  while (inflight.count > 0 && at(inflight.lasts, inflight.head) <= stored) {
    inflight.bytes -= at(inflight.sizes, inflight.head);
    inflight.head = (inflight.head + 1) % inflight.lasts.length;
    inflight.count--;
  }
}

/** Payload bytes that may be sent now; 0: wait. While nothing is under way it is at least 1, so that one large txn still moves. */
export function windowRoom({ inflight }: Peer, windowBytes: number): number {
  if (inflight.count === 0) return Math.max(1, windowBytes);
  return inflight.count === inflight.lasts.length ? 0 : Math.max(0, windowBytes - inflight.bytes);
}
