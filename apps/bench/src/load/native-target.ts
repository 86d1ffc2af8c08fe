import { createClient } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import type { ConsensusError } from '@quorate/interface';
import { nodeHost } from '@quorate/server';
import { tcpTransport } from '@quorate/transport-tcp';
import type { Workload } from '../workload/workload.ts';
import type { OperationOutcome, Target } from './target.ts';

/** The native client: one session, one connection that follows the leader, everything in flight on it. */
export function nativeTarget(
  { endpoints }: { readonly endpoints: readonly string[] },
  { timeoutMs, workload, inFlight }: { readonly timeoutMs: number; readonly workload: Workload; readonly inFlight: number },
): Target {
  const host = nodeHost();
  const client = createClient({
    endpoints,
    transport: tcpTransport({ listen: [] }),
    codec: runtimeCodec,
    host,
    maxInFlight: Math.max(inFlight, 1024),
    // Beyond this an open loop is told that it is refused, rather than growing without bound.
    maxPending: 65_536,
    maxPendingBytes: 256 * 1_048_576,
  });
  const outcomeOf = (error: ConsensusError | undefined, reply: Uint8Array | undefined): OperationOutcome => {
    if (error !== undefined) return error.outcome === 'not-applied' ? 'failed' : 'unknown';
    return reply !== undefined && workload.decode(reply) ? 'succeeded' : 'failed';
  };
  return {
    send({ body, isRead }, done) {
      const deadlineMs = host.monotonicMs() + timeoutMs;
      if (isRead)
        client.query(body, { consistency: 'linearizable', deadlineMs }, (error, reply) => done(outcomeOf(error, reply)));
      else client.submit(body, deadlineMs, (error, reply) => done(outcomeOf(error, reply)));
    },
    close: () => client.close(),
  };
}
