import type { ClientCommands, ClientQueries } from '@quorate/interface';
import type { CommandRun } from './command-window.ts';
import type { Operation } from './operation.ts';
import type { QueryRun } from './query-window.ts';

// Fits into 32 bits on the wire.
const longestDeadlineMs = 0x7fffffff;

/** The head for a run of commands. `leastMs`: what even a number whose caller has gone is given. */
export function commandsMessage(
  run: CommandRun,
  session: { readonly id: number; readonly lowestUnanswered: number },
  time: { readonly nowMs: number; readonly leastMs: number },
): ClientCommands {
  return {
    kind: 'client-commands',
    session: session.id,
    first: run.first,
    lowestUnanswered: session.lowestUnanswered,
    deadlineMs: timeLeft(run.operations, time),
    lengths: run.operations.map(({ body }) => body.length),
  };
}

/** The head for a run of reads. */
export function queriesMessage(run: QueryRun, time: { readonly nowMs: number; readonly leastMs: number }): ClientQueries {
  return {
    kind: 'client-queries',
    consistency: run.consistency,
    first: run.first,
    deadlineMs: timeLeft(run.operations, time),
    lengths: run.operations.map(({ body }) => body.length),
  };
}

/** What travels raw behind the head. */
export function bodiesOf(operations: readonly Operation[]): readonly Uint8Array[] {
  return operations.map(({ body }) => body).filter((body) => body.length > 0);
}

// One deadline for the frame, the latest: the client itself tells each caller at its own.
function timeLeft(
  operations: readonly Operation[],
  { nowMs, leastMs }: { readonly nowMs: number; readonly leastMs: number },
): number {
  let latest = nowMs + leastMs;
  for (const { deadlineMs } of operations) if (deadlineMs > latest) latest = deadlineMs;
  return Math.min(Math.ceil(latest - nowMs), longestDeadlineMs);
}
