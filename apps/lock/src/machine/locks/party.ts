import type { FinishedRecord, FinishedRequest } from '@quorate/codec-protobuf/lock';
import { lockLimits } from '../lock-limits.ts';
import type { Recorded } from '../moments.ts';
import type { Lock } from './lock.ts';

/** What a session has to do with locks. */
export class Party implements Recorded {
  readonly born: number;
  readonly session: number;
  /** Those in which it has a grant or waits. An index: not part of the record. */
  readonly locks: Set<Lock> = new Set();
  /** Requests that are over, oldest first. */
  private finished: readonly FinishedRequest[] = [];

  constructor(born: number, session: number) {
    this.born = born;
    this.session = session;
  }

  get remembers(): boolean {
    return this.finished.length > 0;
  }

  /** Whether a request is over; `released`: by its session. */
  endOf(request: number): FinishedRequest | undefined {
    return this.finished.find((one) => one.request === request);
  }

  /** Touch it before. */
  finish(requests: readonly number[], released: boolean): void {
    const news = requests.map((request) => ({ request, released }));
    const others = this.finished.filter(({ request }) => !requests.includes(request));
    this.finished = [...others, ...news].slice(-lockLimits.finishedRequests);
  }

  /** What a snapshot knows. */
  restore(finished: readonly FinishedRequest[]): void {
    this.finished = finished;
  }

  record(): FinishedRecord {
    return { kind: 'finished', session: this.session, requests: this.finished };
  }
}
