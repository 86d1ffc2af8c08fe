/** What a process event means to a member. */
export interface ProcessOwner {
  /** A signal asks to stop; it may ask again. */
  stop(signal: NodeJS.Signals): void;
  /** A bug of ours came to the surface: nothing in this process can be trusted any more. */
  crashed(text: string): void;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Listens for signals, lost promises and uncaught errors. Returns what ends it. */
export function watchProcess(owner: ProcessOwner): () => void {
  const stop = (signal: NodeJS.Signals): void => owner.stop(signal);
  const crashed = (error: unknown): void => owner.crashed(describe(error));
  for (const signal of signals) process.on(signal, stop);
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  return () => {
    for (const signal of signals) process.off(signal, stop);
    process.off('uncaughtException', crashed);
    process.off('unhandledRejection', crashed);
    process.stdout.off('error', ignoreClosedPipe);
    process.stderr.off('error', ignoreClosedPipe);
  };
}

// Whoever read our lines has gone: no reason for a member to go too. Any other error of a terminal is none either.
function ignoreClosedPipe(): void {}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
