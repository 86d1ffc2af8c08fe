import type { SnapshotReader } from '@quorate/interface';
import { LockDesk } from './locks/lock-desk.ts';
import { LockTable } from './locks/lock-table.ts';
import { Moments, type Recorded } from './moments.ts';
import { SessionBook } from './sessions/session-book.ts';

/** The version of the snapshot's format. */
export const snapshotVersion = 1;

/** All that is replicated. */
export class LockState {
  readonly moments: Moments = new Moments();
  readonly sessions: SessionBook = new SessionBook(this.moments);
  readonly table: LockTable = new LockTable(this.moments);
  readonly desk: LockDesk = new LockDesk(this.table, this.sessions);

  /** Sessions, names in use, what is known of finished requests: each in an order that a restored member keeps. */
  snapshot(): SnapshotReader {
    const { sessions, table } = this;
    const parts: Recorded[] = [...sessions.all(), ...table.all()];
    for (const { id } of sessions.all()) {
      const party = table.party(id);
      if (party?.remembers === true) parts.push(party);
    }
    return this.moments.begin({ kind: 'head', version: snapshotVersion, token: table.token }, parts);
  }
}
