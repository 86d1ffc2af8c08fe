import { at } from '@quorate/interface';
import type { Crc32, Payloads } from '@quorate/interface';

/** Puts payloads side by side; neighbours in one buffer become one chunk. Reused for every run. */
export class RunBuilder {
  private readonly crc32: Crc32;
  private body: Uint8Array[] = [];
  private ends: Uint32Array = new Uint32Array(256);
  private checksums: Uint32Array = new Uint32Array(256);
  private count = 0;
  private bytes = 0;
  private chunk: Uint8Array | undefined;
  private from = 0;
  private to = 0;

  constructor(crc32: Crc32) {
    this.crc32 = crc32;
  }

  /** Adds `length` bytes of `chunk`, which nobody changes from now on. */
  add(chunk: Uint8Array, start: number, length: number): void {
    if (this.count === this.ends.length) this.grow();
    this.bytes += length;
    this.ends[this.count] = this.bytes;
    this.checksums[this.count] = this.crc32(chunk.subarray(start, start + length), 0);
    this.count += 1;
    if (chunk === this.chunk && start === this.to) {
      this.to = start + length;
      return;
    }
    this.closeChunk();
    this.chunk = chunk;
    this.from = start;
    this.to = start + length;
  }

  /** The payloads so far; the builder is empty again. */
  finish(): Payloads {
    this.closeChunk();
    const run = {
      count: this.count,
      body: this.body,
      ends: this.ends.slice(0, this.count),
      checksums: this.checksums.slice(0, this.count),
    };
    this.body = [];
    this.count = 0;
    this.bytes = 0;
    return run;
  }

  private closeChunk(): void {
    if (this.chunk !== undefined) {
      const whole = this.from === 0 && this.to === this.chunk.length;
      this.body.push(whole ? this.chunk : this.chunk.subarray(this.from, this.to));
    }
    this.chunk = undefined;
  }

  private grow(): void {
    const ends = new Uint32Array(this.ends.length * 2);
    const checksums = new Uint32Array(ends.length);
    ends.set(this.ends);
    checksums.set(this.checksums);
    this.ends = ends;
    this.checksums = checksums;
  }
}

/** A growing list of sequences, reused every turn. */
export class SequenceList {
  length = 0;
  private items: Float64Array = new Float64Array(256);

  push(sequence: number): void {
    if (this.length === this.items.length) {
      const items = new Float64Array(this.length * 2);
      items.set(this.items);
      this.items = items;
    }
    this.items[this.length] = sequence;
    this.length += 1;
  }

  at(place: number): number {
    return at(this.items, place);
  }

  /** What was collected, in the smallest form: no array where the sequences follow each other. */
  keep(): KeptSequences {
    const first = this.length === 0 ? 0 : this.at(0);
    const last = this.length === 0 ? 0 : this.at(this.length - 1);
    const dense = last - first === this.length - 1;
    return { first, last, count: this.length, list: dense ? undefined : this.items.slice(0, this.length) };
  }
}

/** The sequences of a run that was handed over. */
export interface KeptSequences {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly list: Float64Array | undefined;
}

/** The sequence at a place of a run. */
export function keptAt(kept: KeptSequences, place: number): number {
  return kept.list === undefined ? kept.first + place : at(kept.list, place);
}
