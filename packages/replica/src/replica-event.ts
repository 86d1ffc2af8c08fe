import type { Config, Failure, Index, LinkId, MemberId, RoleChange, SnapshotMeta } from '@quorate/interface';

/** What a member tells its owner: plain data, in the order it happened. */
export type ReplicaEvent =
  /** Every change of role, leader, readiness or epoch, `settled` included. */
  | { readonly type: 'role'; readonly role: RoleChange }
  | {
      readonly type: 'config';
      readonly stage: 'proposed' | 'committed' | 'active';
      readonly config: Config;
      readonly index: Index;
    }
  | { readonly type: 'snapshot'; readonly stage: 'taken' | 'received' | 'restored' | 'failed'; readonly meta: SnapshotMeta }
  | {
      readonly type: 'link';
      readonly stage: 'up' | 'down';
      readonly peer: MemberId;
      readonly link: LinkId;
      /** Why it is down. */
      readonly reason: string | undefined;
    }
  /** `text` has the form of the error texts where something is wrong. `peer`: the other member that it is about. */
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly text: string;
      readonly peer: MemberId | undefined;
    }
  /** Only with `tracing`. */
  | { readonly type: 'trace'; readonly events: readonly object[] }
  /** The member has failed and acknowledges nothing any more: exit with `failure.exit`. Comes at most once. */
  | { readonly type: 'fatal'; readonly failure: Failure }
  /** `stop` is complete. */
  | { readonly type: 'stopped' };
