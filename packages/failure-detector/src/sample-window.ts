import { at } from '@quorate/interface';

const firstCapacity = 16;

/**
 * The last so many samples, their mean and their variance: O(1) per sample. Sums are kept of the differences to a base, and made anew from
 * the samples each time round, so that rounding errors never outlive one round. Memory grows to 8 bytes per sample of a full window.
 */
export class SampleWindow {
  readonly #limit: number;
  #samples: Float64Array = new Float64Array(0);
  #count = 0;
  #next = 0;
  #base = 0;
  #sum = 0;
  #squares = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many samples there are. */
  get count(): number {
    return this.#count;
  }

  /** 0 where there is no sample. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#base + this.#sum / this.#count;
  }

  /** Of the samples themselves (divided by their count); 0 where there is none. */
  get variance(): number {
    if (this.#count === 0) return 0;
    const mean = this.#sum / this.#count;
    return Math.max(0, this.#squares / this.#count - mean * mean);
  }

  add(sample: number): void {
    if (this.#count === 0) this.#base = sample;
    if (this.#count === this.#limit) this.#drop(at(this.#samples, this.#next));
    else this.#grow();
    this.#samples[this.#next] = sample;
    const difference = sample - this.#base;
    this.#sum += difference;
    this.#squares += difference * difference;
    this.#next += 1;
    if (this.#next === this.#limit) this.#renew();
  }

  #drop(oldest: number): void {
    const difference = oldest - this.#base;
    this.#sum -= difference;
    this.#squares -= difference * difference;
  }

  #grow(): void {
    this.#count += 1;
    if (this.#count <= this.#samples.length) return;
    const larger = new Float64Array(Math.min(this.#limit, Math.max(firstCapacity, 2 * this.#samples.length)));
    larger.set(this.#samples);
    this.#samples = larger;
  }

  #renew(): void {
    this.#next = 0;
    this.#base = this.mean;
    this.#sum = 0;
    this.#squares = 0;
    for (const sample of this.#samples) {
      const difference = sample - this.#base;
      this.#sum += difference;
      this.#squares += difference * difference;
    }
  }
}
