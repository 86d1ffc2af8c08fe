import { lockCommands, lockQueries } from '@quorate/lock/state-machine';
import type { LockReply } from '@quorate/codec-protobuf/lock';
import type { ConsensusError } from '@quorate/interface';
import type { LockInput } from '@quorate/linearizability';
import { LaneCalls } from './lane-calls.ts';
import { clientOf } from './lane-setup.ts';
import type { LaneSetup, LockUnderTest } from './lane-setup.ts';
import { LockErrand } from './lock-errand.ts';
import { SessionTrail } from './lock-history.ts';

/** One logical client: a session of its own, one lock at a time, and accesses to what the lock guards. */
export class LockLane {
  private readonly setup: LaneSetup;
  private readonly calls: LaneCalls;
  private session = 0;
  private ttlMs = 0;
  private requests = 0;
  private renewing = false;
  private tokens: { readonly lock: LockUnderTest; readonly token: number }[] = [];
  /** The highest token of a leader that was observed. */
  private observed = 0;

  constructor(setup: LaneSetup) {
    this.setup = setup;
    this.calls = new LaneCalls(setup);
  }

  begin(): void {
    this.think();
  }

  rest(): void {
    this.calls.resting = true;
  }

  private think(): void {
    const { random, meanThinkMs } = this.setup;
    this.calls.later(random() * 2 * meanThinkMs, () => this.act());
  }

  private act(): void {
    const { random, locks } = this.setup;
    if (this.session === 0) return this.open();
    const draw = random();
    if (draw < 0.1) return this.look();
    if (draw < 0.13) return this.check();
    if (draw < 0.15) return this.force();
    if (draw < 0.18) return this.observe(1 + Math.floor(random() * 4));
    this.acquire(pick(locks, random()));
  }

  private open(): void {
    this.ttlMs = Math.round(400 + this.setup.random() * 2600);
    this.calls.submit(lockCommands.openSession(this.ttlMs, this.setup.name), (reply) => {
      if (reply?.kind === 'session-opened') {
        this.session = reply.session;
        this.setup.book.trails.set(reply.session, new SessionTrail(this.setup.history, clientOf(reply.session)));
        this.calls.later(this.ttlMs / 3, () => this.renew(reply.session));
      }
      this.think();
    });
  }

  private renew(session: number): void {
    if (session !== this.session) return;
    this.calls.later(this.ttlMs / 3, () => this.renew(session));
    if (this.renewing) return;
    this.renewing = true;
    const trail = this.setup.book.trails.get(session);
    trail?.renewing();
    this.calls.submit(lockCommands.keepAlive([session]), (reply) => {
      this.renewing = false;
      if (reply?.kind !== 'kept-alive') trail?.doubted();
      else if (reply.gone.includes(session)) this.lose(session);
      else trail?.renewed();
    });
  }

  // What it had is lost, or will be: nobody renews it any more.
  private lose(session: number): void {
    if (session === this.session) this.session = 0;
  }

  private acquire(lock: LockUnderTest): void {
    const { session, calls, setup: lane } = this;
    const errand = new LockErrand({
      lane,
      calls,
      session,
      lock,
      nextRequest: () => ++this.requests,
      isAlive: () => session === this.session,
      told: (token) => void (this.tokens = [...this.tokens.slice(-9), { lock, token }]),
      done: (lost) => {
        if (lost) this.lose(session);
        else lane.book.trails.get(session)?.finish();
        this.think();
      },
    });
    errand.begin();
  }

  private look(): void {
    const { calls } = this;
    const lock = pick(this.setup.locks, this.setup.random());
    const input: LockInput = { op: 'holder', lock: lock.name };
    const process = calls.record(lock, input);
    calls.query(lockQueries.lock(lock.name, 1), (reply, error) => {
      if (reply?.kind === 'lock') {
        const { holders, holding } = reply;
        const [holder] = holders;
        const client = holder === undefined ? null : clientOf(holder.session);
        calls.returned(process, { op: 'holder', client, token: holder?.token ?? null, holding });
      } else calls.ended(process, input, error?.outcome === 'unknown');
      this.think();
    });
  }

  /** Follows an election for a while: its leaders come in the order of their tokens, each with a value of its own. */
  private observe(looks: number): void {
    const { calls, setup } = this;
    const { book, locks, random } = setup;
    const lock = locks.find(({ use }) => use === 'election');
    if (lock === undefined || looks === 0) return this.think();
    const input: LockInput = { op: 'holder', lock: lock.name };
    const process = calls.record(lock, input);
    calls.query(lockQueries.leader(lock.name), (reply, error) => {
      if (reply?.kind === 'leader') {
        const { session, token, value } = reply;
        const isLed = session > 0;
        calls.returned(process, { op: 'holder', client: isLed ? clientOf(session) : null, token: isLed ? token : null });
        if (isLed) {
          book.observed += 1;
          if (token < this.observed) book.problems.push(`an observer saw a leader with token ${token} after ${this.observed}`);
          this.observed = Math.max(this.observed, token);
          const text = new TextDecoder().decode(value);
          if (!text.startsWith(`${clientOf(session)} `)) book.problems.push(`session ${session} leads with the value ${text}`);
        }
      } else calls.ended(process, input, error?.outcome === 'unknown');
      calls.later(5 + random() * 40, () => this.observe(looks - 1));
    });
  }

  private check(): void {
    const { calls } = this;
    const seen = this.tokens.at(-1);
    if (seen === undefined) return this.think();
    const { lock, token } = seen;
    const input: LockInput = { op: 'check', lock: lock.name, token };
    const process = calls.record(lock, input);
    const done = (reply: LockReply | undefined, error: ConsensusError | undefined): void => {
      if (reply?.kind === 'checked') calls.returned(process, { op: 'check', valid: reply.valid });
      else calls.ended(process, input, error?.outcome === 'unknown');
      this.think();
    };
    if (this.setup.random() < 0.5) calls.query(lockQueries.check(lock.name, token), done);
    else calls.submit(lockCommands.check(lock.name, token), done);
  }

  private force(): void {
    const { calls, setup } = this;
    const lock = pick(setup.locks, setup.random());
    const input: LockInput = { op: 'expire', lock: lock.name };
    const process = calls.record(lock, input);
    const command = lockCommands.forceRelease({ lock: lock.name, noDelay: true, by: setup.name, reason: 'a drill' });
    calls.submit(command, (reply, error) => {
      if (reply !== undefined) calls.returned(process, { op: 'expire', released: reply.kind === 'done' });
      else calls.ended(process, input, error?.outcome === 'unknown');
      this.think();
    });
  }
}

function pick<T>(list: readonly T[], draw: number): T {
  return list[Math.floor(draw * list.length)] as T;
}
