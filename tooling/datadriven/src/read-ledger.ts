import type { Index, MemberId, ReadResult } from '@quorate/interface';
import type { ClusterInvariants } from './cluster-invariants.ts';
import { formatPayload } from './format.ts';
import { check } from './trace-error.ts';
import type { Transcript } from './transcript.ts';

interface OpenRead {
  readonly name: string;
  /** What was acknowledged to a client before this read began. */
  readonly floor: Index;
  found: ReadResult | undefined;
}

/** What a ledger of reads reports to. */
export interface ReadLedgerSetup {
  readonly member: MemberId;
  readonly invariants: ClusterInvariants;
  readonly transcript: Transcript;
  now(): number;
}

/** The reads of one process, from the question to the answer. */
export class ReadLedger {
  readonly #setup: ReadLedgerSetup;
  readonly #open = new Map<number, OpenRead>();
  #contexts = 0;
  #applied: Index = 0;

  constructor(setup: ReadLedgerSetup) {
    this.#setup = setup;
  }

  /** A new read; the context is unique in this process. */
  begin(name: string): number {
    this.#contexts++;
    this.#open.set(this.#contexts, { name, floor: this.#setup.invariants.readFloor, found: undefined });
    return this.#contexts;
  }

  /** The core found the read point, or failed to. */
  found(result: ReadResult): void {
    const { member, transcript } = this.#setup;
    const { context, index, method } = result;
    const read = this.#open.get(context);
    check(read !== undefined && read.found === undefined, () => `${member} answers read context ${context} which is not open`);
    if (index === undefined) {
      this.#open.delete(context);
      transcript.news(`${member} fails read ${read.name}`);
      return;
    }
    transcript.detail(`${member} has read point ${index} for ${read.name} (${method})`);
    read.found = { ...result };
    this.#answer();
  }

  /** The state at `index` is here. */
  applied(index: Index): void {
    this.#applied = index;
    this.#answer();
  }

  #answer(): void {
    const { member, transcript } = this.#setup;
    for (const [context, read] of this.#open) {
      const { name, found } = read;
      if (found?.index === undefined || found.index > this.#applied) continue;
      this.#open.delete(context);
      // A lease is looked at again right before the answer.
      if (this.#setup.now() > found.validUntil) transcript.news(`${member} cannot answer read ${name}: the lease is over`);
      else transcript.news(`${member} answers read ${name} from ${this.#seen(read)}`);
    }
  }

  #seen({ name, floor }: OpenRead): string {
    const { member, invariants } = this.#setup;
    const applied = this.#applied;
    check(applied >= floor, () => `${member} answers read ${name} at ${applied}, but ${floor} was acknowledged before it began`);
    const last = invariants.deliveredAt(applied);
    return last === undefined ? 'nothing' : `${last.index}:${formatPayload(last.kind, last.payload)}`;
  }
}
