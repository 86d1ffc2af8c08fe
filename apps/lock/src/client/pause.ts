/** Milliseconds that only rise; not those of the calendar. */
export function monotonicMs(): number {
  return performance.now();
}

/** The longest that platforms' timers take. */
export const longestTimerMs = 0x7fffffff;

const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal fires; returns how to stop that. A signal has one listener of its own, however many wait for it: platforms
 * take more than a few for a leak.
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const present = listeners.get(signal);
  const all = present ?? new Set();
  if (present === undefined) {
    listeners.set(signal, all);
    signal.addEventListener('abort', () => {
      for (const one of all) if (all.delete(one)) one();
    });
  }
  all.add(run);
  return () => void all.delete(run);
}

/** Resolves after a while, or as soon as the signal fires. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, longestTimerMs));
    const forget = onAbort(signal, end);
  });
}

/** Settles like the promise, or rejects with the signal's reason if that comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(onAbort(signal, abort));
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
    undo.push(onAbort(signal, abort));
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => {
      for (const one of undo) one();
    },
  };
}
