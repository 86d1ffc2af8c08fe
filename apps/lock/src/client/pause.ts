/** Milliseconds that only rise; not those of the calendar. */
export function monotonicMs(): number {
  return performance.now();
}

/** The longest that platforms' timers take. */
export const longestTimerMs = 0x7fffffff;

/** Resolves after a while, or as soon as the signal fires. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, longestTimerMs));
    signal.addEventListener('abort', end);
  });
}

/** Settles like the promise, or rejects with the signal's reason if that comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** One signal for many, until it is unlinked: unlike `AbortSignal.any` it leaves nothing behind at signals that live for long. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  unlink(): void;
}

/** Links signals; undefined ones never fire. */
export function linked(signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const undo: (() => void)[] = [];
  for (const signal of signals) {
    if (signal === undefined) continue;
    const abort = (): void => controller.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    undo.push(() => signal.removeEventListener('abort', abort));
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => {
      for (const one of undo) one();
    },
  };
}
