import { parentPort } from 'node:worker_threads';
import { perform } from './perform.ts';
import type { Task } from './task.ts';

// One thread of a pool: does what it is told, one task at a time, and remembers nothing.
parentPort?.on('message', (task: Task) => parentPort?.postMessage(perform(task), []));
