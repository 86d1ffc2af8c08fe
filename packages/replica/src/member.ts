import { ConsensusError } from '@quorate/interface';
import type { ConsensusErrorCode, Core, CoreInput, Failure, Identity, MemberId, Outcome, RoleChange } from '@quorate/interface';
import type { ReplicaEvent } from './replica-event.ts';
import type { ResolvedOptions } from './replica-options.ts';
import { newCounters } from './replica-status.ts';
import type { ReplicaCounters, ReplicaState } from './replica-status.ts';

/** Thrown inside a turn to end the member with a named failure; caught at the turn's boundary and nowhere else. */
export class MemberStop extends Error {
  override readonly name = 'MemberStop';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.text);
    this.failure = failure;
  }
}

/** What all parts of one member share. The assembly fills in the hooks; each field is written by one part only. */
export class Member<M> {
  readonly options: ResolvedOptions<M>;
  readonly counters: ReplicaCounters = newCounters();
  state: ReplicaState = 'created';
  identity: Identity | undefined;
  core: Core<M> | undefined;
  role: RoleChange | undefined;
  /** The core was given something since its last drain. */
  stirred = false;
  /** The last steps of a stop: nothing is taken in any more. */
  closing = false;
  /** Asks for a turn at the end of this turn of the loop. */
  request: () => void = () => {};
  /** Puts a completion into the inbox: it runs at the start of the next turn, behind what came before it. */
  post: (task: () => void) => void = () => {};

  constructor(options: ResolvedOptions<M>) {
    this.options = options;
  }

  now(): number {
    return this.options.host.monotonicMs();
  }

  step(input: CoreInput<M>): void {
    if (this.core === undefined || !this.alive) return;
    this.stirred = true;
    this.core.step(input, this.now());
  }

  /** False once the member failed or stopped: late completions are ignored then. */
  get alive(): boolean {
    return this.state !== 'failed' && this.state !== 'stopped' && !this.closing;
  }

  /** Why this member takes no work where it does not run. */
  get absence(): 'E_NOT_READY' | 'E_STOPPED' {
    return this.state === 'created' || this.state === 'starting' ? 'E_NOT_READY' : 'E_STOPPED';
  }

  /** This member leads and accepts proposals. */
  get leading(): boolean {
    const role = this.role;
    return role !== undefined && role.role === 'leader' && role.ready;
  }

  emit(event: ReplicaEvent): void {
    this.options.onEvent(event);
  }

  log(level: 'info' | 'warn' | 'error', text: string, peer?: MemberId): void {
    this.options.onEvent({ type: 'log', level, text, peer });
  }

  error(code: ConsensusErrorCode, text: string, outcome: Outcome): ConsensusError {
    return new ConsensusError(code, text, outcome, this.role?.leader);
  }
}
