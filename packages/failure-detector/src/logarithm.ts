// Engines differ in the last bits of `Math.exp` and `Math.log`, and a trace would then be judged differently elsewhere. These are made of
// operations that IEEE 754 rounds correctly.

const ln2 = 0.693_147_180_559_945_3;

/** e to the power of `exponent`, for −700 … 700, with a relative error below 1e-14. */
export function exponential(exponent: number): number {
  const doublings = Math.round(exponent / ln2);
  const rest = exponent - doublings * ln2;
  let sum = 1;
  // |rest| ≤ ln 2 / 2, so that the 18th term is below 1e-24.
  for (let term = 18; term > 0; term--) sum = 1 + (rest / term) * sum;
  for (let left = doublings; left > 0; left--) sum *= 2;
  for (let left = doublings; left < 0; left++) sum /= 2;
  return sum;
}

/** The natural logarithm of a positive normal number, with a relative error below 1e-14 away from 1. */
export function logarithm(value: number): number {
  let mantissa = value;
  let doublings = 0;
  for (; mantissa > Math.SQRT2; doublings++) mantissa /= 2;
  for (; mantissa < Math.SQRT1_2; doublings--) mantissa *= 2;
  // ln m = 2 artanh((m − 1) / (m + 1)), whose series converges by a factor of 34 per term here.
  const ratio = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (let power = 23; power > 0; power -= 2) sum = 1 / power + sum * ratio * ratio;
  return 2 * ratio * sum + doublings * ln2;
}
