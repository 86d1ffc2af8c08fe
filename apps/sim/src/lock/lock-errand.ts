import { lockCommands, lockQueries, refusalOf } from '@quorate/lock/state-machine';
import type { AcquireMode } from '@quorate/lock/state-machine';
import type { LockInput } from '@quorate/linearizability';
import { isOver } from './lane-calls.ts';
import type { LaneCalls, Told } from './lane-calls.ts';
import { clientOf } from './lane-setup.ts';
import type { LaneSetup, LockUnderTest } from './lane-setup.ts';

/** A request that a grant serves, as its client was told. */
interface Share {
  readonly request: number;
  readonly mode: AcquireMode;
  /** Of the grant, when it was told. */
  readonly token: number;
  readonly delayMs: number;
  attempts: number;
}

/** What an errand needs of its lane. */
export interface ErrandSetup {
  readonly lane: LaneSetup;
  readonly calls: LaneCalls;
  readonly session: number;
  readonly lock: LockUnderTest;
  readonly nextRequest: () => number;
  /** The session is still the lane's. */
  readonly isAlive: () => boolean;
  /** `lost`: nobody knows what the session has, or it is over. Else it has nothing to do with the lock any more. */
  readonly done: (lost: boolean) => void;
  readonly told: (token: number) => void;
}

/** One lock from the first request to the last release: waited for or tried, entered again, used, asked for again, and left. */
export class LockErrand {
  private readonly setup: ErrandSetup;
  private readonly client: string;
  private shares: Share[] = [];
  /** The newest of the grant: also that of its older shares, once a reader became the writer. */
  private token = 0;

  constructor(setup: ErrandSetup) {
    this.setup = setup;
    this.client = clientOf(setup.session);
  }

  begin(): void {
    const { lane, calls, lock, session } = this.setup;
    const { random } = lane;
    if (lock.use !== 'delayed') lane.book.trails.get(session)?.begin(lock.name);
    const wait = random() < 0.6;
    const share = this.newShare(this.firstMode());
    const input = this.inputOf(share);
    const process = calls.record(lock, input);
    calls.ask(this.about(share), this.acquiring(share, wait), ({ reply, doubted }) => {
      if (reply?.kind === 'granted') return this.granted(process, { ...share, token: reply.token });
      // Some have little time, some have some.
      const untilMs = lane.book.nowMs() + (random() < 0.3 ? 20 + random() * 300 : 300 + random() * 3000);
      if (reply?.kind === 'queued') return this.wait(process, share, untilMs);
      // A copy of it may come late, and must not begin then.
      if (reply !== undefined && doubted && !isOver(reply)) return this.cancel(process, share);
      if (reply?.kind === 'refused' && refusalOf(reply.code) === 'E_LOCK_HELD')
        calls.returned(process, { op: 'acquire', granted: false });
      else calls.ended(process, input, doubted);
      this.setup.done(doubted || isOver(reply));
    });
  }

  private firstMode(): AcquireMode {
    const { use } = this.setup.lock;
    if (use === 'semaphore') return 'permit';
    if (use === 'election') return 'campaign';
    return use === 'lock' && this.setup.lane.random() < 0.4 ? 'shared' : 'exclusive';
  }

  private newShare(mode: AcquireMode): Share {
    const { lane, lock, nextRequest } = this.setup;
    const delayMs = lock.use === 'delayed' ? Math.round(100 + lane.random() * 900) : 0;
    return { request: nextRequest(), mode, token: 0, delayMs, attempts: 0 };
  }

  private about({ request }: Pick<Share, 'request'>): { readonly session: number; readonly request: number } {
    return { session: this.setup.session, request };
  }

  private inputOf({ request, mode }: Share): LockInput {
    const { lock } = this.setup;
    const permits = lock.permits > 0 ? { permits: lock.permits } : {};
    return { op: 'acquire', lock: lock.name, client: this.client, mode, request, ...permits };
  }

  /** The same request each time, in other words: what does not identify it may differ, and two calls are told apart by it. */
  private acquiring(share: Share, wait: boolean): () => Uint8Array {
    const { session, lock } = this.setup;
    const { request, mode, delayMs } = share;
    return () => {
      share.attempts += 1;
      const metadata = new TextEncoder().encode(`${this.client} attempt ${share.attempts}`);
      return lockCommands.acquire({ session, lock: lock.name, request, mode, wait, permits: lock.permits, delayMs, metadata });
    };
  }

  /** Looks every now and then whether it is its turn; gives up after a while. */
  private wait(process: number | undefined, share: Share, untilMs: number): void {
    const { lane, calls, lock, session, isAlive } = this.setup;
    const { book } = lane;
    calls.later(20 + lane.random() * 60, () => {
      if (book.nowMs() >= untilMs || !isAlive()) return this.cancel(process, share);
      calls.query(lockQueries.lock(lock.name), (reply) => {
        const holder = reply?.kind === 'lock' ? reply.holders.find((one) => one.session === session) : undefined;
        if (holder === undefined) return this.wait(process, share, untilMs);
        book.told.push({ ...this.about(share), answer: { reply: 'seen', token: holder.token } });
        this.granted(process, { ...share, token: holder.token });
      });
    });
  }

  private cancel(process: number | undefined, share: Share): void {
    const { lane, calls, lock, session, done } = this.setup;
    const { request } = share;
    calls.ask(
      this.about(share),
      () => lockCommands.cancel(session, lock.name, request),
      ({ reply }) => {
        if (reply?.kind === 'granted') return this.granted(process, { ...share, token: reply.token });
        const isCancelled = reply?.kind === 'done';
        // It may have had the lock in between, and an administrator took it.
        if (isCancelled && !lane.wasGranted(session, request)) calls.failed(process);
        else calls.lost(process, this.inputOf(share));
        done(!isCancelled);
      },
    );
  }

  private granted(process: number | undefined, share: Share): void {
    const { calls, lane, told } = this.setup;
    calls.returned(process, { op: 'acquire', granted: true, token: share.token });
    told(share.token);
    this.shares.push(share);
    this.token = share.token;
    this.use(1 + Math.floor(lane.random() * 4));
  }

  private use(steps: number): void {
    const { lane, calls, isAlive } = this.setup;
    const { random } = lane;
    if (steps === 0) return this.release();
    const draw = random();
    const next = (): void => this.use(steps - 1);
    if (draw < 0.1 && isAlive()) return this.enterAgain(next);
    if (draw < 0.14 && isAlive()) return this.askAgain(next);
    this.access();
    calls.later(random() * (random() < 0.1 ? 800 : 40), next);
  }

  /** At what the lock guards. It believes to hold the lock, and may be wrong: that is what tokens are for. */
  private access(): void {
    const { lane, lock, session } = this.setup;
    const { random, resource, deliver, holds } = lane;
    const shared = !this.shares.some(({ mode }) => mode === 'exclusive' || mode === 'campaign');
    const token = this.tokenOf(this.shares[Math.floor(random() * this.shares.length)]);
    const slow = random() < 0.1 ? 3000 : 100;
    deliver(random() * slow, () => {
      const held = holds(lock.name, { session, token, shared });
      resource(lock).access({ client: this.client, token, shared, held });
    });
  }

  /** Each permit has its own; whoever shares a grant has its newest. */
  private tokenOf(share: Share | undefined): number {
    if (share !== undefined && share.mode === 'permit') return share.token;
    return this.token;
  }

  /** Another request of the same session: a second permit, or a share in the grant, as a reader or as a writer. */
  private enterAgain(next: () => void): void {
    const { lane, calls, lock, done, told } = this.setup;
    const [{ mode: first } = { mode: 'exclusive' as const }] = this.shares;
    const isLock = lock.use === 'lock' || lock.use === 'delayed';
    const share = this.newShare(isLock ? (lane.random() < 0.6 ? first : first === 'shared' ? 'exclusive' : 'shared') : first);
    const input = this.inputOf(share);
    const process = calls.record(lock, input);
    // It never waits, unless the lock was lost.
    calls.ask(this.about(share), this.acquiring(share, false), ({ reply, doubted }) => {
      if (reply?.kind === 'granted') {
        calls.returned(process, { op: 'acquire', granted: true, token: reply.token });
        told(reply.token);
        // Alone in the grant of a lock: what it had before was lost.
        if (lock.use !== 'semaphore' && reply.count === 1) this.shares = [];
        this.shares.push({ ...share, token: reply.token });
        this.token = reply.token;
        return next();
      }
      const code = reply?.kind === 'refused' ? refusalOf(reply.code) : undefined;
      const isRefused = code === 'E_LOCK_HELD' || code === 'E_UPGRADE';
      if (isRefused && !doubted) calls.returned(process, { op: 'acquire', granted: false });
      else calls.ended(process, input, doubted);
      if (doubted || isOver(reply)) done(true);
      else next();
    });
  }

  /** As if the answer had been lost: it has to be the same one. The replay knows which that is. */
  private askAgain(next: () => void): void {
    const { calls, done } = this.setup;
    const share = this.shares.at(-1);
    if (share === undefined) return next();
    calls.ask(this.about(share), this.acquiring(share, true), ({ reply }) => {
      if (isOver(reply)) done(true);
      else next();
    });
  }

  private release(): void {
    const { lane, lock } = this.setup;
    const { random } = lane;
    const share = this.shares.at(-1);
    if (share === undefined) return this.setup.done(false);
    if (random() < 0.05) return this.close();
    const single = lock.use === 'semaphore' || (this.shares.length > 1 && random() < 0.7);
    this.leave(share, single);
  }

  /** Releases one request of a grant, or all of them. */
  private leave(share: Share, single: boolean): void {
    const { lane, calls, lock, session, done } = this.setup;
    const token = this.tokenOf(share);
    const request = single ? share.request : 0;
    const input: LockInput = {
      op: 'release',
      lock: lock.name,
      client: this.client,
      token,
      ...(single ? { request } : {}),
    };
    const process = calls.record(lock, input);
    const command = (): Uint8Array => lockCommands.release({ session, lock: lock.name, token, request });
    calls.ask({ session, request }, command, ({ reply, doubted }) => {
      this.left(process, input, { reply, doubted });
      if (isOver(reply) || (reply === undefined && doubted)) return done(true);
      if (reply === undefined) return calls.later(50, () => this.leave(share, single));
      this.shares = single ? this.shares.filter((one) => one !== share) : [];
      // Whoever left once still has it, as long as a request is left.
      if (this.shares.length > 0 && lane.random() < 0.5) this.access();
      calls.later(lane.random() * 20, () => this.release());
    });
  }

  private left(process: number | undefined, input: LockInput, { reply, doubted }: Told): void {
    const { calls } = this.setup;
    // An earlier attempt may have released it, and what came after that be the end of the session.
    if (reply?.kind === 'released')
      calls.returned(process, { op: 'release', released: true, ...(doubted ? {} : { remaining: reply.remaining }) });
    else if (reply !== undefined && !doubted) calls.returned(process, { op: 'release', released: false });
    else calls.ended(process, input, doubted);
  }

  /** A session may be closed without holding anything any more, after an administrator took the lock: the answer says nothing of it. */
  private close(): void {
    const { calls, lock, session, done } = this.setup;
    const input: LockInput = { op: 'release', lock: lock.name, client: this.client };
    const process = calls.record(lock, input);
    calls.submit(lockCommands.closeSession(session), (reply, error) => {
      calls.ended(process, input, reply?.kind === 'done' || error?.outcome === 'unknown');
      done(true);
    });
  }
}
