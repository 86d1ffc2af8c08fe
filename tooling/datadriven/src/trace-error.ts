/** What is wrong with a trace, or with the core that it drives. The runner puts file and line in front. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** States what the contract promises of every core. `text` says who broke what. */
export function check(condition: boolean, text: () => string): asserts condition {
  if (!condition) throw new TraceError(text());
}
