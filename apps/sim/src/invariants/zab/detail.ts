import type { CoreStatus, MemberId } from '@quorate/interface';

/** What the invariants of ZAB read from `status().detail`. */
export interface ZabDetail {
  readonly phase: 'LOOKING' | 'DISCOVERY' | 'SYNC' | 'BROADCAST';
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  readonly lastZxid: { readonly epoch: number; readonly counter: number };
  readonly counters: { readonly illegal: number; readonly gaps: number; readonly malformed: number };
  readonly peers: readonly { readonly id: MemberId; readonly acked: number }[];
}

/** The protocol's own part of a status. */
export function zabDetail(status: CoreStatus): ZabDetail {
  return status.detail as ZabDetail;
}
