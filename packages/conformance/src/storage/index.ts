/**
 * The suite of storages.
 *
 * @packageDocumentation
 */

// For users: run it against a storage.
export type { StorageCapability, StorageHarness } from './storage-harness.ts';
export { storageSuite } from './storage-suite.ts';

// For implementers: samples and a model for tests of what is special about a storage.
export { emptyJournalModel, matchesJournal, randomBatch } from './journal-model.ts';
export type { JournalModel } from './journal-model.ts';
export { roundOf, sampleEntries, sampleIdentity, sampleMeta, textsOf } from './samples.ts';
