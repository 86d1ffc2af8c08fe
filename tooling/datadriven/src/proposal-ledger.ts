import { crc32, encodeText, packPayloads, type Effects, type MemberId, type ProposalRun } from '@quorate/interface';
import type { Applier } from './applier.ts';
import { formatEpoch, formatRange } from './format.ts';
import type { Observer } from './observation.ts';
import { check } from './trace-error.ts';
import type { Transcript } from './transcript.ts';

/** The proposals of one process that its core has neither appended nor rejected yet. */
export class ProposalLedger<M> {
  readonly #member: MemberId;
  readonly #transcript: Transcript;
  readonly #observe: Observer<M>;
  readonly #open = new Map<number, string>();

  constructor(member: MemberId, transcript: Transcript, observe: Observer<M>) {
    this.#member = member;
    this.#transcript = transcript;
    this.#observe = observe;
  }

  /** A run of commands for the core, numbered from `firstId`. */
  begin(firstId: number, words: readonly string[]): ProposalRun {
    words.forEach((word, place) => this.#open.set(firstId + place, word));
    const payloads = packPayloads(
      words.map((word) => encodeText(word)),
      (bytes) => crc32(bytes, 0),
    );
    return { ...payloads, firstId };
  }

  /** Tells what became of proposals; those that were appended wait for their apply. */
  answer({ appended, rejected }: Effects<M>, applier: Applier<M>): void {
    for (const { first, count, index, epoch } of appended) {
      const words = this.#take(first, count);
      const range = formatRange({ from: index, to: index + count - 1 });
      this.#transcript.detail(`${this.#member} appends ${words.join(' ')} at ${range} in ${formatEpoch(epoch)}`);
      this.#observe({ what: 'appended', member: this.#member, commands: words });
      applier.awaits(index, words);
    }
    for (const { first, count, reason } of rejected) {
      const words = this.#take(first, count);
      this.#transcript.news(`${this.#member} rejects ${words.join(' ')}: ${reason}`);
      this.#observe({ what: 'rejected', member: this.#member, commands: words });
    }
  }

  #take(first: number, count: number): readonly string[] {
    const words: string[] = [];
    for (let id = first; id < first + count; id++) {
      const word = this.#open.get(id);
      check(word !== undefined, () => `${this.#member} answers proposal ${id}, which is unknown or was answered`);
      words.push(word);
      this.#open.delete(id);
    }
    return words;
  }
}
