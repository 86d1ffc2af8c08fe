/** What a command has of the process around it. */
export interface Surroundings {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Progress may be drawn over itself. */
  readonly isTerminal: boolean;
  /** Calls back at Ctrl-C; gives a function that ends this. */
  readonly onInterrupt: (run: () => void) => () => void;
  /** Real milliseconds, and CPU milliseconds of all threads of this process. */
  readonly wallMs: () => number;
  readonly cpuMs: () => number;
}
