import type { LoopSettings, SystemUnderTest } from '../result/cell.ts';
import { handOverWaiters } from '../workload/lock-workload.ts';
import { serviceOf } from '../workload/workload.ts';

/** What a comparison is asked for. */
export interface CompareWish {
  readonly protocols: readonly string[];
  readonly transports: readonly string[];
  readonly storages: readonly string[];
  readonly workloads: readonly string[];
  readonly loops: readonly string[];
  readonly members: number;
  readonly inFlight: number;
  /** 0: half of what the slowest system reaches in the closed loop. */
  readonly rate: number;
  readonly version: string;
}

/** Systems that take turns under one load. */
export interface PlannedContest {
  readonly id: string;
  readonly text: string;
  readonly workload: string;
  readonly systems: readonly PlannedSystem[];
  /** Undefined: the open loop, whose rate the contest before decides. */
  readonly loop: LoopSettings | undefined;
}

/** A system and the name of its cells. */
export interface PlannedSystem {
  readonly key: string;
  readonly system: SystemUnderTest;
}

/** What will be measured, and what will not. */
export interface ComparePlan {
  readonly contests: readonly PlannedContest[];
  /** Each system once: leaders are killed in all of them. */
  readonly systems: readonly PlannedSystem[];
}

const durabilityTexts = { synced: 'synced', memory: 'in memory' } as const;

/** Makes contests of a wish. Only systems of one class of durability meet, under one workload and one kind of loop. */
export function planCompare(wish: CompareWish): ComparePlan {
  const services = [...new Set(wish.workloads.map(serviceOf))];
  const systems = services.flatMap((service) => systemsOf(wish, service));
  const contests = (['synced', 'memory'] as const).flatMap((durability) => {
    const equal = systems.filter(({ system }) => system.durability === durability);
    if (equal.length === 0) return [];
    return wish.workloads.flatMap((workload) => {
      const ofService = equal.filter(({ system }) => (system.service ?? 'kv') === serviceOf(workload));
      if (workload === 'lock-handover') return [handOverContest(durability, ofService)];
      return wish.loops.map((kind): PlannedContest => {
        const loop = loopOf(kind, wish);
        const how = kind === 'closed' ? `closed loop with ${wish.inFlight} in flight` : 'open loop';
        return {
          id: `${durability}-${workload}-${kind}`,
          text: `${workload}, ${how}, ${durabilityTexts[durability]}`,
          workload,
          systems: ofService,
          loop,
        };
      });
    });
  });
  return { contests, systems };
}

/** Whoever waits for a lock has to be woken, which only the door for HTTP does. One lock goes one way: there is no other loop. */
function handOverContest(durability: 'synced' | 'memory', systems: readonly PlannedSystem[]): PlannedContest {
  const client = 'HTTP/1.1, a connection for each client';
  return {
    id: `${durability}-lock-handover`,
    text: `lock-handover, ${handOverWaiters} waiters, ${durabilityTexts[durability]}`,
    workload: 'lock-handover',
    systems: systems.map(({ key, system }) => ({ key, system: { ...system, door: 'http', client } })),
    loop: { kind: 'closed', inFlight: 1 },
  };
}

/** The rate of an open loop that nobody named: half of what the slowest of the systems reached, so that none of them queues without end. */
export function rateFrom(closed: readonly { readonly operationsPerSecond: { readonly median: number } }[]): LoopSettings {
  const slowest = Math.min(...closed.map(({ operationsPerSecond }) => operationsPerSecond.median));
  return {
    kind: 'open',
    ratePerSecond: Math.max(1, Math.round(slowest / 2)),
    arrivals: 'exponential',
    chosen: 'half of what the slowest system reached in the closed loop',
  };
}

function loopOf(kind: string, { inFlight, rate }: CompareWish): LoopSettings | undefined {
  if (kind === 'closed') return { kind: 'closed', inFlight };
  if (rate === 0) return undefined;
  return { kind: 'open', ratePerSecond: rate, arrivals: 'exponential', chosen: 'by --rate' };
}

function systemsOf(
  { protocols, transports, storages, members, version }: CompareWish,
  service: 'kv' | 'lock',
): readonly PlannedSystem[] {
  const marks = service === 'kv' ? [] : [service];
  return storages.flatMap((storage) =>
    transports.flatMap((transport) =>
      protocols.map((protocol) => ({
        key: [protocol, transport, storage, ...marks].join('-'),
        system: {
          product: 'quorate' as const,
          label: [protocol, transport, ...(storage === 'memory' ? ['memory'] : []), ...marks].join(' · '),
          version,
          protocol,
          transport,
          storage: storage === 'memory' ? ('memory' as const) : ('file' as const),
          durability: storage === 'memory' ? ('memory' as const) : ('synced' as const),
          ...(service === 'lock' && { service }),
          door: 'native' as const,
          client: '@quorate/client, one connection',
          members,
        },
      })),
    ),
  );
}
