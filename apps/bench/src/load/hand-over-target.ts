import { HttpCaller } from './http-caller.ts';
import type { HttpAnswer } from './http-caller.ts';
import type { HandOverSample, Target } from './target.ts';

/** Who takes part. */
export interface HandOverOptions {
  /** Of the leader. */
  readonly endpoint: string;
  /** Those who wait at any time; one more holds the lock. */
  readonly waiters: number;
  /** Of one hand-over, with what belongs to it. */
  readonly timeoutMs: number;
}

interface LockUser {
  readonly caller: HttpCaller;
  readonly session: number;
  readonly place: number;
}

interface Holder {
  readonly user: LockUser;
  readonly token: number;
}

/** An hour, the longest that there is: no renewal falls into a measurement. */
const sessionTtlMs = 3_600_000;
/** The longest that a long poll may take: none runs out while a lock goes round. */
const waitMs = 60_000;
const pollMs = 20;
/** After something went wrong there is nothing to measure; whoever asks on is kept from asking as fast as it can. */
const pauseMs = 100;
/** The answer to a long poll that was not granted. */
const goOnWaiting = 202;
const lock = 'contended';

/**
 * One lock that goes round among many, each with a connection of its own, by long polls. An operation is a hand-over and what it is compared
 * with: the holder takes and releases a lock of its own, which is one commit, alone; then it releases the lock that the others wait for,
 * alone. Only then it queues again. Rejects where the queue cannot be made.
 */
export async function handOverTarget({ endpoint, waiters, timeoutMs }: HandOverOptions): Promise<Target> {
  const callers = Array.from({ length: waiters + 1 }, () => new HttpCaller(endpoint));
  const close = (): void => {
    for (const caller of callers) caller.close();
  };
  try {
    const users = await Promise.all(
      callers.map(async (caller, place): Promise<LockUser> => {
        const { session } = expectOk(await caller.call('POST', '/v1/sessions', { ttlMs: sessionTtlMs }));
        return { caller, place, session: Number(session) };
      }),
    );
    const round = new HandOvers(users, timeoutMs);
    await round.begin();
    return {
      send(_operation, done) {
        void answer(round, done);
      },
      close() {
        round.end();
        close();
        return Promise.resolve();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function answer(round: HandOvers, done: Parameters<Target['send']>[1]): Promise<void> {
  let sample: HandOverSample | undefined;
  try {
    sample = await round.next();
  } catch {
    // The round stands still from now on: what is asked for is not done, and nobody knows how far it came.
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  done(sample === undefined ? 'unknown' : 'succeeded', sample);
}

class HandOvers {
  readonly #users: readonly LockUser[];
  readonly #timeoutMs: number;
  #holder: Holder | undefined;
  #last: LockUser | undefined;
  #requests = 0;
  #wakeUps = 0;
  #ended = false;
  #trouble: Error | undefined;
  #granted: ((holder: Holder) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(users: readonly LockUser[], timeoutMs: number) {
    this.#users = users;
    this.#timeoutMs = timeoutMs;
  }

  /** The first one has the lock, all others wait for it. */
  async begin(): Promise<void> {
    const [first, ...others] = this.#users;
    if (first === undefined) throw new RangeError('there is nobody');
    this.#holder = { user: first, token: Number(expectOk(await this.#acquire(first, lock))['token']) };
    for (const user of others) void this.#queue(user);
    const look = new HttpCaller(first.caller.endpoint);
    const deadline = performance.now() + this.#timeoutMs;
    try {
      for (;;) {
        const { waiting } = expectOk(await look.call('GET', `/v1/locks/${lock}?limit=1`));
        if (waiting === others.length) return;
        if (this.#trouble !== undefined) throw this.#trouble;
        if (performance.now() > deadline) throw new Error(`${Number(waiting)} of ${others.length} wait for the lock`);
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    } finally {
      look.close();
    }
  }

  /** Rejects once anything went wrong, and at once from then on. */
  async next(): Promise<HandOverSample> {
    const timer = setTimeout(() => this.#fail(new Error('a hand-over took too long')), this.#timeoutMs);
    try {
      return await this.#step();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Connections that end from now on are no trouble. */
  end(): void {
    this.#ended = true;
  }

  async #step(): Promise<HandOverSample> {
    if (this.#trouble !== undefined || this.#holder === undefined) throw this.#trouble ?? new Error('nobody has the lock');
    const { user, token } = this.#holder;
    // Behind the others again. Its commit goes along with that of the acquire below, which is not measured.
    if (this.#last !== undefined) void this.#queue(this.#last);
    const own = `own-${user.place}`;
    const { token: ownToken } = expectOk(await this.#acquire(user, own));
    const commitMs = await timed(() => release(user, own, Number(ownToken)));
    const next = new Promise<Holder>((resolve, reject) => {
      this.#granted = resolve;
      this.#failed = reject;
    });
    if (this.#trouble !== undefined) throw this.#trouble;
    const sentMs = performance.now();
    const released = release(user, lock, token);
    const [{ holder, atMs }] = await Promise.all([next.then((holder) => ({ holder, atMs: performance.now() })), released]);
    this.#last = user;
    this.#holder = holder;
    const wakeUps = this.#wakeUps;
    this.#wakeUps = 0;
    return { handOverMs: atMs - sentMs, commitMs, wakeUps };
  }

  #acquire({ caller, session }: LockUser, name: string, request = ++this.#requests): Promise<HttpAnswer> {
    return caller.call('POST', `/v1/locks/${name}/acquire`, { session, request, waitMs });
  }

  /** Waits until it is granted. Each answer is a wake-up, also one that says to go on waiting. */
  async #queue(user: LockUser): Promise<void> {
    const request = ++this.#requests;
    try {
      let answer = await this.#acquire(user, lock, request);
      for (this.#wakeUps += 1; answer.status === goOnWaiting; this.#wakeUps += 1)
        answer = await this.#acquire(user, lock, request);
      this.#granted?.({ user, token: Number(expectOk(answer)['token']) });
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#trouble ??= error;
    this.#failed?.(error);
  }
}

async function release({ caller, session }: LockUser, name: string, token: number): Promise<void> {
  expectOk(await caller.call('POST', `/v1/locks/${name}/release`, { session, token }));
}

async function timed(run: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await run();
  return performance.now() - beganMs;
}

function expectOk({ status, body }: HttpAnswer): HttpAnswer['body'] {
  if (status !== 200 && status !== 201) throw new Error(`the member answered with ${status}: ${JSON.stringify(body)}`);
  return body;
}
