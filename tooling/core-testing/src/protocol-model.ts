import type { EntryBatch, Index, JournalBatch, RoleChange, SnapshotMeta } from '@quorate/interface';

/** What a journal holds: kept one entry at a time, so that it can be read off without trust in the core's own view. */
export interface JournalContents {
  readonly entries: Map<Index, EntryBatch>;
  snapshot: SnapshotMeta | undefined;
  hardState: Uint8Array | undefined;
  commit: Index;
  compactBelow: Index;
}

/** What a network remembers of everything that was ever applied or led. */
export interface Ledger {
  /** Committed entries, as the first member to apply each one saw it. */
  readonly committed: ReadonlyMap<Index, string>;
  /** Who led, by epoch: what is remembered is up to the protocol's model. */
  readonly leaders: Map<string, number>;
}

/** A member that became leader. */
export interface NewLeader {
  readonly id: number;
  /** The number of its life. */
  readonly incarnation: number;
  readonly firstIndex: Index;
  /** The kind and the text of what it holds at an index, durable or not. */
  keyAt(index: Index): string | undefined;
}

/** What must hold under one protocol, beside what must hold under all. The checks throw where it does not. */
export interface ProtocolModel {
  /** A write, before it is made; `contents` is what the journal would hold if all earlier writes were durable. */
  readonly checkWrite: (contents: JournalContents, batch: JournalBatch) => void;
  /** A change of role in which a member leads. */
  readonly checkLeader: (ledger: Ledger, member: NewLeader, role: RoleChange) => void;
  /** On how many members a committed entry must at least be, in a healed cluster with that many voters. */
  readonly holdersOf: (voters: number) => number;
}

/** One leader per epoch, whose log is everybody's: Raft (figure 3) and ZAB (§III). */
export const primaryOrder: ProtocolModel = {
  checkWrite: ({ commit }, { truncateFrom: cut, snapshotMark }) => {
    if (cut !== undefined && cut <= commit && snapshotMark === undefined) throw new Error('a committed entry was cut');
  },
  checkLeader: ({ committed, leaders }, member, { settled, epoch: { round } }) => {
    if (settled) return; // It was looked at when it was elected.
    // Raft: Election Safety. ZAB: a quorum sends its ACK-E to one member only.
    const other = leaders.get(`${round}`);
    if (other !== undefined && other !== member.id) throw new Error(`members ${other} and ${member.id} lead epoch ${round}`);
    leaders.set(`${round}`, member.id);
    // Raft: Leader Completeness. ZAB: the initial history of an epoch.
    for (const [index, key] of committed)
      if (index >= member.firstIndex && member.keyAt(index) !== key)
        throw new Error(`member ${member.id} leads and lacks the committed entry ${index}`);
  },
  holdersOf: (voters) => Math.floor(voters / 2) + 1,
};
