import type { Plan } from '@quorate/simulator';

/** A plan of three members with ordinary disks and links and no faults but those that are given: where a bug shows without luck. */
export function steady(plan: Plan, change: Partial<Plan> = {}): Plan {
  return {
    ...plan,
    voters: 3,
    learners: 0,
    delivery: 'fifo',
    realCodec: false,
    electionTimeoutMs: 150,
    heartbeatMs: 50,
    snapshotCount: 1000,
    segmentBytes: 65_536,
    limits: {},
    network: { ...plan.network, delayMs: 0.5, jitterMs: 0.5 },
    loop: { inputsPerTurn: 64, turnMs: 0.05, lookMs: 0 },
    disk: { sectorBytes: 512, writeMs: 0.05, syncMs: 1, tornSectors: 0 },
    workload: { clients: 4, operationsPerSecond: 100, keys: 5 },
    atlas: [],
    wipesMajority: false,
    enabled: [],
    actions: [],
    ...change,
  };
}
