import { at, isFailure } from '@quorate/interface';
import type { EntryBatch, Failure, IndexRange } from '@quorate/interface';
import type { Ledger, MemberRecord } from './ledger.ts';
import { sumOf } from './shadow-log.ts';

/** I-13: what a journal gives back is what it was given, or it says that it cannot. */
export function checkRead(
  entries: readonly EntryBatch[] | 'compacted' | Failure,
  range: IndexRange,
  eyes: { readonly ledger: Ledger; readonly record: MemberRecord },
): void {
  const { ledger, record } = eyes;
  if (entries === 'compacted' || isFailure(entries)) return;
  for (const run of entries) {
    for (let place = 0; place < run.count; place++) {
      const index = run.first + place;
      if (index < range.from || index > range.to) {
        ledger.violate('I-13', `member ${record.id}: asked for ${range.from}-${range.to}, the journal gave entry ${index}`);
        return;
      }
      // What was written last, or, while a truncation is on its way, what the committed log says.
      const sum = sumOf(at(run.checksums, place), run.kind);
      if (record.latest.has(index) && record.latest.sums[index] === sum && record.latest.rounds[index] === run.epoch.round)
        continue;
      if (record.durable.has(index) && record.durable.sums[index] === sum) continue;
      ledger.violate('I-13', `member ${record.id}: the journal gave another entry ${index} than it was given`);
      return;
    }
  }
}
