import type { ConsensusError, Tenure } from '@quorate/interface';
import type { Apply } from './apply.ts';
import { envelopeKinds } from './envelope.ts';
import type { Member } from './member.ts';
import type { Proposals } from './proposals.ts';
import type { ReplySink } from './waiters.ts';

const nothing = new Uint8Array(0);

/** Nobody waits for what a duty proposes: the state machine sees what was applied. */
const quiet: ReplySink = { answer: () => {} };

/** A tenure that was applied while this member leads. */
interface RunningTenure {
  readonly number: number;
  /** Ends it: no proposal, no timer any more. */
  stop(): void;
}

/**
 * Begins a tenure when this member is settled and its state machine has duties, and ends it with its leadership. The beginning is a
 * command of the replica's own: its ordinal is the tenure's number, a part of the replicated state, and apply passes over commands
 * of any other tenure. Multi-Paxos may choose, long after, what a deposed leader had only one acceptor accept; elsewhere it is harmless.
 */
export class TenureKeeper<M> implements ReplySink {
  private readonly member: Member<M>;
  private readonly apply: Apply<M>;
  private readonly proposals: Proposals<M>;
  /** Settled, and not yet told otherwise. */
  private wanted = false;
  /** The number of the newest proposal of a beginning: answers to older ones mean nothing. */
  private attempt = 0;
  private retry: { cancel(): void } | undefined;
  private running: RunningTenure | undefined;

  constructor(member: Member<M>, apply: Apply<M>, proposals: Proposals<M>) {
    this.member = member;
    this.apply = apply;
    this.proposals = proposals;
  }

  /** This member is settled. */
  begin(): void {
    if (this.member.options.stateMachine.duties === undefined) return;
    this.wanted = true;
    this.propose();
  }

  /** This member leads no more, or ends. */
  end(): void {
    if (!this.wanted) return;
    this.wanted = false;
    this.attempt += 1;
    this.retry?.cancel();
    this.retry = undefined;
    this.stop();
    this.proposals.giveUpDuties();
  }

  /** Some tenure begins at the entry that is applied. If it is the awaited one, `answer` follows. */
  begun(): void {
    if (this.running === undefined) return;
    // A beginning of ours that had been given up. This tenure is over like that of any deposed leader.
    this.stop();
    this.propose();
  }

  /** A snapshot took the place of the state, and with it of the tenure, if another one began in what it covers. */
  restored(): void {
    if (this.running !== undefined && this.running.number !== this.apply.tenure) this.begun();
  }

  private propose(): void {
    const { member, proposals } = this;
    this.attempt += 1;
    proposals.submit({
      kind: envelopeKinds.beginTenure,
      command: nothing,
      place: undefined,
      deadlineMs: member.now() + member.options.limits.requestTimeoutMs,
      receiver: this,
      token: this.attempt,
    });
  }

  /** The beginning was applied, or was not taken. */
  answer(attempt: number, error: ConsensusError | undefined): void {
    if (!this.wanted || attempt !== this.attempt) return;
    if (error === undefined) this.start();
    else this.proposeLater();
  }

  private proposeLater(): void {
    const { member } = this;
    const { host, limits } = member.options;
    this.retry?.cancel();
    const { attempt } = this;
    this.retry = host.at(member.now() + limits.retryMs, () =>
      member.post(() => {
        if (this.wanted && attempt === this.attempt) this.propose();
      }),
    );
  }

  /** Inside apply, right after the beginning: whatever the state machine sees from now on is under this tenure. */
  private start(): void {
    const { member, proposals } = this;
    const { host, limits, stateMachine } = member.options;
    const { tenure: number } = this.apply;
    const timers = new Set<{ cancel(): void }>();
    let over = false;
    const tenure: Tenure = {
      number,
      now: () => member.now(),
      propose(command) {
        if (over) return;
        proposals.submit({
          kind: envelopeKinds.tenureCommand,
          command,
          place: undefined,
          tenure: number,
          deadlineMs: member.now() + limits.requestTimeoutMs,
          receiver: quiet,
          token: 0,
        });
      },
      at(deadlineMs, run) {
        if (over) return { cancel() {} };
        const armed = host.at(deadlineMs, () =>
          // In a turn of its own, where whatever goes wrong ends the member.
          member.post(() => {
            if (timers.delete(timer)) run();
          }),
        );
        const timer = {
          cancel(): void {
            if (timers.delete(timer)) armed.cancel();
          },
        };
        timers.add(timer);
        return timer;
      },
    };
    const stop = (): void => {
      over = true;
      for (const timer of timers) timer.cancel();
    };
    this.running = { number, stop };
    stateMachine.duties?.(tenure);
  }

  private stop(): void {
    const { running } = this;
    if (running === undefined) return;
    this.running = undefined;
    running.stop();
    this.member.options.stateMachine.duties?.(undefined);
  }
}
