import type { Index, MemberId, SnapshotMeta } from '@quorate/interface';

/**
 * Everything that members of a ZAB group say to each other, by the paper's names. Flat, plain and readonly; every number is a safe
 * integer that is not negative. A zxid is a pair of fields. Txns travel beside `propose` and `inform` (`Send.entries`), never inside.
 */
export type ZabMessage =
  | Notification
  | FollowerInfo
  | NewEpoch
  | AckEpoch
  | Diff
  | Truncate
  | Snap
  | NewLeader
  | AckLeader
  | UpToDate
  | Propose
  | Ack
  | Commit
  | Inform
  | Stored
  | Ping
  | Pong
  | Sync
  | SyncResponse
  | Designate;

/** What a member is doing: `Notification.state`. */
export const serverStates = { looking: 0, following: 1, leading: 2, observing: 3 } as const;

/** One of {@link serverStates}. */
export type ServerState = (typeof serverStates)[keyof typeof serverStates];

/** A vote of fast leader election, in round `round`: for `leader`, whose last logged zxid and `currentEpoch` these are. `leader` 0: no vote. */
export interface Notification {
  readonly kind: 'notification';
  readonly leader: MemberId;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
  readonly peerEpoch: number;
  readonly round: number;
  readonly state: number;
}

/** CEPOCH (ZooKeeper: FOLLOWERINFO, OBSERVERINFO): the first word of a follower, once per link. */
export interface FollowerInfo {
  readonly kind: 'cepoch';
  readonly acceptedEpoch: number;
}

/** NEWEPOCH(e') (LEADERINFO). */
export interface NewEpoch {
  readonly kind: 'new-epoch';
  readonly epoch: number;
}

/** ACK-E (ACKEPOCH): what the sender holds. `counts` false: it had accepted `epoch` before, and is not counted again. */
export interface AckEpoch {
  readonly kind: 'ack-epoch';
  readonly epoch: number;
  readonly counts: boolean;
  readonly currentEpoch: number;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

/** The history that follows goes on behind the receiver's own last txn, which is this one. */
export interface Diff {
  readonly kind: 'diff';
  readonly epoch: number;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

/** The receiver cuts its history behind this txn; what follows goes on there. */
export interface Truncate {
  readonly kind: 'trunc';
  readonly epoch: number;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

/** The receiver's history is replaced by this snapshot, which its replica pulls; what follows goes on behind it. */
export interface Snap {
  readonly kind: 'snap';
  readonly epoch: number;
  readonly meta: SnapshotMeta;
}

/** NEWLEADER(e'): the history is complete. Of the txns before it, those up to `zxid` need no COMMIT: they are committed, or will be by ACK-LD. */
export interface NewLeader {
  readonly kind: 'new-leader';
  readonly epoch: number;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

/** ACK-LD (ACK of (e', 0)): history and `currentEpoch` are durable at the sender, in this order. */
export interface AckLeader {
  readonly kind: 'ack-leader';
  readonly epoch: number;
}

/** COMMIT-LD (UPTODATE): everything up to this zxid is committed. */
export interface UpToDate {
  readonly kind: 'up-to-date';
  readonly epoch: number;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

/** PROPOSE (PROPOSAL): the txns beside it begin with this zxid. `epoch` is the leader's; theirs is lower while a history is brought up. */
export interface Propose {
  readonly kind: 'propose';
  readonly epoch: number;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

/** ACK: the txns `from` … `to` of `epoch`, and everything before them, are durable at the sender. */
export interface Ack {
  readonly kind: 'ack';
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

/** COMMIT: the txns `from` … `to` of `epoch` are committed. */
export interface Commit {
  readonly kind: 'commit';
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

/** INFORM: the committed txns beside it begin with this zxid. For observers only, which see no PROPOSE and send no ACK. */
export interface Inform {
  readonly kind: 'inform';
  readonly epoch: number;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

/**
 * The sender's disk holds the leader's history up to here: room for more, and never counted for anything else. Below an offered
 * snapshot: it was not taken, decide anew.
 */
export interface Stored {
  readonly kind: 'stored';
  readonly epoch: number;
  readonly zxidEpoch: number;
  readonly zxidCounter: number;
}

/** The leader is there. `epoch` 0: it has none yet. `readRound`: the newest round of reads to confirm. */
export interface Ping {
  readonly kind: 'ping';
  readonly epoch: number;
  readonly readRound: number;
}

/** The follower is there. It echoes `readRound` only while it is synchronised with the leader of `epoch`; else both are 0. */
export interface Pong {
  readonly kind: 'pong';
  readonly epoch: number;
  readonly readRound: number;
}

/** SYNC, strengthened: a follower asks for a read point. (`incarnation`, `context`) is never used twice by one member. */
export interface Sync {
  readonly kind: 'sync';
  readonly epoch: number;
  readonly incarnation: number;
  readonly context: number;
}

/** `confirmed` false: the sender leads no more; `index` is 0. */
export interface SyncResponse {
  readonly kind: 'sync-response';
  readonly epoch: number;
  readonly incarnation: number;
  readonly context: number;
  readonly confirmed: boolean;
  readonly index: Index;
}

/** The leader of `epoch` leaves and names its successor: who hears it takes that as the result of an election (ATC'12 §3.4). */
export interface Designate {
  readonly kind: 'designate';
  readonly epoch: number;
  readonly leader: MemberId;
}

/** A message in the words of the paper, without its txns, for golden traces. Never called on the hot path. */
export function describeMessage(message: ZabMessage): string {
  switch (message.kind) {
    case 'notification': {
      const { leader, round, state, peerEpoch } = message;
      return `vote for ${leader} round ${round} e${peerEpoch} ${zxid(message)} ${stateNames[state] ?? 'unknown'}`;
    }
    case 'cepoch':
      return `CEPOCH e${message.acceptedEpoch}`;
    case 'new-epoch':
      return `NEWEPOCH e${message.epoch}`;
    case 'ack-epoch':
      return `ACK-E e${message.epoch} ${message.counts ? '' : 'not counted '}current e${message.currentEpoch} last ${zxid(message)}`;
    case 'snap':
      return `SNAP e${message.epoch} ${message.meta.index}@${message.meta.epoch.round}`;
    case 'new-leader':
      return `NEWLEADER e${message.epoch} committed ${zxid(message)}`;
    case 'ack-leader':
      return `ACK-LD e${message.epoch}`;
    case 'ack':
    case 'commit':
      return `${message.kind.toUpperCase()} ${run(message)}`;
    case 'ping':
    case 'pong':
      return `${message.kind} e${message.epoch}${message.readRound > 0 ? ` read ${message.readRound}` : ''}`;
    case 'sync':
      return `SYNC e${message.epoch} context ${message.context}`;
    case 'sync-response':
      return `sync-response e${message.epoch} context ${message.context} ${message.confirmed ? `at ${message.index}` : 'refused'}`;
    case 'designate':
      return `designate e${message.epoch} ${message.leader}`;
    default:
      return `${names[message.kind]} e${message.epoch} ${zxid(message)}`;
  }
}

const stateNames: readonly string[] = Object.keys(serverStates);
const names = {
  diff: 'DIFF',
  trunc: 'TRUNC',
  'up-to-date': 'UPTODATE',
  propose: 'PROPOSE',
  inform: 'INFORM',
  stored: 'stored',
} as const;

function zxid({ zxidEpoch, zxidCounter }: { readonly zxidEpoch: number; readonly zxidCounter: number }): string {
  return `(${zxidEpoch},${zxidCounter})`;
}

function run({ epoch, from, to }: Ack | Commit): string {
  return from === to ? `(${epoch},${from})` : `(${epoch},${from}-${to})`;
}
