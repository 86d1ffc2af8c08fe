import { decodeLockReply, refusalOf } from '@quorate/lock/state-machine';
import type { LockReply } from '@quorate/codec-protobuf/lock';
import type { ConsensusError } from '@quorate/interface';
import type { LockInput, LockOutput } from '@quorate/linearizability';
import type { LaneSetup, LockUnderTest } from './lane-setup.ts';
import type { ReplayedAnswer } from './lock-replay.ts';

/** How long a client waits for an answer before it calls the outcome unknown. */
const callMs = 3000;

/** How often one command is sent, at most, while its outcome is unknown. */
const mostAttempts = 3;

/** What became of a command. Without a reply: whether it may have had an effect, or may still. */
export interface Told {
  readonly reply: LockReply | undefined;
  /** Some attempt has an unknown outcome: a copy of the command may come late. */
  readonly doubted: boolean;
}

/** What a lane says to the service, and what it writes down of that. */
export class LaneCalls {
  resting = false;
  private readonly setup: LaneSetup;

  constructor(setup: LaneSetup) {
    this.setup = setup;
  }

  later(delayMs: number, run: () => void): void {
    const { host } = this.setup;
    host.at(host.monotonicMs() + delayMs, () => {
      if (!this.resting) run();
    });
  }

  submit(command: Uint8Array, done: (reply: LockReply | undefined, error: ConsensusError | undefined) => void): void {
    const { client, host } = this.setup;
    client.submit(command, host.monotonicMs() + callMs, this.answered(done));
  }

  query(query: Uint8Array, done: (reply: LockReply | undefined, error: ConsensusError | undefined) => void): void {
    const { client, host } = this.setup;
    client.query(query, { consistency: 'linearizable', deadlineMs: host.monotonicMs() + callMs }, this.answered(done));
  }

  /** A command about a request. Where nobody knows what became of it, it is sent again: the service knows the request. */
  ask(
    about: { readonly session: number; readonly request: number },
    command: () => Uint8Array,
    done: (told: Told) => void,
  ): void {
    this.attempt(about, command, { done, doubted: false, left: mostAttempts });
  }

  private attempt(
    about: { readonly session: number; readonly request: number },
    command: () => Uint8Array,
    { done, doubted, left }: { readonly done: (told: Told) => void; readonly doubted: boolean; readonly left: number },
  ): void {
    const { random, book } = this.setup;
    this.submit(command(), (reply, error) => {
      const doubts = doubted || error?.outcome === 'unknown';
      const answer = reply === undefined ? undefined : answerOf(reply);
      if (answer !== undefined) book.told.push({ ...about, answer });
      if (error === undefined || !doubts || left === 1 || random() < 0.3) return done({ reply, doubted: doubts });
      book.askedAgain += 1;
      this.later(10 + random() * 200, () => this.attempt(about, command, { done, doubted: doubts, left: left - 1 }));
    });
  }

  private answered(
    done: (reply: LockReply | undefined, error: ConsensusError | undefined) => void,
  ): (error: ConsensusError | undefined, bytes: Uint8Array | undefined) => void {
    const { book } = this.setup;
    const calledMs = book.nowMs();
    book.pending += 1;
    return (error, bytes) => {
      book.pending -= 1;
      if (bytes !== undefined) book.successes.push(calledMs);
      done(bytes === undefined ? undefined : decodeLockReply(bytes), error);
    };
  }

  /** A call begins, in the history of its lock. */
  record(lock: LockUnderTest, input: LockInput): number | undefined {
    const { history, name, book } = this.setup;
    return lock.use === 'delayed' ? undefined : history.call(input, `${name}, ${Math.round(book.nowMs())} ms`);
  }

  returned(process: number | undefined, output: LockOutput): void {
    if (process !== undefined) this.setup.history.recorder.returned(process, output);
  }

  failed(process: number | undefined): void {
    if (process !== undefined) this.setup.history.recorder.failed(process);
  }

  lost(process: number | undefined, input: LockInput): void {
    if (process === undefined) return;
    const { book, history } = this.setup;
    history.recorder.lost(process);
    book.unknown.push({ process, text: describeInput(input), calledMs: book.nowMs() });
  }

  /** No answer: it changed nothing, or nobody knows. */
  ended(process: number | undefined, input: LockInput, doubted: boolean): void {
    if (doubted) this.lost(process, input);
    else this.failed(process);
  }
}

/** Whether a session is known to be over. */
export function isOver(reply: LockReply | undefined): boolean {
  return reply?.kind === 'refused' && refusalOf(reply.code) === 'E_NO_SESSION';
}

/** An answer about a request, as the replay writes it down. */
export function answerOf(reply: LockReply): ReplayedAnswer | undefined {
  switch (reply.kind) {
    case 'granted':
      return { reply: 'granted', token: reply.token, count: reply.count };
    case 'queued':
      return { reply: 'queued', token: 0, count: 0 };
    case 'released':
      return { reply: 'released', token: 0, count: reply.remaining };
    case 'done':
      return { reply: 'cancelled', token: 0, count: 0 };
    case 'refused':
      return { reply: refusalOf(reply.code) === 'E_LOCK_HELD' ? 'held' : 'refused', token: 0, count: 0 };
    default:
      return undefined;
  }
}

function describeInput(input: LockInput): string {
  return `${input.op} ${input.lock}${'client' in input ? ` by ${input.client}` : ''}`;
}
