/**
 * The durable place of one member: journal, snapshots and identity in files, written against the `Disk` contract.
 *
 * @packageDocumentation
 */

// For users.
export { fileStorage } from './file-storage.ts';
export { nodeDisk } from './node-disk.ts';
export type { NodeDiskOptions } from './node-disk.ts';
export { defaultFileStorageOptions } from './options.ts';
export type { FileStorageOptions } from './options.ts';
export type { SyncLimits } from './sync-mode.ts';

// For implementers: simulators and benchmarks.
export { createFileJournal } from './file-journal.ts';
export type { JournalOwner } from './batch-format.ts';
export type { JournalContext } from './segment.ts';
