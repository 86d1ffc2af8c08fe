/**
 * Chance that depends on what is asked, never on how often somebody else asked: a draw is a function of the seed, a kind and up to three
 * numbers (a link, an ordinal, …). One protocol's extra message so leaves the luck of all other messages alone.
 */
export interface Chance {
  /** Uniform in [0, 1); the same arguments give the same number. */
  draw(kind: number, a: number, b?: number, c?: number): number;
  /** A sequence of its own for one purpose: uniform numbers in [0, 1). */
  stream(kind: number, a?: number): () => number;
}

/** Chance from an integer seed, 0 … 2⁵³−1. */
export function createChance(seed: number): Chance {
  const low = mix(seed >>> 0, 0x9e37_79b9);
  const base = mix(low, Math.floor(seed / 0x1_0000_0000));
  const draw = (kind: number, a: number, b = 0, c = 0): number => {
    const first = mix(mix(base, kind), a);
    return finish(mix(mix(first, b), c)) / 0x1_0000_0000;
  };
  return {
    draw,
    stream: (kind, a = 0) => {
      const start = mix(mix(base, kind ^ 0x5bd1_e995), a);
      let count = 0;
      return () => finish(mix(start, ++count)) / 0x1_0000_0000;
    },
  };
}

// The mixing steps of MurmurHash3 (32 bits): quick, and good enough that neighbouring ordinals look unrelated.
function mix(hash: number, word: number): number {
  let k = Math.imul(word | 0, 0xcc9e_2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b87_3593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe654_6b64) | 0;
}

function finish(hash: number): number {
  let h = hash;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85eb_ca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The kinds of draws: one number each, so that two purposes never share their luck. Append only: they are part of what a seed means. */
export const chanceKinds = {
  plan: 1,
  schedule: 2,
  turn: 3,
  host: 4,
  delay: 5,
  loss: 6,
  duplicate: 7,
  reorder: 8,
  corrupt: 9,
  linkLoss: 10,
  dial: 11,
  diskDelay: 12,
  diskSurvival: 13,
  diskTear: 14,
  diskError: 15,
  diskRot: 16,
  workload: 17,
  corruptPlace: 18,
  replay: 19,
  closing: 20,
} as const;
