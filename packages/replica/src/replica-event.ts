import type { Config, Failure, Index, RoleChange, SnapshotMeta } from '@quorate/interface';

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
  /** `text` has the form of the error texts where something is wrong. */
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string }
  /** Only with `tracing`. */
  | { readonly type: 'trace'; readonly events: readonly object[] }
  /** The member has failed and acknowledges nothing any more: exit with `failure.exit`. Comes at most once. */
  | { readonly type: 'fatal'; readonly failure: Failure }
  /** `stop` is complete. */
  | { readonly type: 'stopped' };
