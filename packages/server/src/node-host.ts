import { performance } from 'node:perf_hooks';
import * as zlib from 'node:zlib';
import { crc32 as portableCrc32 } from '@quorate/interface';
import type { Crc32, Host } from '@quorate/interface';
import { DeadlineHeap } from './deadline-heap.ts';
import type { Deadline } from './deadline-heap.ts';

/** Node as a host of members and clients. */
export interface NodeHost extends Host {
  /** How late timers fired: the worst since the last reading, which starts anew. Milliseconds. */
  takeWorstLatenessMs(): number;
}

/** One host serves all members and clients of a process. Its timers keep the process alive only while something is due. */
export function nodeHost(): NodeHost {
  const turn = createTurn();
  const timers = createTimers();
  return {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    random: () => Math.random(),
    endOfTurn: turn,
    at: timers.at,
    crc32: fastCrc32(),
    takeWorstLatenessMs: timers.takeWorst,
  };
}

// Immediates run after all sockets that were readable in this turn were read: the end of the turn.
function createTurn(): (run: () => void) => void {
  let runs: (() => void)[] = [];
  const end = (): void => {
    const now = runs;
    runs = [];
    for (let place = 0; place < now.length; place++) {
      try {
        now[place]?.();
      } catch (error) {
        // The error is the process's to see, but what others asked for in this turn still happens.
        if (place + 1 < now.length) {
          if (runs.length === 0) setImmediate(end);
          runs.unshift(...now.slice(place + 1));
        }
        throw error;
      }
    }
  };
  return (run) => {
    if (runs.length === 0) setImmediate(end);
    runs.push(run);
  };
}

interface Timers {
  readonly at: (deadlineMs: number, run: () => void) => { cancel(): void };
  readonly takeWorst: () => number;
}

const longestTimeoutMs = 0x7fffffff;

/** One Node timer, set for the earliest deadline of a heap. Node's may fire a little early; ours never do. */
function createTimers(): Timers {
  const heap = new DeadlineHeap();
  let timer: NodeJS.Timeout | undefined;
  let armedMs = Infinity;
  let order = 0;
  let worstMs = 0;

  const arm = (): void => {
    const first = heap.first();
    if (first === undefined) {
      // Left to fire into nothing: a canceled deadline is mostly followed by a new one.
      timer?.unref();
      return;
    }
    if (timer !== undefined && armedMs <= first.deadlineMs) {
      timer.ref();
      return;
    }
    clearTimeout(timer);
    armedMs = first.deadlineMs;
    const delayMs = Math.min(Math.max(Math.ceil(armedMs - performance.now()), 1), longestTimeoutMs);
    timer = setTimeout(fire, delayMs);
  };

  const fire = (): void => {
    timer = undefined;
    armedMs = Infinity;
    const nowMs = performance.now();
    // What is added meanwhile waits for the next round, so that nothing runs within the call that asked for it.
    const due: Deadline[] = [];
    for (let first = heap.first(); first !== undefined && first.deadlineMs <= nowMs; first = heap.first()) {
      heap.remove(first);
      due.push(first);
      worstMs = Math.max(worstMs, nowMs - first.deadlineMs);
    }
    // Armed first: a deadline that throws must not stop the others for good.
    arm();
    for (const deadline of due) if (!deadline.cancelled) deadline.run();
    arm();
  };

  return {
    at: (deadlineMs, run) => {
      const deadline: Deadline = { deadlineMs, order: order++, run, place: -1, cancelled: false };
      heap.add(deadline);
      if (heap.first() === deadline || heap.size === 1) arm();
      return {
        cancel: () => {
          deadline.cancelled = true;
          heap.remove(deadline);
          if (heap.size === 0) arm();
        },
      };
    },
    takeWorst: () => {
      const result = worstMs;
      worstMs = 0;
      return result;
    },
  };
}

// zlib.crc32 came with Node 20.15; it is thirty times faster than portable code.
function fastCrc32(): Crc32 {
  const native = (zlib as { crc32?: (bytes: Uint8Array, seed: number) => number }).crc32;
  return native === undefined ? portableCrc32 : (bytes, seed) => native(bytes, seed);
}
