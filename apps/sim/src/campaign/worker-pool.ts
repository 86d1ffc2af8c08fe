import { Worker } from 'node:worker_threads';
import { noMarks } from '../coverage/coverage.ts';
import { noFaults } from './no-faults.ts';
import { processFailure } from './failure.ts';
import type { Executor } from './executor.ts';
import type { Answer, SeedTask, Task } from './task.ts';

/** Real time that a task may take: much more than any takes that will end. */
const patienceMs = 60_000;
const patiencePerSecondMs = 5000;

/** Threads of this process, one task each at a time; a thread that fails or hangs is replaced, and its task has failed. */
export class WorkerPool implements Executor {
  readonly jobs: number;
  private readonly program: URL;
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, (answer: Answer | undefined) => void>();
  private closed = false;

  /** `program`: what the threads run. */
  constructor(jobs: number, program: URL = new URL('./worker.js', import.meta.url)) {
    this.jobs = jobs;
    this.program = program;
  }

  run(task: Task): Promise<Answer | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    // Threads run the build, whatever conditions and loaders the process that starts them has.
    const worker = this.idle.pop() ?? new Worker(this.program, { execArgv: [] });
    return new Promise((resolve) => {
      const limitMs = patienceMs + patiencePerSecondMs * (task.kind === 'seed' ? task.seconds : 60);
      const settle = (answer: Answer | undefined, sound: boolean): void => {
        clearTimeout(timer);
        worker.off('message', answered).off('error', threw).off('exit', ended);
        this.busy.delete(worker);
        if (sound && !this.closed) this.idle.push(worker);
        // What is said about a thread's end is said already.
        else void worker.terminate();
        resolve(answer);
      };
      const timer = setTimeout(
        () => settle(failed(task, `the run did not end within ${limitMs / 1000} s of real time`), false),
        limitMs,
      );
      this.busy.set(worker, (answer) => settle(answer, false));
      const answered = (answer: Answer): void => settle(answer, true);
      const threw = (error: Error): void => settle(failed(task, error.stack ?? error.message), false);
      const ended = (code: number): void => settle(failed(task, `its thread ended with exit code ${code}`), false);
      worker.on('message', answered).on('error', threw).on('exit', ended);
      worker.postMessage(task, []);
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const settle of this.busy.values()) settle(undefined);
    await Promise.all(this.idle.splice(0).map((worker) => worker.terminate()));
  }
}

function failed(task: Task, text: string): Answer {
  switch (task.kind) {
    case 'seed':
      return failedSeed(task, text);
    case 'plan':
      return { kind: 'plan', violations: [{ invariant: 'process', text, atMs: 0 }] };
    default:
      return { kind: 'hunt', report: { plant: task.plant, text, found: undefined, seed: 0, runs: 1 } };
  }
}

function failedSeed({ seed }: SeedTask, text: string): Answer {
  const nothing = { events: 0, virtualMs: 0, committed: 0, operations: 0, partitions: 0, unknownPartitions: 0 };
  const failures = [processFailure(seed, text)];
  return { kind: 'seed', seed, ending: 'violation', ...nothing, faults: noFaults(), marks: noMarks(), runs: 1, failures };
}
