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
  /** The highest number of those that are not remembered any more. Numbers rise, so that what comes with a lower one is late. */
  private forgotten = 0;

  constructor(born: number, session: number) {
    this.born = born;
    this.session = session;
  }

  get remembers(): boolean {
    return this.finished.length > 0;
  }

  /** Whether a request that neither holds nor waits must not begin. */
  isOver(request: number): boolean {
    return request <= this.forgotten || this.endOf(request) !== undefined;
  }

  /** How a request ended, as long as it is remembered; `released`: by its session. */
  endOf(request: number): FinishedRequest | undefined {
    return this.finished.find((one) => one.request === request);
  }

  /** Touch it before. */
  finish(requests: readonly number[], released: boolean): void {
    const news = requests.map((request) => ({ request, released }));
    const others = this.finished.filter(({ request }) => !requests.includes(request));
    const all = [...others, ...news];
    const surplus = Math.max(all.length - lockLimits.finishedRequests, 0);
    for (const { request } of all.slice(0, surplus)) this.forgotten = Math.max(this.forgotten, request);
    this.finished = all.slice(surplus);
  }

  /** What a snapshot knows. */
  restore(finished: readonly FinishedRequest[], forgotten: number): void {
    this.finished = finished;
    this.forgotten = forgotten;
  }

  record(): FinishedRecord {
    return { kind: 'finished', session: this.session, requests: this.finished, forgotten: this.forgotten };
  }
}
