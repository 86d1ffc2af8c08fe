/**
 * Virtual time, network, disks and faults for deterministic simulation of whole clusters.
 *
 * @packageDocumentation
 */

// For users.
export { chanceKinds, createChance } from './chance.ts';
export type { Chance } from './chance.ts';
export { VirtualTime } from './scheduler.ts';
export type { Scheduled, Scheduler } from './scheduler.ts';
