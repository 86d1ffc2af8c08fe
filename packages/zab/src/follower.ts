import type { EntryBatch, Index, LinkId, MemberId, SnapshotMeta } from '@quorate/interface';
import { sendFollowerInfo } from './discovery.ts';
import { endLink } from './relations.ts';
import type { ZabMessage } from './messages.ts';
import type { ZabState } from './state.ts';

/** A follower's, or observer's, relation to its leader. It ends with the link, and with it all that is in here. */
export interface FollowerState {
  /** 0: none. */
  leader: MemberId;
  link: LinkId;
  stage: FollowerStage;
  /** When this member gives its leader up (Z14). */
  deadline: number;
  /** What arrived behind NEWLEADER: it waits until ACK-LD is on its way (Z6, Z-3). Bounded by the leader's window. */
  held: HeldMessage[];
  /** Head of the pending queue: the first txn whose commit the leader has not told. */
  pendingFrom: Index;
  /** Acknowledged up to here: by ACK-LD, then by ACKs. */
  ackedTo: Index;
  /** The leader is owed a word on what is stored. */
  storedOwed: boolean;
  /** The snapshot that the replica is pulling for us. */
  receiving: SnapshotMeta | undefined;
}

/**
 * `none`: no leader. `connect`: waits for the link. `discovery`: sent CEPOCH. `sync`: sent ACK-E. `snap`: pulls a snapshot. `stream`:
 * is sent the history. `accepting`: got NEWLEADER, and writes. `accepted`: sent ACK-LD. `active`: got UPTODATE.
 */
export type FollowerStage = 'none' | 'connect' | 'discovery' | 'sync' | 'snap' | 'stream' | 'accepting' | 'accepted' | 'active';

/** A message in the lane `log` that is not looked at yet. */
export interface HeldMessage {
  readonly message: ZabMessage;
  readonly entries: readonly EntryBatch[];
}

export function createFollowerState(): FollowerState {
  return {
    leader: 0,
    link: 0,
    stage: 'none',
    deadline: Number.POSITIVE_INFINITY,
    held: [],
    pendingFrom: 0,
    ackedTo: 0,
    storedOwed: false,
    receiving: undefined,
  };
}

/** The election chose another member: it is followed, or observed. */
export function becomeFollowing(state: ZabState, leader: MemberId): void {
  state.role = 'following';
  state.phase = 'discovery';
  const { follower } = state;
  follower.leader = leader;
  follower.stage = 'connect';
  follower.deadline = state.now + state.options.electionTimeoutMs;
  if (state.tracing) state.out.trace.push({ event: 'following', leader, round: state.election.round });
  // Who took this member for its leader shall not wait for it.
  for (const peer of state.peers) if (peer.stage !== 'none') endLink(state, peer.id, 'this member follows another');
  connect(state);
}

/** The link to the leader is up, at once or later. */
export function connect(state: ZabState): void {
  const { follower, links } = state;
  const link = links.get(follower.leader);
  if (follower.stage !== 'connect' || link === undefined) return;
  follower.link = link;
  follower.stage = 'discovery';
  sendFollowerInfo(state);
}

/** The relation is over; everything that hung on it is forgotten. What was logged stays in the history. */
export function forgetLeader(state: ZabState): void {
  const { follower } = state;
  follower.leader = 0;
  follower.link = 0;
  follower.stage = 'none';
  follower.deadline = Number.POSITIVE_INFINITY;
  follower.held = [];
  follower.storedOwed = false;
}

/** True from ACK-LD on: this member has the leader's history and its epoch. */
export function isAccepted({ role, follower }: ZabState): boolean {
  return role === 'following' && (follower.stage === 'accepted' || follower.stage === 'active');
}
