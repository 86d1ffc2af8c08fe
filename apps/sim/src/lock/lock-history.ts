import { createRecorder, lockModel } from '@quorate/linearizability';
import type { LockInput, LockOutput, Operation, Recorder } from '@quorate/linearizability';

/** What all clients asked for and were told, and when sessions ended under them. */
export class LockHistory {
  readonly recorder: Recorder<LockInput, LockOutput> = createRecorder(lockModel());

  /** A call begins; gives its process. A process has one call. */
  call(input: LockInput, note: string): number {
    const process = this.recorder.newProcess();
    this.recorder.call(process, input, note);
    return process;
  }

  all(): readonly Operation<LockInput, LockOutput>[] {
    return this.recorder.history();
  }
}

/**
 * The end of a session as an operation of the environment on the lock that the session has to do with. It lies between the last moment at
 * which the session was certainly alive, which moves on with each renewal, and the moment at which a member delivered the end.
 */
export class SessionTrail {
  private readonly history: LockHistory;
  private readonly client: string;
  private lock: string | undefined;
  private certain: number | undefined;
  private tentative: number | undefined;

  constructor(history: LockHistory, client: string) {
    this.history = history;
    this.client = client;
  }

  /** Before an acquire is sent. */
  begin(lock: string): void {
    this.lock = lock;
    this.certain = this.expire(lock);
  }

  /** Before a renewal is sent. */
  renewing(): void {
    if (this.lock !== undefined && this.tentative === undefined) this.tentative = this.expire(this.lock);
  }

  /** A renewal was answered: the session was alive after it had been sent. */
  renewed(): void {
    if (this.tentative === undefined) return;
    this.drop(this.certain);
    this.certain = this.tentative;
    this.tentative = undefined;
  }

  /** Nobody knows what a renewal met. */
  doubted(): void {
    this.drop(this.tentative);
    this.tentative = undefined;
  }

  /** The session has certainly nothing to do with the lock any more. */
  finish(): void {
    this.drop(this.certain);
    this.doubted();
    this.certain = undefined;
    this.lock = undefined;
  }

  /** The end was delivered. */
  ended(): void {
    this.doubted();
    if (this.certain !== undefined) this.history.recorder.returned(this.certain, { op: 'expire' });
    this.certain = undefined;
    this.lock = undefined;
  }

  private expire(lock: string): number {
    return this.history.call({ op: 'expire', lock, client: this.client }, `end of session ${this.client}`);
  }

  // A call that is taken back leaves no trace.
  private drop(process: number | undefined): void {
    if (process !== undefined) this.history.recorder.failed(process);
  }
}
