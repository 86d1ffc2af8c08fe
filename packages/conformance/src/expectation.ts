import { ConformanceFailure } from './conformance-failure.ts';
import { differenceOf } from './difference.ts';

/** Fails the case unless the condition holds. `text` says what is promised; a closure where building it costs something. */
export function expectThat(condition: boolean, text: string | (() => string)): asserts condition {
  if (!condition) throw new ConformanceFailure(typeof text === 'string' ? text : text());
}

/** Fails the case unless both are equal in value: bytes by content, objects by their fields, a field that is undefined as if absent. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const difference = differenceOf(actual, expected);
  if (difference !== undefined) throw new ConformanceFailure(`${what}: ${difference}`);
}

/** The value, which the contract promises to be there. */
export function expectPresent<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ConformanceFailure(what);
  return value;
}
