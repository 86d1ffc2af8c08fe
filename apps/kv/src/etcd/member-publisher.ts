import type { Host, MemberId } from '@quorate/interface';
import { memberAttributesCommand } from '../store/member-attributes.ts';
import type { MemberAttributes } from '../store/mvcc-store.ts';
import { replyStatus } from '../store/reply.ts';
import { Status } from '../store/status.ts';
import type { KvReplica } from './kv-replica.ts';

const attemptMs = 7000;
const pauseMs = 500;

/** What a member tells the others about itself, and how. */
export interface MemberPublisherOptions {
  readonly replica: Pick<KvReplica, 'submit'>;
  readonly host: Pick<Host, 'monotonicMs' | 'at'>;
  readonly self: MemberId;
  readonly attributes: MemberAttributes;
}

/** Publishes name and client URLs through the log, again and again until it is committed. Returns how to give up. */
export function publishMember({ replica, host, self, attributes }: MemberPublisherOptions): () => void {
  const command = memberAttributesCommand(self, attributes);
  let stopped = false;
  let pause: { cancel(): void } | undefined;
  const attempt = (): void => {
    replica.submit(command, host.monotonicMs() + attemptMs, (_error, reply) => {
      // Publishing twice does no harm, so the outcome of a failure need not be known.
      if (stopped || (reply !== undefined && replyStatus(reply) === Status.ok)) return;
      pause = host.at(host.monotonicMs() + pauseMs, attempt);
    });
  };
  attempt();
  return () => {
    stopped = true;
    pause?.cancel();
  };
}
