import { invariant } from '@quorate/interface';
import type { Expectation, FailureDetector, PeerStatus, StatusChange } from '@quorate/interface';
import { DeadlineHeap, type Timed } from './deadline-heap.ts';
import type { Estimator, Judgement } from './estimator.ts';
import { createRunClock } from './run-clock.ts';

/** One peer. Times without the name of a clock are running time. */
interface Watched<Peer> extends Timed {
  readonly peer: Peer;
  readonly incarnation: number;
  readonly estimator: Estimator;
  /** When it was last heard, or began to be watched. */
  heard: number;
  sequence: number;
  /** Whether there was a first heartbeat. */
  beaten: boolean;
  status: PeerStatus;
  /** How many stalls there were when it was last heard, and the deadline that it had before the last of them. */
  stalls: number;
  floor: number;
}

/** The detector that is common to all strategies. */
export function createDetector<Peer>(
  judgement: Judgement,
  onChange: ((change: StatusChange<Peer>) => void) | undefined,
): FailureDetector<Peer> {
  return new Detector(judgement, onChange);
}

class Detector<Peer> implements FailureDetector<Peer> {
  readonly threshold: number;
  readonly #judgement: Judgement;
  readonly #onChange: ((change: StatusChange<Peer>) => void) | undefined;
  readonly #watched = new Map<Peer, Watched<Peer>>();
  /** Those that are trusted. */
  readonly #trusted = new DeadlineHeap<Watched<Peer>>();
  /** Those that are not, the longest first. */
  readonly #suspected = new Set<Watched<Peer>>();
  readonly #clock = createRunClock();
  #stalls = 0;

  constructor(judgement: Judgement, onChange: ((change: StatusChange<Peer>) => void) | undefined) {
    this.threshold = judgement.threshold;
    this.#judgement = judgement;
    this.#onChange = onChange;
  }

  expect(peer: Peer, atMs: number, terms: Expectation = {}): void {
    const timeoutMs = terms.timeoutMs ?? this.#judgement.firstTimeoutMs;
    invariant(timeoutMs > 0, 'a timeout is above 0');
    const now = this.#advance(atMs);
    const before = this.#watched.get(peer);
    this.forget(peer);
    const one: Watched<Peer> = {
      peer,
      incarnation: terms.incarnation ?? 0,
      estimator: this.#judgement.estimator(timeoutMs),
      heard: now,
      sequence: -Infinity,
      beaten: false,
      status: 'trust',
      stalls: this.#stalls,
      floor: -Infinity,
      deadline: now + timeoutMs,
      key: 0,
      place: -1,
    };
    this.#watched.set(peer, one);
    this.#trusted.add(one);
    if (before?.status === 'suspect') this.#report(one, atMs);
  }

  heartbeat(peer: Peer, atMs: number, sequence?: number): boolean {
    const now = this.#advance(atMs);
    const one = this.#watched.get(peer);
    if (one === undefined) return false;
    if (sequence !== undefined) {
      if (sequence <= one.sequence) return true;
      one.sequence = sequence;
    }
    if (one.stalls !== this.#stalls) {
      one.stalls = this.#stalls;
      one.floor = one.deadline;
    }
    const overdue = this.#clock.toRun(one.estimator.beat(atMs, sequence, !this.#isBacklog(one, atMs)));
    one.beaten = true;
    one.heard = Math.max(one.heard, now);
    // What was queued behind a stall arrives together, and the first of it may be overdue by itself: the peer sent it in time.
    one.deadline = Math.max(overdue, one.heard, one.floor);
    if (one.status === 'trust') this.#trusted.moved(one);
    else if (one.deadline > now) this.#restore(one, atMs);
    return true;
  }

  forget(peer: Peer): void {
    const one = this.#watched.get(peer);
    if (one === undefined) return;
    this.#watched.delete(peer);
    if (one.status === 'trust') this.#trusted.remove(one);
    else this.#suspected.delete(one);
  }

  suspicion(peer: Peer, nowMs: number): number | undefined {
    const one = this.#watched.get(peer);
    if (one === undefined) return undefined;
    const now = this.#clock.toRun(nowMs);
    const silent = Math.max(0, now - one.heard);
    const allowed = one.deadline - one.heard;
    const level = one.beaten ? one.estimator.level(silent, allowed) : (this.threshold * silent) / allowed;
    // Formula and deadline agree but for their last bits; the deadline decides.
    return this.#isOver(one, now) ? Math.max(level, this.threshold) : Math.min(level, this.threshold * (1 - Number.EPSILON));
  }

  status(peer: Peer, nowMs: number): PeerStatus | undefined {
    const one = this.#watched.get(peer);
    if (one === undefined) return undefined;
    return this.#isOver(one, this.#clock.toRun(nowMs)) ? 'suspect' : 'trust';
  }

  expired(nowMs: number): readonly Peer[] {
    this.#advance(nowMs);
    return Array.from(this.#suspected, ({ peer }) => peer);
  }

  get nextDeadlineMs(): number {
    const first = this.#trusted.first();
    return first === undefined ? Infinity : this.#clock.toHost(first.deadline);
  }

  stalled(fromMs: number, untilMs: number): void {
    this.#advance(fromMs);
    if (this.#clock.stall(fromMs, untilMs)) this.#stalls += 1;
  }

  /** Suspects everybody whose deadline is over, in the order of the deadlines. Answers the running time. */
  #advance(nowMs: number): number {
    invariant(Number.isFinite(nowMs), 'times are finite');
    const now = this.#clock.toRun(nowMs);
    for (let first = this.#trusted.first(); first !== undefined && first.deadline <= now; first = this.#trusted.first()) {
      this.#trusted.remove(first);
      first.status = 'suspect';
      this.#suspected.add(first);
      this.#report(first, this.#clock.toHost(first.deadline));
    }
    return now;
  }

  #restore(one: Watched<Peer>, atMs: number): void {
    this.#suspected.delete(one);
    one.status = 'trust';
    this.#trusted.add(one);
    this.#report(one, atMs);
  }

  #report({ peer, incarnation, status }: Watched<Peer>, atMs: number): void {
    this.#onChange?.({ peer, incarnation, status, atMs });
  }

  #isOver(one: Watched<Peer>, now: number): boolean {
    return one.status === 'suspect' || one.deadline <= now;
  }

  /** What the kernel kept while we stalled is read within an interval after it, much closer together than it was sent. */
  #isBacklog({ estimator }: Watched<Peer>, atMs: number): boolean {
    const { lastUntilMs, lastLengthMs } = this.#clock;
    return atMs < lastUntilMs + Math.min(lastLengthMs, estimator.intervalMs);
  }
}
