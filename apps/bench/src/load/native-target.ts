import { createClient } from '@quorate/client';
import type { Client } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import type { ConsensusError } from '@quorate/interface';
import { nodeHost } from '@quorate/server';
import { tcpTransport } from '@quorate/transport-tcp';
import type { Workload } from '../workload/workload.ts';
import type { OperationOutcome, Target } from './target.ts';

const host = nodeHost();

/** The native client: one session, one connection that follows the leader, everything in flight on it. */
export function nativeClient(endpoints: readonly string[], inFlight: number): Client {
  return createClient({
    endpoints,
    transport: tcpTransport({ listen: [] }),
    codec: runtimeCodec,
    host,
    maxInFlight: Math.max(inFlight, 1024),
    // Beyond this an open loop is told that it is refused, rather than growing without bound.
    maxPending: 65_536,
    maxPendingBytes: 256 * 1_048_576,
  });
}

/** The moment, on the native client's clock, at which something that is sent now has taken too long. */
export function deadlineAfter(timeoutMs: number): number {
  return host.monotonicMs() + timeoutMs;
}

/** How an operation ended that was not answered. */
export function outcomeOfError({ outcome }: ConsensusError): OperationOutcome {
  return outcome === 'not-applied' ? 'failed' : 'unknown';
}

/** The store through the native client. */
export function nativeTarget(
  { endpoints }: { readonly endpoints: readonly string[] },
  { timeoutMs, workload, inFlight }: { readonly timeoutMs: number; readonly workload: Workload; readonly inFlight: number },
): Target {
  const client = nativeClient(endpoints, inFlight);
  const outcomeOf = (error: ConsensusError | undefined, reply: Uint8Array | undefined): OperationOutcome => {
    if (error !== undefined) return outcomeOfError(error);
    return reply !== undefined && workload.decode(reply) ? 'succeeded' : 'failed';
  };
  return {
    send({ body, isRead }, done) {
      const deadlineMs = deadlineAfter(timeoutMs);
      if (isRead)
        client.query(body, { consistency: 'linearizable', deadlineMs }, (error, reply) => done(outcomeOf(error, reply)));
      else client.submit(body, deadlineMs, (error, reply) => done(outcomeOf(error, reply)));
    },
    close: () => client.close(),
  };
}
