import type { Host } from '@quorate/interface';
import { Pause } from './pause.ts';

/** How it goes with commands, or with reads: answered reads say nothing of commands that are not, and the other way round. */
export class Course {
  readonly pause: Pause;
  /** When something was decided last, or began to wait; monotonic milliseconds. */
  progressAtMs = 0;

  constructor(host: Pick<Host, 'monotonicMs' | 'random'>) {
    this.pause = new Pause(host);
  }
}
