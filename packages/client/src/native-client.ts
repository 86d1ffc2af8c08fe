import type { ClientResults, ConsensusErrorCode, Consistency, RuntimeMessage, SessionOpened } from '@quorate/interface';
import { Alarm } from './alarm.ts';
import { answersOf, isPassing } from './answer.ts';
import { CommandWindow } from './command-window.ts';
import { Connection } from './connection.ts';
import { Course } from './course.ts';
import { createOperation } from './operation.ts';
import type { Done, Operation, Reason } from './operation.ts';
import { Outbox } from './outbox.ts';
import type { ResolvedClientOptions } from './options.ts';
import { QueryWindow } from './query-window.ts';
import { bodiesOf, commandsMessage, queriesMessage } from './requests.ts';

/** A reading of a client. */
export interface ClientStatus {
  readonly connected: boolean;
  readonly endpoint: string;
  /** The replicated session, 0 where there is none. */
  readonly session: number;
  readonly pending: number;
  readonly inFlight: number;
  /** Counted since the start: sessions opened, links lost, frames that no correct member sends. */
  readonly sessionsOpened: number;
  readonly linksLost: number;
  readonly malformed: number;
}

/** The cluster forgets sessions that rest for an hour. A new one in time costs an entry, the old one too late an unknown outcome. */
const sessionRestMs = 1_800_000;

/**
 * The client as a state machine: told of calls, frames and moments; it sends through the transport at the end of the turn.
 * Everything completes by callback.
 */
export class NativeClient {
  readonly #options: ResolvedClientOptions;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  readonly #commands: CommandWindow;
  readonly #queries: QueryWindow;
  readonly #alarm: Alarm;
  readonly #sendAlarm: Alarm;
  readonly #commandCourse: Course;
  readonly #queryCourse: Course;
  #session = 0;
  #opening = 0;
  #openings = 0;
  #flushAsked = false;
  #closed = false;
  #hopeless: Reason | undefined;
  #linksLost = 0;
  #sessionsOpened = 0;
  #sessionUsedMs = 0;

  constructor(options: ResolvedClientOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.host);
    this.#commandCourse = new Course(options.host, options.stallMs);
    this.#queryCourse = new Course(options.host, options.stallMs);
    const limits = { count: options.maxInFlight, bytes: options.maxInFlightBytes };
    const rules = { sessions: options.sessions, once: options.transport.delivery === 'fifo' };
    this.#commands = new CommandWindow(rules, limits, this.#outbox);
    this.#queries = new QueryWindow(limits, this.#outbox);
    this.#alarm = new Alarm(options.host, () => this.#wake());
    this.#sendAlarm = new Alarm(options.host, () => this.#askFlush());
    this.#connection = new Connection(options, {
      up: () => this.#up(),
      down: (reason) => this.#down(reason),
      message: (message, rest) => this.#message(message, rest),
      hopeless: (text) => this.#giveUpAll(text),
    });
  }

  start(): void {
    this.#connection.start();
  }

  /** Takes one command or, with a consistency, one read. The bytes are shared until `done`. */
  submit(
    body: Uint8Array,
    consistency: Consistency | undefined,
    caller: { readonly deadlineMs: number; readonly done: Done },
  ): Operation {
    const operation = createOperation(body, consistency, caller);
    const refusal = this.#refusal(operation);
    if (refusal !== undefined) {
      this.#outbox.fail(operation, refusal, 'not-applied');
      // Never within the call: a caller must not find its own state half changed.
      this.#options.host.endOfTurn(() => this.#outbox.deliver());
      return operation;
    }
    const isCommand = consistency === undefined;
    const [window, course] = isCommand ? [this.#commands, this.#commandCourse] : [this.#queries, this.#queryCourse];
    if (window.pending === 0) course.began();
    window.add(operation);
    this.#alarm.by(operation.deadlineMs);
    this.#alarm.by(course.stalledAtMs);
    this.#askFlush();
    return operation;
  }

  /** The caller stops waiting. */
  cancel(operation: Operation): void {
    const due = (other: Operation): boolean => other === operation;
    const reason = (): Reason => reasonOf('E_ABORTED', 'the caller stopped waiting.');
    this.#giveUpWhere(due, reason);
  }

  status(): ClientStatus {
    return {
      connected: this.#connection.isUp,
      endpoint: this.#connection.endpoint,
      session: this.#session,
      pending: this.#pending(),
      inFlight: this.#commands.inFlight + this.#queries.inFlight,
      sessionsOpened: this.#sessionsOpened,
      linksLost: this.#linksLost,
      malformed: this.#connection.malformed,
    };
  }

  /** Ends everything now; what was sent and not answered is `unknown`. Calling again is harmless. */
  close(done: () => void): void {
    if (this.#closed) return this.#options.host.endOfTurn(done);
    this.#closed = true;
    this.#alarm.clear();
    this.#sendAlarm.clear();
    this.#giveUpWhere(
      () => true,
      () => reasonOf('E_STOPPED', 'the client was closed.'),
    );
    this.#connection.close(done);
  }

  #now(): number {
    return this.#options.host.monotonicMs();
  }

  #pending(): number {
    return this.#commands.pending + this.#queries.pending;
  }

  #refusal({ body }: Operation): Reason | undefined {
    if (this.#closed) return reasonOf('E_STOPPED', 'the client is closed. Create another one.');
    if (this.#hopeless !== undefined) return this.#hopeless;
    const { maxPending, maxPendingBytes } = this.#options;
    if (body.length > maxPendingBytes) {
      const text = `the command has ${body.length} bytes, allowed ${maxPendingBytes}. Send less, or raise maxPendingBytes.`;
      return reasonOf('E_TOO_LARGE', text);
    }
    const bytes = this.#commands.pendingBytes + this.#queries.pendingBytes + body.length;
    if (this.#pending() < maxPending && bytes <= maxPendingBytes) return undefined;
    const text = `${this.#pending()} operations with ${bytes} bytes wait, allowed ${maxPending} and ${maxPendingBytes}. Send slower.`;
    return reasonOf('E_OVERLOADED', text);
  }

  #askFlush(): void {
    if (this.#flushAsked || this.#closed) return;
    this.#flushAsked = true;
    this.#options.host.endOfTurn(() => {
      this.#flushAsked = false;
      this.#flush();
    });
  }

  /** Everything that gathered in this turn leaves in as few frames as its numbers allow. */
  #flush(): void {
    if (this.#closed || !this.#connection.isUp) return;
    const now = this.#now();
    if (this.#mayGoOn(this.#commandCourse, now)) this.#flushCommands({ nowMs: now, leastMs: this.#commandCourse.patienceMs });
    if (this.#mayGoOn(this.#queryCourse, now)) {
      const time = { nowMs: now, leastMs: this.#queryCourse.patienceMs };
      for (const run of this.#queries.take()) this.#connection.send(queriesMessage(run, time), bodiesOf(run.operations));
    }
    this.#connection.flush();
  }

  #mayGoOn({ pause }: Course, now: number): boolean {
    if (now >= pause.untilMs) return true;
    this.#sendAlarm.by(pause.untilMs);
    return false;
  }

  #flushCommands(time: { readonly nowMs: number; readonly leastMs: number }): void {
    if (this.#options.sessions) this.#openSession(time.nowMs);
    if (this.#options.sessions && this.#session === 0) return;
    for (const run of this.#commands.take()) {
      const session = { id: this.#session, lowestUnanswered: this.#commands.lowestUnanswered };
      this.#connection.send(commandsMessage(run, session, time), bodiesOf(run.operations));
    }
  }

  #openSession(now: number): void {
    if (this.#commands.pending === 0) return;
    const stale = this.#commands.inFlight === 0 && now - this.#sessionUsedMs > sessionRestMs;
    this.#sessionUsedMs = now;
    if (this.#commands.mustReopen || stale) {
      this.#commands.reopen();
      this.#session = 0;
    }
    if (this.#session !== 0 || this.#opening !== 0) return;
    this.#opening = ++this.#openings;
    this.#connection.send({ kind: 'session-open', request: this.#opening }, []);
  }

  #up(): void {
    this.#opening = 0;
    this.#commandCourse.began();
    this.#queryCourse.began();
    this.#askFlush();
  }

  #down(reason: string): void {
    this.#linksLost++;
    this.#opening = 0;
    this.#commands.linkLost(reasonOf('E_LINK_LOST', `the link to the cluster ended (${reason}). Read before you send again.`));
    this.#queries.linkLost();
    this.#outbox.deliver();
  }

  #message(message: RuntimeMessage, rest: Uint8Array): void {
    if (message.kind === 'client-results') this.#results(message, rest);
    else if (message.kind === 'session-opened') this.#opened(message);
    else this.#connection.malformedFrame();
  }

  #opened(message: SessionOpened): void {
    if (message.request !== this.#opening) return;
    this.#opening = 0;
    this.#commandCourse.began();
    if (message.session === 0) {
      this.#commandCourse.pause.refused();
    } else {
      this.#session = message.session;
      this.#sessionsOpened++;
      this.#commandCourse.pause.accepted();
    }
    this.#askFlush();
  }

  #results(message: ClientResults, rest: Uint8Array): void {
    const answers = answersOf(message, rest);
    if (answers === undefined) return this.#connection.malformedFrame();
    // Answers of a session that was given up meanwhile name numbers that mean something else now.
    if (message.of === 'commands' && message.session !== this.#session) return;
    const course = message.of === 'commands' ? this.#commandCourse : this.#queryCourse;
    let refused = false;
    let stopped = false;
    for (const answer of answers) {
      const window = message.of === 'commands' ? this.#commands : this.#queries;
      const sentOnce = window.answered(answer);
      const { code } = answer;
      const passing = code !== undefined && isPassing(code);
      refused ||= passing;
      stopped ||= code !== undefined && leaving.has(code);
      // A member on the wrong side of a partition refuses in time: only an answer that decides something is progress.
      if (!passing) course.progressed(sentOnce);
    }
    if (refused) course.pause.refused();
    else course.pause.accepted();
    this.#outbox.deliver();
    this.#afterResults(message, stopped);
  }

  #afterResults(message: ClientResults, stopped: boolean): void {
    if (this.#closed) return;
    const { leader } = message;
    if (stopped && this.#mayLeave()) this.#connection.moveOn('the member cannot reach a leader');
    else if (leader !== undefined && leader !== this.#connection.member && this.#mayLeave()) this.#connection.follow(leader);
    if (this.#pending() > 0) this.#askFlush();
  }

  /** Without sessions a lost link costs outcomes, so the link is only left when nobody waits for what is on it. */
  #mayLeave(): boolean {
    return this.#options.sessions || !this.#commands.isAwaited();
  }

  #wake(): void {
    if (this.#closed) return;
    const now = this.#now();
    this.#giveUpWhere(
      (operation) => operation.deadlineMs <= now,
      () => this.#lateReason(),
    );
    let nextMs = Infinity;
    const visit = (operation: Operation): void => {
      if (operation.done !== undefined && operation.deadlineMs < nextMs) nextMs = operation.deadlineMs;
    };
    this.#commands.each(visit);
    this.#queries.each(visit);
    this.#watchStall(now);
    this.#alarm.by(nextMs);
  }

  /** A member that answers no commands, or no reads, while some wait for it, is left for another one. */
  #watchStall(now: number): void {
    if (this.#pending() === 0) return;
    const stalled = [
      this.#isStalled(this.#commandCourse, this.#opening !== 0 || this.#commands.inFlight > 0, now),
      this.#isStalled(this.#queryCourse, this.#queries.inFlight > 0, now),
    ];
    if (!stalled.includes(true) || !this.#connection.isUp || !this.#mayLeave()) return;
    this.#connection.moveOn('the member does not answer');
    if (this.#options.transport.delivery === 'datagram') this.#sendAgain();
  }

  /** Where frames may be lost one by one, a member that has no neighbour to go to may never have seen what it does not answer. */
  #sendAgain(): void {
    if (!this.#options.sessions) return;
    this.#commands.linkLost(reasonOf('E_TIMEOUT', 'no answer.'));
    this.#queries.linkLost();
    this.#askFlush();
  }

  #isStalled(course: Course, waits: boolean, now: number): boolean {
    const late = now >= course.stalledAtMs;
    if (late && waits) course.stalled();
    else if (late) course.began();
    this.#alarm.by(course.stalledAtMs);
    return late && waits;
  }

  #lateReason(): Reason {
    if (this.#connection.isUp) return reasonOf('E_TIMEOUT', 'no answer before the deadline.');
    const { attempts, lastTrouble } = this.#connection;
    const text = `no member could be reached, attempts=${attempts} (last: ${lastTrouble}). Check the endpoints and the cluster.`;
    return reasonOf('E_UNAVAILABLE', text);
  }

  #giveUpWhere(due: (operation: Operation) => boolean, reason: () => Reason): void {
    this.#commands.giveUp(due, reason);
    this.#queries.giveUp(due, reason);
    this.#outbox.deliver();
  }

  #giveUpAll(text: string): void {
    const reason = hopelessReason(text);
    this.#hopeless = reason;
    this.#giveUpWhere(
      () => true,
      () => reason,
    );
  }
}

// This member stops, or sits on the wrong side of a partition.
const leaving: ReadonlySet<string> = new Set(['E_STOPPED', 'E_NO_LEADER']);

function reasonOf(code: ConsensusErrorCode, text: string): Reason {
  return { code, text, leader: undefined };
}

function hopelessReason(text: string): Reason {
  const code = text.startsWith('E_CLUSTER_ID') ? 'E_CLUSTER_ID' : text.startsWith('E_VERSION') ? 'E_VERSION' : 'E_UNAVAILABLE';
  return reasonOf(code, text.replace(/^E_[A-Z_]+: /u, ''));
}
