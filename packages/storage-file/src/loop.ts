import type { Done } from './whole-file.ts';

/**
 * Runs `step` once, and again each time it calls `again`. Completions of a `Disk` may arrive at once or later; written as a
 * recursion, a loop over a thousand batches on a disk that completes at once would exhaust the stack.
 */
export function loop(step: (again: () => void) => void): void {
  let running = false;
  let wanted = false;
  const again = (): void => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      step(again);
    }
    running = false;
  };
  again();
}

/** Runs steps one after the other; the first failure ends them. */
export function inOrder(steps: readonly ((done: Done) => void)[], done: Done): void {
  let place = 0;
  loop((again) => {
    const step = steps[place++];
    if (step === undefined) return done();
    step((failed) => {
      if (failed === undefined) again();
      else done(failed);
    });
  });
}
