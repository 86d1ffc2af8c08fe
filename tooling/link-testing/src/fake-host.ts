import { crc32 } from '@quorate/interface';
import type { LinkHost } from '@quorate/links';

interface Timer {
  readonly at: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Time of a test: tasks and timers run only when it says so, and `deliver` moves what is under way between the fake sockets. */
export class FakeHost implements LinkHost {
  readonly crc32: LinkHost['crc32'] = crc32;
  private readonly deliver: () => boolean;
  private now = 1_000;
  private tasks: (() => void)[] = [];
  private timers: Timer[] = [];

  /** `deliver` tells whether there was anything to hand over. */
  constructor(deliver: () => boolean) {
    this.deliver = deliver;
  }

  /** Timers that were set and are neither over nor cancelled. */
  get pendingTimers(): number {
    return this.timers.filter(({ isCancelled }) => !isCancelled).length;
  }

  /** Delivers everything that is under way now, at this instant. */
  run(): void {
    let isBusy = true;
    while (isBusy) {
      const { tasks } = this;
      this.tasks = [];
      for (const task of tasks) task();
      isBusy = this.deliver() || tasks.length > 0;
    }
  }

  /** Lets time pass, in steps of a millisecond. */
  pass(ms: number): void {
    for (let i = 0; i < ms; i++) this.sleep(1);
  }

  /** Time passes without anybody running: a suspended process. */
  sleep(ms: number): void {
    this.now += ms;
    const due = this.timers.filter((timer) => timer.at <= this.now);
    this.timers = this.timers.filter((timer) => timer.at > this.now);
    for (const timer of due) if (!timer.isCancelled) timer.run();
    this.run();
  }

  soon(run: () => void): void {
    this.tasks.push(run);
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const timer: Timer = { at: this.now + delayMs, run, isCancelled: false };
    this.timers.push(timer);
    const cancel = (): void => {
      timer.isCancelled = true;
    };
    return { cancel };
  }

  monotonicMs(): number {
    return this.now;
  }

  random(): number {
    return 0.5;
  }

  /** Full of what nobody wrote. */
  allocate(bytes: number): Uint8Array {
    return new Uint8Array(bytes).fill(0xee);
  }
}
