import type { Lane, MemberId } from '@quorate/interface';
import { TraceError } from './trace-error.ts';

/** A direction between members; `undefined` stands for `*`, everybody. */
export interface Path {
  readonly from: readonly MemberId[] | undefined;
  readonly to: readonly MemberId[] | undefined;
}

/** Which messages of a path are meant: all, the first `count`, or only the one at `place` (from 1). */
export interface Selection {
  readonly lane: Lane | undefined;
  readonly count: number | undefined;
  readonly place: number | undefined;
}

const lanes: ReadonlySet<string> = new Set<Lane>(['control', 'log', 'bulk']);

/** The words behind a command, taken one by one. What is missing, malformed or left over is an error. */
export class Arguments {
  readonly #words: string[];

  constructor(words: readonly string[]) {
    this.#words = [...words];
  }

  /** The next word. */
  word(what: string): string {
    const word = this.#words.shift();
    if (word === undefined) throw new TraceError(`${what} is missing`);
    return word;
  }

  /** True, and the word is taken, if it is the next one. */
  keyword(word: string): boolean {
    if (this.#words[0] !== word) return false;
    this.#words.shift();
    return true;
  }

  /** A member, such as `2`. */
  member(): MemberId {
    return memberId(this.word('a node'));
  }

  /** Members, such as `1,2 4`; empty where there are none. */
  members(): readonly MemberId[] {
    return this.rest().flatMap(memberList);
  }

  /** A number from `least` on. */
  number(what: string, least: number): number {
    return wholeNumber(this.word(what), what, least);
  }

  /** The same, or undefined at the end of the line. */
  optionalNumber(what: string, least: number): number | undefined {
    return this.#words.length === 0 ? undefined : this.number(what, least);
  }

  /** A path, such as `1->2`, `1,2->3` or `1->*`. */
  path(): Path {
    const word = this.word('a path such as 1->2');
    const [from, to, more] = word.split('->');
    if (from === undefined || to === undefined || more !== undefined) throw new TraceError(`${word} is no path such as 1->2`);
    return { from: side(from), to: side(to) };
  }

  /** A pair, such as `1-2`. */
  pair(): readonly [MemberId, MemberId] {
    const word = this.word('a pair such as 1-2');
    const [a, b, more] = word.split('-');
    if (a === undefined || b === undefined || more !== undefined) throw new TraceError(`${word} is no pair such as 1-2`);
    return [memberId(a), memberId(b)];
  }

  /** `[lane] [n | @k]`. */
  selection(): Selection {
    const lane = lanes.has(this.#words[0] ?? '') ? (this.#words.shift() as Lane) : undefined;
    const word = this.#words.shift();
    if (word === undefined) return { lane, count: undefined, place: undefined };
    if (word.startsWith('@')) return { lane, count: undefined, place: wholeNumber(word.slice(1), 'a place', 1) };
    return { lane, count: wholeNumber(word, 'a count', 1), place: undefined };
  }

  /** Everything that is left. */
  rest(): readonly string[] {
    return this.#words.splice(0);
  }

  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  /** Refuses what nobody took. */
  end(): void {
    if (this.#words.length > 0) throw new TraceError(`unexpected: ${this.#words.join(' ')}`);
  }
}

/** Members, such as `1,2`; `-` for none. */
export function memberList(text: string): readonly MemberId[] {
  return text === '-' ? [] : text.split(',').map(memberId);
}

/** A whole number from `least` on. */
export function wholeNumber(text: string, what: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new TraceError(`${what} is a whole number from ${least} on, not ${text}`);
  return value;
}

function memberId(text: string): MemberId {
  return wholeNumber(text, 'a node', 1);
}

function side(text: string): readonly MemberId[] | undefined {
  return text === '*' ? undefined : memberList(text);
}
