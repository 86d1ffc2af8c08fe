import { at, invariant } from '@quorate/interface';
import type { ConsensusError } from '@quorate/interface';
import type { Done } from './replica.ts';

/** Takes answers for many commands, each under the token given with it: no closure per command. */
export interface ReplySink {
  answer(token: number, error: ConsensusError | undefined, result: Uint8Array | undefined): void;
}

/** Who waits for an answer. */
export type Receiver = Done | ReplySink;

/** States of a place in the ring. `waiting`: no leader has it. `handed`: some core or another member has it. */
export const waiterStates = { free: 0, waiting: 1, handed: 2 } as const;

/** What is known of a waiter beside its state. */
export const waiterFlags = {
  /** In a session, so that it may be handed over again after its fate became unknown. */
  session: 1,
  /** Its bytes were given to somebody once: another stamp needs a copy of them. */
  shared: 2,
  /** An earlier copy may still take effect. */
  unknown: 4,
  /** Of this member's tenure: never handed to another member. */
  tenured: 8,
} as const;

/** A command to wait for; `chunk` holds the wrapped command at `start`. */
export interface NewWaiter {
  readonly receiver: Receiver;
  readonly token: number;
  readonly deadlineMs: number;
  readonly flags: number;
  readonly chunk: Uint8Array;
  readonly start: number;
  readonly length: number;
}

/** A waiter that the ring went past: handed over long ago, and waiting for apply or its deadline. */
interface Straggler {
  readonly receiver: Receiver;
  readonly token: number;
  readonly deadlineMs: number;
  readonly bytes: number;
}

const smallest = 1024;

/**
 * Own commands without an answer, by sequence: dense numbers, so a ring of columns instead of an object or a map entry each.
 * A command that is still unanswered when the ring comes round moves to a map. Both together are bounded by `capacity`.
 */
export class Waiters {
  /** Nothing below is in the ring. */
  lowest = 1;
  /** The next sequence. */
  next = 1;
  pending = 0;
  bytes = 0;
  states: Uint8Array = new Uint8Array(smallest);
  flags: Uint8Array = new Uint8Array(smallest);
  starts: Uint32Array = new Uint32Array(smallest);
  lengths: Uint32Array = new Uint32Array(smallest);
  chunks: (Uint8Array | undefined)[] = Array.from({ length: smallest }, () => undefined);
  mask: number = smallest - 1;
  private deadlines = new Float64Array(smallest);
  private tokens = new Float64Array(smallest);
  private receivers: (Receiver | undefined)[] = Array.from({ length: smallest }, () => undefined);
  private readonly stragglers = new Map<number, Straggler>();
  private readonly capacity: number;
  /** No deadline of a waiter is earlier; it may be an answered one's. */
  private earliestMs = Number.POSITIVE_INFINITY;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get full(): boolean {
    if (this.pending >= this.capacity) return true;
    return this.next - this.lowest > this.mask && this.mask + 1 >= this.capacity && !this.canPass();
  }

  get earliestDeadlineMs(): number {
    return this.pending === 0 ? Number.POSITIVE_INFINITY : this.earliestMs;
  }

  /** Takes `next` as the sequence of a new command. Ask `full` before. */
  add(waiter: NewWaiter): void {
    const sequence = this.next;
    if (sequence - this.lowest > this.mask) this.makeRoom();
    const slot = sequence & this.mask;
    invariant(this.states[slot] === waiterStates.free, 'the place of a new command is taken');
    this.states[slot] = waiterStates.waiting;
    this.flags[slot] = waiter.flags;
    this.starts[slot] = waiter.start;
    this.lengths[slot] = waiter.length;
    this.chunks[slot] = waiter.chunk;
    this.deadlines[slot] = waiter.deadlineMs;
    this.tokens[slot] = waiter.token;
    this.receivers[slot] = waiter.receiver;
    this.next = sequence + 1;
    this.pending += 1;
    this.bytes += waiter.length;
    if (this.pending === 1 || waiter.deadlineMs < this.earliestMs) this.earliestMs = waiter.deadlineMs;
  }

  has(sequence: number): boolean {
    if (sequence >= this.next) return false;
    if (sequence < this.lowest) return this.stragglers.has(sequence);
    return this.states[sequence & this.mask] !== waiterStates.free;
  }

  /** True where another copy than the one at hand may still take effect. Ask `has` before. */
  isUnknown(sequence: number): boolean {
    // What the ring went past has no flags any more: nothing definite is known of it.
    return sequence < this.lowest || (at(this.flags, sequence & this.mask) & waiterFlags.unknown) !== 0;
  }

  /** Answers and forgets a command; nothing happens where nobody waits for it any more. */
  answer(sequence: number, error: ConsensusError | undefined, result: Uint8Array | undefined): void {
    if (sequence >= this.next) return;
    if (sequence < this.lowest) {
      const straggler = this.stragglers.get(sequence);
      if (straggler === undefined) return;
      this.stragglers.delete(sequence);
      this.pending -= 1;
      this.bytes -= straggler.bytes;
      deliver(straggler.receiver, straggler.token, error, result);
      return;
    }
    const slot = sequence & this.mask;
    if (this.states[slot] === waiterStates.free) return;
    const receiver = this.receivers[slot] as Receiver;
    const token = at(this.tokens, slot);
    this.free(slot);
    deliver(receiver, token, error, result);
  }

  /** Calls `late` for every command whose deadline has passed. Costs a pass over the ring, but only when the earliest deadline passed. */
  expire(now: number, late: (sequence: number) => void): void {
    if (now < this.earliestMs || this.pending === 0) return;
    let earliest = Number.POSITIVE_INFINITY;
    const overdue: number[] = [];
    for (let sequence = this.lowest; sequence < this.next; sequence++) {
      const slot = sequence & this.mask;
      if (this.states[slot] === waiterStates.free) continue;
      const deadline = at(this.deadlines, slot);
      if (deadline <= now) overdue.push(sequence);
      else if (deadline < earliest) earliest = deadline;
    }
    for (const [sequence, { deadlineMs }] of this.stragglers) {
      if (deadlineMs <= now) overdue.push(sequence);
      else if (deadlineMs < earliest) earliest = deadlineMs;
    }
    this.earliestMs = earliest;
    for (const sequence of overdue) late(sequence);
  }

  /** Every sequence that waits for an answer, oldest first. */
  all(): readonly number[] {
    const sequences = [...this.stragglers.keys()];
    for (let sequence = this.lowest; sequence < this.next; sequence++) if (this.has(sequence)) sequences.push(sequence);
    return sequences;
  }

  private free(slot: number): void {
    this.states[slot] = waiterStates.free;
    this.pending -= 1;
    this.bytes -= at(this.lengths, slot);
    this.chunks[slot] = undefined;
    this.receivers[slot] = undefined;
    while (this.lowest < this.next && this.states[this.lowest & this.mask] === waiterStates.free) this.lowest += 1;
  }

  private canPass(): boolean {
    return this.states[this.lowest & this.mask] === waiterStates.handed;
  }

  private makeRoom(): void {
    if (this.mask + 1 < this.capacity) {
      this.grow();
      return;
    }
    const slot = this.lowest & this.mask;
    invariant(this.states[slot] === waiterStates.handed, 'only a command that was handed over is passed by the ring');
    this.stragglers.set(this.lowest, {
      receiver: this.receivers[slot] as Receiver,
      token: at(this.tokens, slot),
      deadlineMs: at(this.deadlines, slot),
      bytes: at(this.lengths, slot),
    });
    this.pending += 1;
    this.bytes += at(this.lengths, slot);
    this.free(slot);
  }

  private grow(): void {
    const size = (this.mask + 1) * 2;
    const { mask, states, flags, starts, lengths, deadlines, tokens, chunks, receivers } = this;
    this.mask = size - 1;
    this.states = new Uint8Array(size);
    this.flags = new Uint8Array(size);
    this.starts = new Uint32Array(size);
    this.lengths = new Uint32Array(size);
    this.deadlines = new Float64Array(size);
    this.tokens = new Float64Array(size);
    this.chunks = Array.from({ length: size }, () => undefined);
    this.receivers = Array.from({ length: size }, () => undefined);
    for (let sequence = this.lowest; sequence < this.next; sequence++) {
      const from = sequence & mask;
      const to = sequence & this.mask;
      this.states[to] = at(states, from);
      this.flags[to] = at(flags, from);
      this.starts[to] = at(starts, from);
      this.lengths[to] = at(lengths, from);
      this.deadlines[to] = at(deadlines, from);
      this.tokens[to] = at(tokens, from);
      this.chunks[to] = chunks[from];
      this.receivers[to] = receivers[from];
    }
  }
}

/** Gives an answer to whoever waits. */
export function deliver(
  receiver: Receiver,
  token: number,
  error: ConsensusError | undefined,
  result: Uint8Array | undefined,
): void {
  if (typeof receiver === 'function') receiver(error, result);
  else receiver.answer(token, error, result);
}
