/** What a command has of the process around it. */
export interface Surroundings {
  readonly version: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Progress may be drawn over itself. */
  readonly isTerminal: boolean;
  /** Width of that terminal. */
  readonly columns: () => number;
  /** Calls back at Ctrl-C, SIGTERM and SIGHUP; gives a function that ends this. */
  readonly onInterrupt: (run: () => void) => () => void;
  /** Monotonic milliseconds, and those since the epoch. */
  readonly nowMs: () => number;
  readonly wallMs: () => number;
}
