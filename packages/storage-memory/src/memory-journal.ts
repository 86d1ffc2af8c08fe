import { at, countWithin, invariant, payloadBytes, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Failure, Host, IndexRange, Journal, JournalBatch, Recovered, WriteNumber } from '@quorate/interface';
import { applyBatch } from './memory-medium.ts';
import type { MemoryContent } from './memory-medium.ts';

/** When a sync completes: before `flush` returns, or at the end of the turn. */
export type MemorySync = 'inline' | 'turn';

/** A journal over the content of a medium. `life`: the owner's; once the medium has another, nothing completes any more. */
export function createMemoryJournal(
  content: MemoryContent,
  options: { readonly sync: MemorySync; readonly host: Pick<Host, 'endOfTurn'> },
): Journal {
  return new MemoryJournal(content, options);
}

class MemoryJournal implements Journal {
  onDurable: (write: WriteNumber) => void = () => undefined;
  onFailure: (failed: Failure) => void = () => undefined;
  readonly #content: MemoryContent;
  readonly #sync: MemorySync;
  readonly #host: Pick<Host, 'endOfTurn'>;
  readonly #life: number;
  #queue: JournalBatch[] = [];
  #lastWrite: WriteNumber = 0;
  #durableWrite: WriteNumber = 0;
  #syncs = 0;
  #pending = false;
  #wanted = false;
  #closed = false;

  constructor(content: MemoryContent, options: { readonly sync: MemorySync; readonly host: Pick<Host, 'endOfTurn'> }) {
    this.#content = content;
    this.#sync = options.sync;
    this.#host = options.host;
    this.#life = content.life;
  }

  open(done: (result: Recovered | Failure) => void): void {
    const { hardState, snapshot, commit, log } = this.#content;
    const all = { from: log.below, to: log.last };
    const configs = log.slice(all).filter(({ kind }) => kind === 'config');
    const tail = log.slice({ from: Math.max(commit + 1, log.below), to: log.last });
    done({ hardState, snapshot, commit, runs: log.epochs(), tail, configs, damaged: [] });
  }

  append(batch: JournalBatch): WriteNumber {
    invariant(!this.#closed, 'append needs an open journal');
    this.#queue.push(batch);
    return ++this.#lastWrite;
  }

  flush(): void {
    this.#wanted = true;
    if (this.#pending || this.#queue.length === 0) return;
    this.#pending = true;
    if (this.#sync === 'turn') this.#host.endOfTurn(this.#complete);
    else this.#complete();
  }

  read(range: IndexRange, maxBytes: number, done: (entries: readonly EntryBatch[] | 'compacted' | Failure) => void): void {
    const { log } = this.#content;
    if (range.from < log.below) return done('compacted');
    const found: EntryBatch[] = [];
    let left = maxBytes;
    for (const run of log.slice(range)) {
      const count = countWithin(run, run.first, left);
      const part = sliceEntries(run, run.first, run.first + count - 1);
      if (found.length > 0 && payloadBytes(part) > left) break;
      left -= payloadBytes(part);
      found.push(part);
      if (count < run.count) break;
    }
    done(found);
  }

  grownBytes(): number {
    return this.#content.grownBytes;
  }

  stats(): Readonly<Record<string, number | string>> {
    return { batches: this.#durableWrite, syncs: this.#syncs, grownBytes: this.#content.grownBytes, syncMode: 'memory' };
  }

  close(done: (failed?: Failure) => void): void {
    if (!this.#closed && this.#alive()) this.#drain();
    this.#closed = true;
    done();
  }

  readonly #complete = (): void => {
    // Completions of this call that flush again come back to this loop.
    do {
      this.#wanted = false;
      if (!this.#alive() || this.#closed) return;
      this.#drain();
    } while (this.#wanted && this.#queue.length > 0 && this.#sync === 'inline');
    this.#pending = false;
    if (this.#wanted) this.flush();
  };

  #drain(): void {
    const batches = this.#queue;
    if (batches.length === 0) return;
    this.#queue = [];
    for (let i = 0; i < batches.length; i++) applyBatch(this.#content, at(batches, i));
    this.#durableWrite += batches.length;
    this.#syncs++;
    this.onDurable(this.#durableWrite);
  }

  #alive(): boolean {
    return this.#life === this.#content.life;
  }
}
