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
export { diskEventKinds } from './disk/disk-events.ts';
export type { DiskCounts, DiskEvent, DiskEventKind } from './disk/disk-events.ts';
export { soundDisk } from './disk/disk-faults.ts';
export type { DiskFaults, Latency, SyncFault, SyncFaultKind, UnreadableRange } from './disk/disk-faults.ts';
export type { ProcessLife, SimMediumOptions } from './disk/medium-core.ts';
export { SimMedium } from './disk/sim-medium.ts';
export type { DiskReport, MediumImage, Rot } from './disk/sim-medium.ts';
