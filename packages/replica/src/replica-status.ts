import type { CoreStatus, Identity, Index, LinkKind, MemberId, RoleChange } from '@quorate/interface';

/** The life of a member. */
export type ReplicaState = 'created' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed';

/** A reading of a member, for operators, health checks, metrics and tests. A copy; costs a few allocations. */
export interface ReplicaStatus {
  readonly state: ReplicaState;
  /** Undefined before the storage is open. */
  readonly identity: Identity | undefined;
  /** Undefined before the recovered entries are applied. */
  readonly core: CoreStatus | undefined;
  readonly role: RoleChange | undefined;
  readonly leader: MemberId | undefined;
  /** This member leads and accepts proposals. */
  readonly ready: boolean;
  /** This member leads and everything an earlier leader may have committed is applied here. */
  readonly settled: boolean;
  readonly applied: Index;
  /** Commands delivered up to `applied`. */
  readonly ordinal: number;
  readonly clusterMs: number;
  /** The number of the newest tenure that was applied; 0: the state machine has no duties, or no leader began one yet. */
  readonly tenure: number;
  readonly links: readonly LinkStatus[];
  /** Why there is no link to a member, as far as this one was told. */
  readonly troubles: readonly LinkTrouble[];
  readonly sessions: number;
  readonly queues: ReplicaQueues;
  readonly snapshot: SnapshotProgress;
  readonly journal: Readonly<Record<string, number | string>>;
  readonly counters: Readonly<ReplicaCounters>;
  /** Messages of the core that were handed to links since the start of the process, by kind; one for each receiver. */
  readonly messagesOut: Readonly<Record<string, number>>;
}

/** One link that is up. */
export interface LinkStatus {
  readonly peer: MemberId;
  readonly kind: LinkKind;
  readonly queuedBytes: number;
  readonly gatedBytes: number;
}

/** The last trouble with a member that no link leads to. */
export interface LinkTrouble {
  readonly peer: MemberId;
  /** The printed name, such as `E_UNREACHABLE`; undefined where the link ended and no reason with a name was told. */
  readonly code: string | undefined;
  /** The peer met this member with another disk and refuses it. */
  readonly wiped: boolean;
}

/** What waits inside the member. */
export interface ReplicaQueues {
  /** Own commands without an answer, and their bytes. */
  readonly inFlight: number;
  readonly inFlightBytes: number;
  /** Those of them that no leader was given yet. */
  readonly waiting: number;
  readonly reads: number;
  /** Entries committed and not yet applied. */
  readonly unapplied: number;
  /** Clients that are linked. */
  readonly clientLinks: number;
  /** What waits for the disk before it may leave, for that member for which it is most. */
  readonly gatedBytes: number;
}

/** The snapshot that is current, and the work on another one. Bytes. */
export interface SnapshotProgress {
  readonly index: Index;
  readonly bytes: number;
  readonly doing: 'nothing' | 'taking' | 'pulling' | 'restoring';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Counted since the start of the process. */
export interface ReplicaCounters {
  turns: number;
  submitted: number;
  /** Commands handed to the own core, own and forwarded ones. */
  proposed: number;
  /** Own commands handed to another member. */
  forwarded: number;
  /** Commands found at apply that were answered here. */
  answered: number;
  refused: number;
  timedOut: number;
  overloaded: number;
  applied: number;
  /** Session commands answered from the table. */
  duplicates: number;
  /** Commands of a tenure that was over. */
  voided: number;
  reads: number;
  readRounds: number;
  framesIn: number;
  framesOut: number;
  /** Bytes of frames handed to links to members, without what the transport adds. */
  memberBytesOut: number;
  malformed: number;
  linksRefused: number;
  snapshotsTaken: number;
  snapshotsReceived: number;
  /** The latest that a timer ever fired, and how often by more than 100 ms. */
  worstLatenessMs: number;
  lateTurns: number;
}

/** All zero. */
export function newCounters(): ReplicaCounters {
  return {
    turns: 0,
    submitted: 0,
    proposed: 0,
    forwarded: 0,
    answered: 0,
    refused: 0,
    timedOut: 0,
    overloaded: 0,
    applied: 0,
    duplicates: 0,
    voided: 0,
    reads: 0,
    readRounds: 0,
    framesIn: 0,
    framesOut: 0,
    memberBytesOut: 0,
    malformed: 0,
    linksRefused: 0,
    snapshotsTaken: 0,
    snapshotsReceived: 0,
    worstLatenessMs: 0,
    lateTurns: 0,
  };
}
