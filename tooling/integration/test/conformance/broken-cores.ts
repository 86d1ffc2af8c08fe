import { badLeaders } from './bad-leaders.ts';
import { badListeners } from './bad-listeners.ts';
import { badReaders } from './bad-readers.ts';
import { badWriters } from './bad-writers.ts';
import type { BrokenCore } from './broken-core.ts';

/** Raft with one promise broken, in every way that a case must find. */
export const brokenCores: readonly BrokenCore[] = [...badLeaders, ...badWriters, ...badReaders, ...badListeners];
