/**
 * One promise of a contract, as data: any test runner, a simulator or a browser page can run it. `run` rejects with a
 * `ConformanceFailure` that says what was promised and what was seen instead.
 */
export interface ConformanceCase<Capability extends string = string> {
  /** Unique within its suite, and stable: a sentence about the implementation. */
  readonly name: string;
  /** What an implementation must be able to do for the case to mean something. Empty: everybody must pass. */
  readonly needs: readonly Capability[];
  readonly run: () => Promise<void>;
}

/** What one implementation can do: true, or the reason why it cannot, in words for whoever reads the report. */
export type Manifest<Capability extends string> = Readonly<Record<Capability, true | string>>;
