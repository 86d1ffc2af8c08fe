import { decodeLockReply, lockCommands } from '@quorate/lock/state-machine';
import { deadlineAfter, nativeClient, outcomeOfError } from './native-target.ts';
import type { OperationOutcome, Target } from './target.ts';

/** How locks are taken. */
export interface LockTargetOptions {
  readonly endpoints: readonly string[];
  /** Of a pair. */
  readonly timeoutMs: number;
  readonly inFlight: number;
  /** How many locks there are. */
  readonly names: number;
  readonly nameLength: number;
}

/** An hour, the longest that there is: no renewal falls into a measurement. */
const sessionTtlMs = 3_600_000;
const mostSessions = 64;

/**
 * Pairs of acquire and release through the native client: an operation is two commits, one after the other. Names take turns, and no two
 * pairs meet at one; many sessions take turns, too, as many clients would. Rejects where the sessions cannot be opened.
 */
export async function lockTarget({ endpoints, timeoutMs, inFlight, names, nameLength }: LockTargetOptions): Promise<Target> {
  const client = nativeClient(endpoints, inFlight);
  const sessions: number[] = [];
  for (let place = 0; place < Math.min(mostSessions, inFlight); place++) {
    const reply = decodeLockReply(await client.execute(lockCommands.openSession(sessionTtlMs), { timeoutMs }));
    if (reply.kind !== 'session-opened') throw new Error(`a session could not be opened: ${reply.kind}`);
    sessions.push(reply.session);
  }
  /** A lock that is still taken, or of which nobody knows, is left alone: its place has a new name from then on. */
  const generations = new Uint32Array(names);
  const isTaken = new Uint8Array(names);
  let turn = 0;
  return {
    send(_operation, done) {
      const place = turn % names;
      const generation = (generations[place] ?? 0) + (isTaken[place] ?? 0);
      generations[place] = generation;
      isTaken[place] = 1;
      const lock = `${generation}-${place}`.padStart(nameLength, '0');
      const session = sessions[turn % sessions.length] ?? 0;
      turn += 1;
      const request = turn;
      const deadlineMs = deadlineAfter(timeoutMs);
      const end = (outcome: OperationOutcome): void => {
        if (outcome === 'succeeded' && generations[place] === generation) isTaken[place] = 0;
        done(outcome);
      };
      client.submit(lockCommands.acquire({ session, lock, request, wait: false }), deadlineMs, (error, bytes) => {
        if (error !== undefined || bytes === undefined) return end(error === undefined ? 'failed' : outcomeOfError(error));
        const reply = decodeLockReply(bytes);
        if (reply.kind !== 'granted') return end('failed');
        const release = lockCommands.release({ session, lock, token: reply.token });
        client.submit(release, deadlineMs, (problem, answer) => {
          // The acquire has taken effect: what became of the pair as a whole is not "nothing".
          if (problem !== undefined || answer === undefined) return end('unknown');
          end(decodeLockReply(answer).kind === 'released' ? 'succeeded' : 'failed');
        });
      });
    },
    close: () => client.close(),
  };
}
