import { lastOf, payloadOf } from '@quorate/interface';
import type { EntryBatch, EntryKind, Epoch, Index, IndexRange, Lane, MemberId, RoleChange } from '@quorate/interface';
import { formatPayload } from './format.ts';

/** An entry as a test sees it: where, of what number, what it says and how long that is. */
export interface ObservedEntry {
  readonly index: Index;
  readonly kind: EntryKind;
  readonly epoch: Epoch;
  readonly text: string;
  readonly bytes: number;
}

/** A message that left its sender, or reached its receiver, with the entries beside it. */
export interface ObservedMessage<M> {
  readonly what: 'sent' | 'delivered';
  readonly from: MemberId;
  readonly to: MemberId;
  readonly lane: Lane;
  readonly message: M;
  readonly entries: readonly ObservedEntry[];
}

/** One thing that happened in a trace, for tests that judge what the members did rather than how it is printed. */
export type Observation<M> =
  | ObservedMessage<M>
  | {
      readonly what: 'wrote';
      readonly member: MemberId;
      readonly entries: readonly ObservedEntry[];
      readonly hardState: boolean;
      readonly truncateFrom: Index | undefined;
    }
  | { readonly what: 'chosen'; readonly member: MemberId; readonly runs: readonly IndexRange[] }
  | {
      readonly what: 'applied';
      readonly member: MemberId;
      readonly index: Index;
      readonly kind: EntryKind;
      readonly text: string;
    }
  | { readonly what: 'role'; readonly member: MemberId; readonly role: RoleChange }
  | { readonly what: 'appended' | 'rejected'; readonly member: MemberId; readonly commands: readonly string[] }
  | { readonly what: 'link-ended'; readonly ends: readonly [MemberId, MemberId]; readonly reason: string };

/** Hears of everything in the order in which it happens. */
export type Observer<M> = (observation: Observation<M>) => void;

/** The entries of runs, one by one. */
export function observedEntries(batches: readonly EntryBatch[]): ObservedEntry[] {
  const found: ObservedEntry[] = [];
  for (const batch of batches) {
    for (let index = batch.first; index <= lastOf(batch); index++) {
      const payload = payloadOf(batch, index);
      const { kind, epoch } = batch;
      found.push({ index, kind, epoch, text: formatPayload(kind, payload), bytes: payload.length });
    }
  }
  return found;
}
