import type { Core, Effects, Index, MemberId, SnapshotMeta, WriteNumber } from '@quorate/interface';
import { payloadOf } from '@quorate/interface';
import type { ClusterInvariants } from './cluster-invariants.ts';
import { formatPayload } from './format.ts';
import { sameBytes, type StoredEntry } from './log-image.ts';
import type { SimulatedJournal } from './simulated-journal.ts';
import type { Observer } from './observation.ts';
import { check } from './trace-error.ts';
import type { Transcript } from './transcript.ts';

/** What an applier reads from and reports to. */
export interface ApplierSetup<M> {
  readonly member: MemberId;
  readonly core: Core<M>;
  readonly journal: SimulatedJournal;
  readonly snapshots: ReadonlyMap<string, SnapshotMeta>;
  /** Gates open within the turn, so that nobody needs to be told. */
  readonly autoSync: boolean;
  readonly invariants: ClusterInvariants;
  readonly transcript: Transcript;
  readonly observe: Observer<M>;
}

/** The state machine of one process: applies what is committed and durable here, in order, and installs snapshots. */
export class Applier<M> {
  readonly #setup: ApplierSetup<M>;
  #applied: Index;
  #ordinal: number;
  /** The commit cursor as the core last gave it, and up to where its gates have opened. */
  #cursor: Index = 0;
  #open: Index = 0;
  #gated: { readonly index: Index; readonly gate: WriteNumber }[] = [];
  #mark: { readonly meta: SnapshotMeta; readonly write: WriteNumber } | undefined;
  /** Own proposals that a client waits for. */
  readonly #awaited = new Map<Index, string>();

  constructor(setup: ApplierSetup<M>) {
    this.#setup = setup;
    const { snapshot } = setup.journal.durable;
    this.#applied = snapshot?.index ?? 0;
    this.#ordinal = snapshot?.ordinal ?? 0;
  }

  get applied(): Index {
    return this.#applied;
  }

  /** Commands delivered so far. */
  get ordinal(): number {
    return this.#ordinal;
  }

  /** Clients of this process wait for these commands. */
  awaits(first: Index, words: readonly string[]): void {
    words.forEach((word, place) => this.#awaited.set(first + place, word));
  }

  /** A batch holds this snapshot mark. */
  marked(meta: SnapshotMeta, write: WriteNumber): void {
    if (meta.index > this.#applied) this.#mark = { meta, write };
  }

  /** The commit cursor of a turn. */
  commit({ index, gate }: Effects<M>['commit']): void {
    const { member, journal, autoSync, transcript } = this.#setup;
    check(index >= this.#cursor, () => `${member} moves its commit back from ${this.#cursor} to ${index}`);
    check(gate <= journal.lastWrite, () => `${member} gates its commit on w${gate}, but has written w${journal.lastWrite}`);
    if (index > this.#cursor) {
      const waits = gate > journal.durableWrite && !autoSync ? `, waits for w${gate}` : '';
      transcript.detail(`${member} commits ${index}${waits}`);
    }
    this.#cursor = index;
    this.#gated.push({ index, gate });
    this.openGates();
  }

  /** A write became durable. */
  openGates(): void {
    const durable = this.#setup.journal.durableWrite;
    for (const { index, gate } of this.#gated) if (gate <= durable) this.#open = Math.max(this.#open, index);
    this.#gated = this.#gated.filter(({ gate }) => gate > durable);
  }

  /** Applies all that may be; returns the new applied index, or undefined where nothing moved. */
  run(): Index | undefined {
    const before = this.#applied;
    this.#install();
    const words: string[] = [];
    while (this.#applied < this.#open) words.push(this.#applyNext());
    if (words.length > 0) this.#setup.transcript.news(`${this.#setup.member} applies ${shorten(words).join(' ')}`);
    return this.#applied > before ? this.#applied : undefined;
  }

  #install(): void {
    const mark = this.#mark;
    const { member, journal, transcript } = this.#setup;
    if (mark === undefined || mark.write > journal.durableWrite || mark.meta.index > this.#open) return;
    this.#mark = undefined;
    if (mark.meta.index <= this.#applied) return;
    this.#applied = mark.meta.index;
    this.#ordinal = mark.meta.ordinal;
    transcript.news(`${member} installs snapshot ${mark.meta.id}`);
  }

  #applyNext(): string {
    const { member, invariants } = this.#setup;
    const entry = this.#entryAt(this.#applied + 1);
    const held = this.#setup.journal.durable.entryAt(entry.index);
    check(
      held !== undefined && held.kind === entry.kind && sameBytes(held.payload, entry.payload),
      () => `${member} commits ${entry.index}, which its own disk does not hold`,
    );
    invariants.delivered(member, entry);
    this.#applied = entry.index;
    if (entry.kind === 'command') this.#ordinal++;
    const text = formatPayload(entry.kind, entry.payload);
    if (this.#awaited.get(entry.index) === text) invariants.acknowledge(entry.index);
    this.#awaited.delete(entry.index);
    this.#setup.observe({ what: 'applied', member, index: entry.index, kind: entry.kind, text });
    return `${entry.index}:${text}`;
  }

  /** From the core's memory or, where it was evicted, from the journal: as the replica does. */
  #entryAt(index: Index): StoredEntry {
    const { member, core, journal } = this.#setup;
    const cached = core.cached(index, 1);
    if (cached === undefined) {
      const stored = journal.written.entryAt(index);
      check(stored !== undefined, () => `${member} commits ${index}, which it does not hold`);
      return stored;
    }
    check(
      cached.first <= index && index < cached.first + cached.count,
      () => `${member}: cached(${index}) gives ${cached.first}`,
    );
    return { index, kind: cached.kind, epoch: cached.epoch, payload: payloadOf(cached, index) };
  }
}

function shorten(words: readonly string[]): readonly string[] {
  return words.length <= 6 ? words : [...words.slice(0, 1), '..', ...words.slice(-1)];
}
