/** Thrown when this program is wrong. It stops the member (exit 70) and is never caught to go on. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/**
 * States what must hold. A violation is a bug of ours, never an effect of the environment or of a remote peer.
 * Pass a constant text, or a closure where the text costs something: a template literal is built even when the condition holds.
 */
export function invariant(condition: boolean, text: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantViolation(typeof text === 'string' ? text : text());
}

/** The element at `index`, which must exist: for hot loops under `noUncheckedIndexedAccess`. */
export function at<T>(array: ArrayLike<T>, index: number): T {
  const element = array[index];
  invariant(element !== undefined, 'index outside of the array');
  return element;
}
