import type { ConsensusError } from '@quorate/interface';
import { decodeLockReply, lockCommands } from '../machine/lock-commands.ts';
import type { Call } from './call.ts';
import { consensusError, refusalError } from './door-error.ts';
import type { LockApi } from './lock-api.ts';
import { refusalNumber } from '../machine/refusal.ts';

/** Between two commands. The first keep-alive after a pause does not wait. */
const gatherMs = 50;
/** Sessions in one command. */
const mostSessions = 4096;

/** Renewals that come within a moment of each other, as one command. */
export class KeepAlives {
  private readonly api: LockApi;
  private sessions: number[] = [];
  private calls: Call[] = [];
  private sentMs = -Infinity;

  constructor(api: LockApi) {
    this.api = api;
  }

  add(call: Call, session: number): void {
    this.sessions.push(session);
    this.calls.push(call);
    if (this.calls.length === mostSessions) return this.flush();
    if (this.calls.length > 1) return;
    const { host } = this.api.options;
    const dueMs = this.sentMs + gatherMs;
    if (host.monotonicMs() >= dueMs) host.endOfTurn(this.flush);
    else host.at(dueMs, this.flush);
  }

  private readonly flush = (): void => {
    const { sessions, calls } = this;
    if (calls.length === 0) return;
    this.sessions = [];
    this.calls = [];
    const { host, replica } = this.api.options;
    this.sentMs = host.monotonicMs();
    replica.submit(lockCommands.keepAlive(sessions), this.api.deadlineMs, (error, bytes) =>
      answer(calls, { sessions, error, bytes }),
    );
  };
}

const gone = refusalError(refusalNumber('E_NO_SESSION'));

interface BatchResult {
  readonly sessions: readonly number[];
  readonly error: ConsensusError | undefined;
  readonly bytes: Uint8Array | undefined;
}

function answer(calls: readonly Call[], { sessions, error, bytes }: BatchResult): void {
  const reply = bytes === undefined ? undefined : decodeLockReply(bytes);
  const over = new Set(reply?.kind === 'kept-alive' ? reply.gone : []);
  calls.forEach((call, place) => {
    const session = sessions[place] ?? 0;
    if (error !== undefined) call.fail(consensusError(error));
    else if (reply?.kind === 'refused') call.fail(refusalError(reply.code));
    else if (over.has(session)) call.fail(gone);
    else call.json(200, { session });
  });
}
