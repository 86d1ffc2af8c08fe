import { ConfigurationSet } from './configuration-set.ts';
import { EntryList } from './entry-list.ts';
import type { Model, Partition, State } from './model.ts';
import { isUnknown, type Operation } from './operation.ts';

/** What a search found out. */
export interface SearchResult {
  /** `unknown` where the budget ended before the search did. */
  readonly verdict: 'ok' | 'violation' | 'unknown';
  /** How often the model was asked: the same for the same input, on every machine. */
  readonly steps: number;
  /** Places in the partition, in an order that the model accepts: all that returned if `ok`, else the most that was reached. */
  readonly order: readonly number[];
  /** The place of the operation that returned first among those that could not be placed; `undefined` if `ok`. */
  readonly stuck: number | undefined;
}

/**
 * Looks for an order of the operations that the model accepts and real time allows (Wing & Gong), trying no configuration
 * twice (Lowe). An operation of unknown outcome may be placed anywhere after its call, or nowhere. Asks the model at most
 * `maxSteps` times, give or take one configuration.
 *
 * Three rules keep the tree narrow without hiding an order:
 *
 * - An observation that answers rightly is placed at once, and nothing else is tried there: in any order that goes on from
 *   here it can be moved to the front.
 * - An operation of unknown outcome is placed only right before one that needs it. Where the next one gives the same state
 *   without it, or with it afterwards, it is moved back or left out; so writes that nobody saw cost nothing.
 * - Of unknown ones that the model cannot tell apart, those called first are placed first; and a configuration that used up
 *   more of them than another, and is the same otherwise, is not tried after it.
 */
export function search<S extends State, I, O>(
  model: Model<S, I, O>,
  partition: Partition<S, I, O>,
  maxSteps: number,
): SearchResult {
  const finder = new Search(model, partition);
  const verdict = finder.run(maxSteps);
  return { verdict, steps: finder.steps, order: finder.order(), stuck: verdict === 'ok' ? undefined : finder.stuck() };
}

/** In place of the number of a state: the model refused. */
const refused = -1;

/**
 * The state of one search. Operations that returned are numbered by their calls, 0 … `known` − 1, those of unknown outcome
 * by theirs, from `known` on.
 */
class Search<S extends State, I, O> {
  steps = 0;
  private readonly model: Model<S, I, O>;
  private readonly operations: readonly Operation<I, O>[];
  private readonly places: readonly number[];
  private readonly known: number;
  private readonly entries: EntryList;
  private readonly observations: Uint8Array;
  /** For each unknown operation, the last one before it that is interchangeable with it, or −1. */
  private readonly twins: Int32Array;
  private readonly seen: ConfigurationSet;
  /** A number for each operation that returned; those of the placed ones, exclusive-ored, are the hash of the set. */
  private readonly marks: Int32Array;
  private readonly placed: Uint32Array;
  private readonly placedUnknown: Uint32Array;
  private hash = 0;
  /** The first operation that returned and is not placed. */
  private low = 0;
  /** The last one that is placed, or −1. */
  private high = -1;
  private placedKnown = 0;
  /** States by number; equal states have one number. */
  private readonly states: S[] = [];
  private readonly numbers = new Map<string | number, number>();
  private state: number;
  /** The placed operations in their order, each with the state, `low` and `high` before it. */
  private readonly stack: Int32Array;
  private depth = 0;
  /** Where the search goes on: an entry of the list, then a number among the unknown. */
  private cursor: number;
  private unknownCursor: number;
  private fresh = true;
  private best: number[] = [];
  private bestKnown = -1;
  private bestStuck = 0;
  /** How much of `best` is still the bottom of the stack. */
  private shared = 0;

  constructor(model: Model<S, I, O>, partition: Partition<S, I, O>) {
    this.model = model;
    const places = Array.from(partition.operations.keys());
    // Where everything returned, there is nothing to gain from it.
    const operations = partition.operations.some(isUnknown)
      ? (model.unify?.(partition.operations) ?? partition.operations)
      : partition.operations;
    const at = (place: number): Operation<I, O> => operations[place] as Operation<I, O>;
    places.sort((a, b) => Number(isUnknown(at(a))) - Number(isUnknown(at(b))) || at(a).call - at(b).call || a - b);
    this.places = places;
    this.operations = places.map(at);
    const unknown = this.operations.findIndex(isUnknown);
    this.known = unknown === -1 ? places.length : unknown;
    this.twins = twinsOf(this.operations, this.known);
    this.entries = new EntryList(this.operations.slice(0, this.known));
    this.observations = Uint8Array.from(this.operations, ({ input, output }) => Number(model.isObservation(input, output)));
    this.placed = new Uint32Array((this.known >>> 5) + 1);
    this.placedUnknown = new Uint32Array((places.length - this.known + 31) >>> 5);
    this.seen = new ConfigurationSet(this.placedUnknown.length);
    this.marks = Int32Array.from({ length: this.known }, (_, number) => mix(number + 1));
    this.stack = new Int32Array(4 * places.length);
    this.state = this.numberOf(partition.initial);
    this.cursor = this.entries.next[this.entries.end] as number;
    this.unknownCursor = this.known;
  }

  run(maxSteps: number): SearchResult['verdict'] {
    while (this.placedKnown < this.known) {
      if (this.steps > maxSteps) {
        this.keepBest();
        return 'unknown';
      }
      if (this.advance()) {
        this.cursor = this.entries.next[this.entries.end] as number;
        this.unknownCursor = this.known;
        this.fresh = true;
      } else if (!this.backtrack()) return 'violation';
    }
    this.keepBest();
    return 'ok';
  }

  order(): readonly number[] {
    return this.best.map((operation) => this.places[operation] as number);
  }

  stuck(): number {
    return this.places[this.bestStuck] as number;
  }

  /** Places one more operation; false where none is left to try here. */
  private advance(): boolean {
    if (this.fresh) {
      this.fresh = false;
      if (this.placeObservation()) return true;
    }
    const { next } = this.entries;
    while (this.cursor < this.known) {
      const operation = this.cursor;
      this.cursor = next[operation] as number;
      if (this.place(operation, this.stepTo(this.state, operation))) return true;
    }
    const limit = (this.operations[this.cursor - this.known] as Operation<I, O>).return;
    while (this.unknownCursor < this.operations.length) {
      const operation = this.unknownCursor++;
      if ((this.operations[operation] as Operation<I, O>).call > limit) break;
      // Of interchangeable ones, those called first are used first.
      const twin = this.twins[operation - this.known] as number;
      if (twin !== -1 && !this.isPlacedUnknown(twin)) continue;
      if (!this.isPlacedUnknown(operation) && this.placeUnknown(operation)) return true;
    }
    return false;
  }

  /** Places an observation, if there is one that answers rightly; then nothing else need be tried here. */
  private placeObservation(): boolean {
    const { next } = this.entries;
    for (let entry = next[this.entries.end] as number; entry < this.known; entry = next[entry] as number) {
      if (this.observations[entry] === 0) continue;
      if (this.stepTo(this.state, entry) !== this.state || this.isNeedless(entry, this.state)) continue;
      // Whether or not this configuration is new, its siblings lead nowhere that it does not.
      this.cursor = this.entries.firstReturn();
      this.unknownCursor = this.operations.length;
      return this.place(entry, this.state);
    }
    return false;
  }

  private place(operation: number, after: number): boolean {
    if (after === refused || this.isNeedless(operation, after)) return false;
    const { low, high } = this;
    const word = operation >>> 5;
    this.placed[word] = ((this.placed[word] as number) | (1 << (operation & 31))) >>> 0;
    this.hash ^= this.marks[operation] as number;
    if (operation > high) this.high = operation;
    if (operation === low) this.low = this.firstNotPlaced();
    const from = this.low >>> 5;
    const hash = mix(this.hash ^ Math.imul(after, 0x9e3779b1));
    if (this.seen.add(hash, after, this.placed, from, Math.max(from, this.high >>> 5), this.placedUnknown)) {
      this.entries.lift(operation);
      this.placedKnown++;
      this.push(operation, low, high, after);
      return true;
    }
    this.unmark(operation, low, high);
    return false;
  }

  /** Configurations that end in an unknown operation are not remembered: what may follow depends on what was before. */
  private placeUnknown(operation: number): boolean {
    const after = this.stepTo(this.state, operation);
    if (after === refused || after === this.state || this.isNeedless(operation, after)) return false;
    this.toggleUnknown(operation);
    this.push(operation, this.low, this.high, after);
    return true;
  }

  /** Whether the operation placed last is unknown, and this one leads to the same state with it left out or moved behind. */
  private isNeedless(operation: number, after: number): boolean {
    if (this.depth === 0) return false;
    const top = 4 * (this.depth - 1);
    const last = this.stack[top] as number;
    if (last < this.known) return false;
    const without = this.stepTo(this.stack[top + 1] as number, operation);
    if (without === refused) return false;
    if (without === after) return true;
    // Of two unknown ones whose order makes no difference, the one with the smaller number goes first.
    if (operation >= this.known && last < operation) return false;
    return this.stepTo(without, last) === after;
  }

  /** Takes the last operation back and goes on behind it; false where nothing is left. */
  private backtrack(): boolean {
    this.keepBest();
    if (this.depth === 0) return false;
    const top = 4 * --this.depth;
    const operation = this.stack[top] as number;
    const before = this.stack[top + 1] as number;
    if (this.depth < this.shared) this.shared = this.depth;
    if (operation < this.known) {
      this.entries.restore(operation);
      this.placedKnown--;
      this.unmark(operation, this.stack[top + 2] as number, this.stack[top + 3] as number);
      // An observation was placed in the name of all that could be placed here.
      const wasObservation = before === this.state && this.observations[operation] === 1;
      this.cursor = wasObservation ? this.entries.firstReturn() : (this.entries.next[operation] as number);
      this.unknownCursor = wasObservation ? this.operations.length : this.known;
    } else {
      this.toggleUnknown(operation);
      this.cursor = this.entries.firstReturn();
      this.unknownCursor = operation + 1;
    }
    this.state = before;
    this.fresh = false;
    return true;
  }

  private push(operation: number, low: number, high: number, after: number): void {
    const top = 4 * this.depth++;
    this.stack[top] = operation;
    this.stack[top + 1] = this.state;
    this.stack[top + 2] = low;
    this.stack[top + 3] = high;
    this.state = after;
  }

  private unmark(operation: number, low: number, high: number): void {
    const word = operation >>> 5;
    this.placed[word] = ((this.placed[word] as number) & ~(1 << (operation & 31))) >>> 0;
    this.hash ^= this.marks[operation] as number;
    this.low = low;
    this.high = high;
  }

  private toggleUnknown(operation: number): void {
    const bit = operation - this.known;
    this.placedUnknown[bit >>> 5] = ((this.placedUnknown[bit >>> 5] as number) ^ (1 << (bit & 31))) >>> 0;
  }

  private isPlacedUnknown(operation: number): boolean {
    const bit = operation - this.known;
    return (((this.placedUnknown[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  private firstNotPlaced(): number {
    let operation = this.low + 1;
    while (operation < this.known && (((this.placed[operation >>> 5] as number) >>> (operation & 31)) & 1) === 1) operation++;
    return operation;
  }

  /** The number of the state after an operation, or `refused`. */
  private stepTo(from: number, operation: number): number {
    this.steps++;
    const state = this.states[from] as S;
    const { input, output } = this.operations[operation] as Operation<I, O>;
    const after = this.model.step(state, input, output);
    if (after === undefined) return refused;
    return after === state ? from : this.numberOf(after);
  }

  private numberOf(state: S): number {
    const key = this.model.key(state);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.states.length);
    return this.states.push(state) - 1;
  }

  /** Remembers the stack if no other placed as many operations that returned; copies only what changed since the last time. */
  private keepBest(): void {
    if (this.placedKnown <= this.bestKnown) return;
    this.bestKnown = this.placedKnown;
    // Unknown ones at the end explain nothing.
    let depth = this.depth;
    while (depth > 0 && (this.stack[4 * (depth - 1)] as number) >= this.known) depth--;
    this.best.length = Math.min(this.shared, depth);
    for (let place = this.best.length; place < depth; place++) this.best.push(this.stack[4 * place] as number);
    this.shared = depth;
    if (this.placedKnown < this.known) this.bestStuck = this.entries.firstReturn() - this.known;
  }
}

function twinsOf(operations: readonly Operation<unknown, unknown>[], known: number): Int32Array {
  const last = new Map<unknown, number>();
  return Int32Array.from({ length: operations.length - known }, (_, place) => {
    const { input } = operations[known + place] as Operation<unknown, unknown>;
    const twin = typeof input === 'object' ? (last.get(input) ?? -1) : -1;
    last.set(input, known + place);
    return twin;
  });
}

/** Scatters the bits of an integer (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
