import { wholeNumber } from './arguments.ts';
import { TraceError } from './trace-error.ts';

/**
 * The options of `add-nodes`: `name=value` or a bare `name`. The interpreter takes its own, the test's function takes what the core
 * needs, and what nobody took is an error.
 */
export class TraceOptions {
  readonly #values = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(words: readonly string[]) {
    for (const word of words) {
      const place = word.indexOf('=');
      const name = place < 0 ? word : word.slice(0, place);
      if (this.#values.has(name)) throw new TraceError(`${name} is given twice`);
      this.#values.set(name, place < 0 ? '' : word.slice(place + 1));
    }
  }

  /** A whole number, such as `election=1000`. */
  number(name: string, otherwise: number): number {
    const value = this.#take(name);
    return value === undefined ? otherwise : wholeNumber(value, name, 0);
  }

  /** A word, such as `notice=piggyback`, one of `allowed`. */
  choice<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
    const value = this.#take(name);
    if (value === undefined) return otherwise;
    const found = allowed.find((word) => word === value);
    if (found === undefined) throw new TraceError(`${name} is one of ${allowed.join(', ')}, not ${value}`);
    return found;
  }

  /** A bare name, such as `datagram`. */
  flag(name: string): boolean {
    const value = this.#take(name);
    if (value !== undefined && value !== '') throw new TraceError(`${name} takes no value`);
    return value !== undefined;
  }

  /** Any text. */
  text(name: string): string | undefined {
    return this.#take(name);
  }

  /** Refuses what nobody took. */
  end(): void {
    const left = [...this.#values.keys()].filter((name) => !this.#taken.has(name));
    if (left.length > 0) throw new TraceError(`unknown option: ${left.join(', ')}`);
  }

  #take(name: string): string | undefined {
    this.#taken.add(name);
    return this.#values.get(name);
  }
}
