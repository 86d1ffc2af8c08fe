import { badIdentities } from './bad-identities.ts';
import { badJournals } from './bad-journals.ts';
import { badSnapshots } from './bad-snapshots.ts';
import type { BrokenStorage } from './broken-storage.ts';

/** Storages in memory with one promise broken, in every way that a case must find. */
export const brokenStorages: readonly BrokenStorage[] = [...badIdentities, ...badJournals, ...badSnapshots];
