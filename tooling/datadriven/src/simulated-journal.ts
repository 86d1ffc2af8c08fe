import type { JournalBatch, Recovered, WriteNumber } from '@quorate/interface';
import { LogImage, sameEntry, type StoredEntry } from './log-image.ts';

/** A batch that was written and not yet synced. */
interface UnsyncedBatch {
  readonly write: WriteNumber;
  readonly batch: JournalBatch;
}

/** One member's disk: what is durable, and the batches whose fate a crash decides. It outlives the process. */
export class SimulatedJournal {
  #durable = new LogImage();
  /** Durable and unsynced together: what a read of the running process sees. */
  #written = new LogImage();
  #unsynced: UnsyncedBatch[] = [];
  #lastWrite: WriteNumber = 0;
  #durableWrite: WriteNumber = 0;

  append(batch: JournalBatch): WriteNumber {
    this.#lastWrite++;
    this.#unsynced.push({ write: this.#lastWrite, batch: ownCopy(batch) });
    this.#written.apply(batch);
    return this.#lastWrite;
  }

  /** Makes the first `count` unsynced batches durable, or all; returns the last durable number. */
  sync(count: number = this.#unsynced.length): WriteNumber {
    for (const { write, batch } of this.#unsynced.splice(0, count)) {
      this.#durable.apply(batch);
      this.#durableWrite = write;
    }
    return this.#durableWrite;
  }

  /** After a crash: only the first `kept` unsynced batches reached the platter, as a prefix. Returns how many are gone. */
  loseUnsynced(kept: number): number {
    const lost = this.#unsynced.splice(kept).length;
    this.#written = this.#durable.clone();
    for (const { batch } of this.#unsynced) this.#written.apply(batch);
    return lost;
  }

  /** A new process opens the disk: whatever was not lost is there, compaction is carried out, and write numbers begin anew. */
  recover(): Recovered {
    this.sync();
    this.compact();
    this.#lastWrite = 0;
    this.#durableWrite = 0;
    return this.#durable.recovered();
  }

  /** Carries out the compaction that durable batches allow; returns how many entries went. */
  compact(): number {
    this.#written.compact(this.#durable.compactBelow);
    return this.#durable.compact(this.#durable.compactBelow);
  }

  get lastWrite(): WriteNumber {
    return this.#lastWrite;
  }

  get durableWrite(): WriteNumber {
    return this.#durableWrite;
  }

  get unsyncedCount(): number {
    return this.#unsynced.length;
  }

  get durable(): LogImage {
    return this.#durable;
  }

  get written(): LogImage {
    return this.#written;
  }

  /** True where a crash could still lose this entry, or bring back another one in its place. */
  isUnsynced(entry: StoredEntry): boolean {
    const held = this.#durable.entryAt(entry.index);
    return held === undefined || !sameEntry(held, entry);
  }
}

/** A core may reuse the arrays of a batch after the turn; the bytes in it are frozen. */
function ownCopy(batch: JournalBatch): JournalBatch {
  const { hardState } = batch;
  return { ...batch, entries: [...batch.entries], ...(hardState === undefined ? {} : { hardState: hardState.slice() }) };
}
