/** A promise of a contract was broken. The text says which, what was expected and what was seen. */
export class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure';
}
