import type { CoreInput, CoreKind, CoreSetup, Effects } from '@quorate/interface';
import { fingerprint } from '../difference.ts';
import { expectThat } from '../expectation.ts';
import { seededRandom } from '../seeded-random.ts';

/** Everything that happened to one life of a core, and what came of it: enough to live it once more. */
export class Recording<M> {
  private readonly kind: CoreKind<M>;
  private readonly setup: Omit<CoreSetup, 'random'>;
  private readonly seed: number;
  private readonly events: Event<M>[] = [];

  constructor(kind: CoreKind<M>, setup: Omit<CoreSetup, 'random'>, seed: number) {
    this.kind = kind;
    this.setup = setup;
    this.seed = seed;
  }

  create(): ReturnType<CoreKind<M>['create']> {
    return this.kind.create({ ...this.setup, random: seededRandom(this.seed) });
  }

  step(input: CoreInput<M>, now: number): void {
    this.events.push({ input, now, effects: undefined });
  }

  drain(effects: Effects<M>, now: number): void {
    this.events.push({ input: undefined, now, effects: fingerprint(effects) });
  }

  /** Lives it once more, to its end, and compares every effect with what it was. */
  compare(): void {
    this.live((effects, before) => {
      const again = fingerprint(effects);
      expectThat(again === before, () => `equal inputs have equal effects (${firstDifference(again, before)})`);
    });
  }

  /** Another core in the same state. */
  twin(): ReturnType<CoreKind<M>['create']> {
    return this.live(() => undefined);
  }

  private live(look: (effects: Effects<M>, before: string) => void): ReturnType<CoreKind<M>['create']> {
    const core = this.create();
    for (const { input, now, effects } of this.events) {
      if (input !== undefined) core.step(input, now);
      else look(core.drain(now), effects ?? '');
    }
    return core;
  }
}

interface Event<M> {
  readonly input: CoreInput<M> | undefined;
  readonly now: number;
  readonly effects: string | undefined;
}

function firstDifference(got: string, expected: string): string {
  let place = 0;
  while (place < got.length && got[place] === expected[place]) place++;
  const from = Math.max(0, place - 60);
  return `…${got.slice(from, place + 80)}… and once …${expected.slice(from, place + 80)}…`;
}
