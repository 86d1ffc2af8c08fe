import { isFailure } from '@quorate/interface';
import type { Journal, Storage, WriteNumber } from '@quorate/interface';
import type { Ledger, MemberRecord } from './ledger.ts';
import { checkRead } from './read-check.ts';

/** The same storage, seen by the ledger. */
export function watchedStorage(storage: Storage, ledger: Ledger, record: MemberRecord): Storage {
  let journal: Journal | undefined;
  return {
    open: (expected, done) => storage.open(expected, done),
    rememberPeer: (peer, diskId, done) => storage.rememberPeer(peer, diskId, done),
    get journal() {
      journal ??= new WatchedJournal(storage.journal, ledger, record);
      return journal;
    },
    get snapshots() {
      return storage.snapshots;
    },
    close: (done) => storage.close(done),
  };
}

class WatchedJournal implements Journal {
  private readonly journal: Journal;
  private readonly ledger: Ledger;
  private readonly record: MemberRecord;
  private lastWrite: WriteNumber = 0;
  private durableListener: Journal['onDurable'] = () => undefined;

  constructor(journal: Journal, ledger: Ledger, record: MemberRecord) {
    this.journal = journal;
    this.ledger = ledger;
    this.record = record;
  }

  open(done: Parameters<Journal['open']>[0]): void {
    this.journal.open((result) => {
      if (!isFailure(result)) this.ledger.recovered(this.record, result);
      done(result);
    });
  }

  append(batch: Parameters<Journal['append']>[0]): WriteNumber {
    // Told first: a journal may complete within the call.
    this.lastWrite += 1;
    this.ledger.appended(this.record, batch, this.lastWrite);
    const write = this.journal.append(batch);
    if (write !== this.lastWrite)
      this.ledger.violate('I-13', `member ${this.record.id}: batch ${this.lastWrite} was numbered ${write}`);
    return write;
  }

  flush(): void {
    this.journal.flush();
  }

  get onDurable(): Journal['onDurable'] {
    return this.durableListener;
  }

  set onDurable(listener: Journal['onDurable']) {
    this.durableListener = listener;
    this.journal.onDurable = (write) => {
      this.ledger.durable(this.record, write);
      listener(write);
    };
  }

  get onFailure(): Journal['onFailure'] {
    return this.journal.onFailure;
  }

  set onFailure(listener: Journal['onFailure']) {
    this.journal.onFailure = listener;
  }

  read(range: Parameters<Journal['read']>[0], maxBytes: number, done: Parameters<Journal['read']>[2]): void {
    this.journal.read(range, maxBytes, (entries) => {
      checkRead(entries, range, { ledger: this.ledger, record: this.record });
      done(entries);
    });
  }

  grownBytes(): number {
    return this.journal.grownBytes();
  }

  stats(): ReturnType<Journal['stats']> {
    return this.journal.stats();
  }

  close(done: Parameters<Journal['close']>[0]): void {
    this.journal.close(done);
  }
}
