/**
 * The storage of a member in memory: for tests, for benchmarks without a disk, and for the browser.
 *
 * @packageDocumentation
 */

// For users.
export { defaultMemoryStorageOptions, memoryStorage } from './memory-storage.ts';
export type { MemoryStorageOptions } from './memory-storage.ts';

// For implementers: media that survive a restart of their owner.
export { memoryMedium } from './memory-medium.ts';
export type { MemoryMedium } from './memory-medium.ts';
export type { MemorySync } from './memory-journal.ts';
