/**
 * Virtual time, network, disks and faults for deterministic simulation of whole clusters.
 *
 * @packageDocumentation
 */

// For users: run a plan, and see what became of it.
export { simulate } from './simulation.ts';
export type { Scene, SimulationResult, SimulationSetup, Workload } from './simulation.ts';
export { drawPlan, referencePlan } from './faults/plan.ts';
export type { DiskPlan, Plan, PlanChoice, WorkloadPlan } from './faults/plan.ts';
export { faultKinds } from './faults/action.ts';
export type { Action, FaultKind } from './faults/action.ts';
export type { Violation } from './evidence/ledger.ts';

// For implementers: assemblies, workloads, invariants, planted bugs.
export { clientUrl, peerUrl } from './cluster/assembly.ts';
export type { Assembly, AssemblyContext, MemberParts, Plants } from './cluster/assembly.ts';
export { chanceKinds, createChance } from './chance.ts';
export type { Chance } from './chance.ts';
export { Ledger } from './evidence/ledger.ts';
export type { CommittedEntry, MemberRecord } from './evidence/ledger.ts';
export type { Observer, ProcessEnd } from './evidence/observer.ts';
export { sumOf } from './evidence/shadow-log.ts';
export type { ShadowLog } from './evidence/shadow-log.ts';
export type { SimCluster } from './cluster/sim-cluster.ts';
export type { SimMember } from './cluster/sim-member.ts';
export type { Nemesis } from './faults/nemesis.ts';
export type { NetworkCounters, NetworkFaults } from './network/network-faults.ts';
export type { Distances } from './network/sim-network.ts';
export { logarithm } from './portable-math.ts';
export type { LoopShape, SimProcess } from './process.ts';
export { VirtualTime } from './scheduler.ts';
export type { Scheduled, Scheduler } from './scheduler.ts';
export type { SimClientProcess, World } from './world.ts';
export { diskEventKinds } from './disk/disk-events.ts';
export type { DiskCounts, DiskEvent, DiskEventKind } from './disk/disk-events.ts';
export { soundDisk } from './disk/disk-faults.ts';
export type { DiskFaults, Latency, SyncFault, SyncFaultKind, UnreadableRange } from './disk/disk-faults.ts';
export type { ProcessLife, SimMediumOptions } from './disk/medium-core.ts';
export { SimMedium } from './disk/sim-medium.ts';
export type { DiskReport, MediumImage, Rot } from './disk/sim-medium.ts';
