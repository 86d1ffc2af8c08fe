/** A claim that did not hold in the run of a seed, with what is needed to see it again. */
export interface Failure {
  readonly seed: number;
  /** The name in the list of invariants; also `determinism`, and `process` where the run itself came to nothing. */
  readonly invariant: string;
  readonly text: string;
  /** Virtual time. */
  readonly atMs: number;
  /** The file with the readable trace. */
  readonly trace?: string;
}

/** A failure that is not of the simulated cluster: the run threw, ended its thread, or did not end. */
export function processFailure(seed: number, text: string): Failure {
  return { seed, invariant: 'process', text, atMs: 0 };
}
