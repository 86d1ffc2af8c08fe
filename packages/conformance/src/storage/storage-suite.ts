import type { ConformanceCase } from '../conformance-case.ts';
import { crashCases } from './crash-cases.ts';
import { identityCases } from './identity-cases.ts';
import { journalCases } from './journal-cases.ts';
import { Place } from './life.ts';
import { snapshotCases } from './snapshot-cases.ts';
import type { StorageCapability, StorageHarness } from './storage-harness.ts';

/**
 * What a `Storage` promises: its identity, its journal through crashes at any step, and its snapshots. Every case is given an empty
 * place. In all of them, completions come once, and the bytes of batches stay as they were handed over.
 */
export function storageSuite(open: () => Promise<StorageHarness>): readonly ConformanceCase<StorageCapability>[] {
  return [...identityCases, ...journalCases, ...crashCases, ...snapshotCases].map(({ name, needs, play }) => ({
    name,
    needs,
    run: async () => {
      const harness = await open();
      try {
        const place = new Place(harness);
        await play(place);
        place.verify();
      } finally {
        await harness.close();
      }
    },
  }));
}
