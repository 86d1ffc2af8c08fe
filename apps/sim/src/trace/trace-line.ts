/** One event of a run. */
export interface TraceLine {
  /** Virtual milliseconds since the start of the world. */
  readonly atMs: number;
  /** Who: `n2.1` is the first process life of member 2; `client 3`, `world`. */
  readonly who: string;
  readonly what: string;
  readonly text: string;
  /** The same for programs. */
  readonly data?: object;
}
