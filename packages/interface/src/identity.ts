import type { Failure } from './errors.ts';
import type { Journal } from './journal.ts';
import type { SnapshotStore } from './snapshot.ts';
import type { MemberId } from './vocabulary.ts';

/** Who a data directory is. Written at its first start; later starts must agree with it. */
export interface Identity {
  readonly clusterId: string;
  readonly member: MemberId;
  readonly name: string;
  readonly protocol: string;
  /** Random, minted with the directory: a wiped disk cannot pose as the old one. */
  readonly diskId: string;
  /** Raised and synced at every start. */
  readonly incarnation: number;
  /** The disk id of each peer as met first; another one is refused with `E_MEMBER_WIPED`. */
  readonly peerDisks: ReadonlyMap<MemberId, string>;
}

/** What the operator's flags say that a directory must be. `newDiskId` is used only where the directory is new. */
export interface ExpectedIdentity {
  readonly clusterId: string;
  readonly member: MemberId;
  readonly name: string;
  readonly protocol: string;
  readonly formatVersion: number;
  readonly newDiskId: string;
}

/** The durable place of everything that one member owns. One object per process life. */
export interface Storage {
  /** Locks the place, mints or checks the identity, raises the incarnation and syncs it. First of all calls. */
  open(expected: ExpectedIdentity, done: (identity: Identity | Failure) => void): void;
  /** Durably remembers the disk id of a peer at first contact. */
  rememberPeer(peer: MemberId, diskId: string, done: (failure?: Failure) => void): void;
  /** Usable once `open` completed. */
  readonly journal: Journal;
  readonly snapshots: SnapshotStore;
  /** Closes the journal and releases the lock. */
  close(done: (failure?: Failure) => void): void;
}
