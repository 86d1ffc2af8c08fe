import type { Answer, Task } from './task.ts';

/** Where tasks are done. */
export interface Executor {
  /** Tasks that may be under way at once. */
  readonly jobs: number;
  /** Undefined: the executor was closed before the task was done. */
  run(task: Task): Promise<Answer | undefined>;
  close(): Promise<void>;
}
