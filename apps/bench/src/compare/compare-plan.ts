import type { LoopSettings, SystemUnderTest } from '../result/cell.ts';
import type { NotMeasured } from '../result/remark.ts';
import { whyAbsent } from '../workload/workload.ts';

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
  readonly notMeasured: readonly NotMeasured[];
}

const durabilityTexts = { synced: 'synced', memory: 'in memory' } as const;

/** Makes contests of a wish. Only systems of one class of durability meet, under one workload and one kind of loop. */
export function planCompare(wish: CompareWish): ComparePlan {
  const notMeasured: NotMeasured[] = [];
  const workloads = wish.workloads.filter((name) => {
    const why = whyAbsent(name);
    if (why !== undefined) notMeasured.push({ what: `workload ${name}`, why });
    return why === undefined;
  });
  const systems = systemsOf(wish);
  const contests = (['synced', 'memory'] as const).flatMap((durability) => {
    const equal = systems.filter(({ system }) => system.durability === durability);
    if (equal.length === 0) return [];
    return workloads.flatMap((workload) =>
      wish.loops.map((kind): PlannedContest => {
        const loop = loopOf(kind, wish);
        const how = kind === 'closed' ? `closed loop with ${wish.inFlight} in flight` : 'open loop';
        return {
          id: `${durability}-${workload}-${kind}`,
          text: `${workload}, ${how}, ${durabilityTexts[durability]}`,
          workload,
          systems: equal,
          loop,
        };
      }),
    );
  });
  return { contests, systems, notMeasured };
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

function systemsOf({ protocols, transports, storages, members, version }: CompareWish): readonly PlannedSystem[] {
  return storages.flatMap((storage) =>
    transports.flatMap((transport) =>
      protocols.map((protocol) => ({
        key: `${protocol}-${transport}-${storage}`,
        system: {
          product: 'quorate' as const,
          label: `${protocol} · ${transport}${storage === 'memory' ? ' · memory' : ''}`,
          version,
          protocol,
          transport,
          storage: storage === 'memory' ? ('memory' as const) : ('file' as const),
          durability: storage === 'memory' ? ('memory' as const) : ('synced' as const),
          door: 'native' as const,
          client: '@quorate/client, one connection',
          members,
        },
      })),
    ),
  );
}
