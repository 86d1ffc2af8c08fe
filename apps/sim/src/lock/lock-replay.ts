import { lockCommandCodec } from '@quorate/codec-protobuf/lock';
import type { Acquire, LockCommand } from '@quorate/codec-protobuf/lock';
import type { Index, Stamp } from '@quorate/interface';

/** Who holds a lock, by the checker's own reckoning. */
export interface ReplayedHold {
  readonly session: number;
  readonly request: number;
  readonly token: number;
  readonly delayMs: number;
  /** Its session is over, and the lock stays taken until its delay ends. */
  readonly dead: boolean;
}

/** What became of an acquire: at its place in the log, and later where it waited. */
export interface ReplayedAcquire {
  readonly reply: 'granted' | 'queued' | 'held' | 'refused';
  /** 0: it was never granted. */
  readonly token: number;
}

/** What the replay tells as it goes. */
export interface ReplayListener {
  sessionOpened(session: number, ttlMs: number): void;
  renewed(session: number): void;
  sessionEnded(session: number, cause: 'closed' | 'expired'): void;
  died(lock: string, token: number, delayMs: number): void;
  delayEnded(lock: string, token: number): void;
  granted(waited: boolean): void;
  cancelled(): void;
  forced(): void;
}

interface ReplayedLock {
  hold: ReplayedHold | undefined;
  waits: Acquire[];
}

/**
 * The lock service once more, from its description: what the delivered commands mean for exclusive locks, in the order of the log. Shares
 * no code with the state machine under test; what clients were told is compared with it.
 */
export class LockReplay {
  readonly problems: string[] = [];
  private readonly locks = new Map<string, ReplayedLock>();
  private readonly renewals = new Map<number, number>();
  private readonly acquires = new Map<string, ReplayedAcquire>();
  private readonly over = new Set<string>();
  private readonly listener: ReplayListener;
  private token = 0;
  private ordinal = 0;
  private applied: Index = 0;

  constructor(listener: ReplayListener) {
    this.listener = listener;
  }

  /** The first time that any member delivers an entry. Later deliveries of it are nothing new. */
  delivered(bytes: Uint8Array, { index, ordinal }: Stamp): void {
    if (index <= this.applied) return;
    this.applied = index;
    this.ordinal = ordinal;
    const command = lockCommandCodec.decode(bytes);
    if (command === undefined) this.problems.push(`entry ${index} is no command of a lock service`);
    else this.run(command);
  }

  holdOf(lock: string): ReplayedHold | undefined {
    return this.locks.get(lock)?.hold;
  }

  /** Sessions, and delays after the death of a holder, that are not over: each of them ends if nobody renews anything. */
  get lasting(): number {
    let delays = 0;
    for (const { hold } of this.locks.values()) if (hold?.dead === true) delays += 1;
    return this.renewals.size + delays;
  }

  acquireOf(session: number, request: number): ReplayedAcquire | undefined {
    return this.acquires.get(claimOf(session, request));
  }

  private run(command: LockCommand): void {
    switch (command.kind) {
      case 'open-session':
        this.renewals.set(this.ordinal, this.ordinal);
        this.listener.sessionOpened(this.ordinal, command.ttlMs);
        break;
      case 'keep-alive':
        for (const session of command.sessions) {
          if (!this.renewals.has(session)) continue;
          this.renewals.set(session, this.ordinal);
          this.listener.renewed(session);
        }
        break;
      case 'close-session':
        this.end(command.session, 'closed');
        break;
      case 'expire-session':
        if (this.renewals.get(command.session) === command.renewal) this.end(command.session, 'expired');
        break;
      case 'acquire':
        this.acquire(command);
        break;
      case 'cancel':
        if (this.renewals.has(command.session)) this.cancel(command.session, command.lock, command.request);
        break;
      case 'release':
        this.free(command.lock, (hold) => hold.session === command.session && hold.token === command.token && !hold.dead);
        break;
      case 'force-release':
        if (this.holdOf(command.lock) !== undefined) this.listener.forced();
        this.free(command.lock, () => true);
        break;
      case 'end-delay':
        this.free(command.lock, (hold) => {
          const meant = hold.dead && hold.token === command.token;
          if (meant) this.listener.delayEnded(command.lock, command.token);
          return meant;
        });
        break;
      default:
        break;
    }
  }

  private acquire(command: Acquire): void {
    const { session, request, lock: name } = command;
    const claim = claimOf(session, request);
    if (!this.renewals.has(session) || this.over.has(claim)) {
      this.acquires.set(claim, { reply: 'refused', token: 0 });
      return;
    }
    let lock = this.locks.get(name);
    if (lock === undefined) this.locks.set(name, (lock = { hold: undefined, waits: [] }));
    const free = lock.hold === undefined && lock.waits.length === 0;
    const reply = free ? 'granted' : command.wait ? 'queued' : 'held';
    this.acquires.set(claim, { reply, token: 0 });
    if (free) this.grant(lock, command);
    else if (command.wait) lock.waits.push(command);
  }

  // A fencing token: above all tokens before, and at least the ordinal of the entry that grants.
  private grant(lock: ReplayedLock, { session, request, delayMs }: Acquire): void {
    this.token = Math.max(this.token + 1, this.ordinal);
    lock.hold = { session, request, token: this.token, delayMs, dead: false };
    const claim = claimOf(session, request);
    const { reply } = this.acquires.get(claim) ?? { reply: 'queued' };
    this.listener.granted(reply === 'queued');
    this.acquires.set(claim, { reply, token: this.token });
  }

  private cancel(session: number, name: string, request: number): void {
    const lock = this.locks.get(name);
    const { hold } = lock ?? {};
    if (hold !== undefined && hold.session === session && hold.request === request && !hold.dead) return;
    this.over.add(claimOf(session, request));
    if (lock === undefined) return;
    const before = lock.waits.length;
    lock.waits = lock.waits.filter((wait) => wait.session !== session || wait.request !== request);
    if (lock.waits.length < before) this.listener.cancelled();
  }

  private end(session: number, cause: 'closed' | 'expired'): void {
    if (!this.renewals.delete(session)) return;
    this.listener.sessionEnded(session, cause);
    for (const [name, lock] of this.locks) {
      lock.waits = lock.waits.filter((wait) => wait.session !== session);
      const { hold } = lock;
      if (hold === undefined || hold.session !== session || hold.dead) continue;
      if (cause === 'closed' || hold.delayMs === 0) this.free(name, () => true);
      else {
        lock.hold = { ...hold, dead: true };
        this.listener.died(name, hold.token, hold.delayMs);
      }
    }
  }

  private free(name: string, meant: (hold: ReplayedHold) => boolean): void {
    const lock = this.locks.get(name);
    const { hold } = lock ?? {};
    if (lock === undefined || hold === undefined || !meant(hold)) return;
    lock.hold = undefined;
    const next = lock.waits.shift();
    if (next !== undefined) this.grant(lock, next);
  }
}

function claimOf(session: number, request: number): string {
  return `${session}/${request}`;
}
