/** Numbers from 0 to below 1 that a seed decides. */
export type Chance = () => number;

/** A generator by Marsaglia's xorshift with 32 bits of state: enough to draw arrivals, keys and resamples. */
export function chanceFrom(seed: number): Chance {
  // The low and the high half both count; a state of 0 would stay 0.
  let state = (Math.imul(seed % 2 ** 32, 0x9e3779b1) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b)) | 0 || 0x6d2b79f5;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  // Seeds that are close have states that are close; some steps on they have nothing in common.
  for (let i = 0; i < 16; i++) next();
  return next;
}
