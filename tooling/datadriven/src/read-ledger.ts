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

/** The reads of one process, from the question to the answer. */
export class ReadLedger {
  readonly #member: MemberId;
  readonly #invariants: ClusterInvariants;
  readonly #transcript: Transcript;
  readonly #open = new Map<number, OpenRead>();
  #contexts = 0;
  #applied: Index = 0;

  constructor(member: MemberId, invariants: ClusterInvariants, transcript: Transcript) {
    this.#member = member;
    this.#invariants = invariants;
    this.#transcript = transcript;
  }

  /** A new read; the context is unique in this process. */
  begin(name: string): number {
    this.#contexts++;
    this.#open.set(this.#contexts, { name, floor: this.#invariants.readFloor, found: undefined });
    return this.#contexts;
  }

  /** The core found the read point, or failed to. */
  found(result: ReadResult): void {
    const { context, index, method } = result;
    const read = this.#open.get(context);
    check(
      read !== undefined && read.found === undefined,
      () => `${this.#member} answers read context ${context} which is not open`,
    );
    if (index === undefined) {
      this.#open.delete(context);
      this.#transcript.news(`${this.#member} fails read ${read.name}`);
      return;
    }
    this.#transcript.detail(`${this.#member} has read point ${index} for ${read.name} (${method})`);
    read.found = { ...result };
    this.#answer();
  }

  /** The state at `index` is here. */
  applied(index: Index): void {
    this.#applied = index;
    this.#answer();
  }

  #answer(): void {
    for (const [context, { name, floor, found }] of this.#open) {
      if (found?.index === undefined || found.index > this.#applied) continue;
      this.#open.delete(context);
      check(
        this.#applied >= floor,
        () => `${this.#member} answers read ${name} at ${this.#applied}, but ${floor} was acknowledged before it began`,
      );
      const last = this.#invariants.deliveredAt(this.#applied);
      const seen = last === undefined ? 'nothing' : `${last.index}:${formatPayload(last.kind, last.payload)}`;
      this.#transcript.news(`${this.#member} answers read ${name} from ${seen}`);
    }
  }
}
