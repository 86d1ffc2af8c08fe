import { logarithm } from '@quorate/simulator';

/** The logarithm to base 10 of a positive number. Engines differ in the last bits of theirs; this one is the same everywhere. */
export function decimalLogarithm(value: number): number {
  return logarithm(value) / logarithm(10);
}

/** The highest whole power of ten that is not above a positive number: 3 for 1000, 2 for 999. */
export function decadeOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}
