import type { DetectorStudy } from '../result/detectors.ts';
import type { LeaderLoss } from './failover-delay.ts';
import type { Regions } from './regions.ts';
import type { Remainder } from './uncommitted-tail.ts';
import type { ProtocolName, Variant } from './variants.ts';

/** The version of everything in this file. A change that an older reader would misread raises it. */
export const simulatedFormat = 'quorate-bench-simulated/1';

/** What `quorate-bench compare --simulated` found: plain JSON, and equal byte by byte for equal seeds. Times are virtual milliseconds. */
export interface SimulatedResult {
  readonly format: typeof simulatedFormat;
  /** Of `@quorate/bench`. */
  readonly version: string;
  readonly seed: number;
  readonly settings: SimulatedSettings;
  readonly commits: readonly CommitRow[];
  readonly failovers: readonly FailoverRow[];
  readonly regions: RegionsResult;
  readonly staleness: readonly StalenessRow[];
  readonly remainders: readonly RemainderRow[];
  readonly electability: readonly ElectabilityRow[];
  /** Of heartbeats over other networks than the rest. */
  readonly detectors: DetectorStudy;
  /** What theory says, and what became of it. */
  readonly findings: readonly Finding[];
}

/** How it was measured. */
export interface SimulatedSettings {
  readonly valueBytes: number;
  readonly failoverTrials: number;
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly finalizeWaitMs: number;
  /** Of every message outside of the regions. */
  readonly delayMs: number;
}

/** Which protocol, with which option other than its defaults. */
export interface MeasuredVariant {
  readonly protocol: ProtocolName;
  readonly option: Variant['option'];
}

/** A figure, and the range in which theory has it. */
export interface Compared {
  readonly measured: number;
  readonly least: number;
  readonly most: number;
}

/** What one command costs: alone, or as one of several in a turn. */
export interface CommitRow extends MeasuredVariant {
  readonly voters: number;
  /** Commands in one turn of the leader. */
  readonly together: number;
  readonly messagesByKind: Readonly<Record<string, number>>;
  readonly messages: Compared;
  /** Between members. */
  readonly bytes: number;
  readonly syncsPerMember: Compared;
  /** Message delays until it is committed at the leader. */
  readonly commitDelays: Compared;
}

/** Least, median and most over all trials. */
export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** How a leader was followed by another one. In message delays from the suspicion on, medians of all trials; `detectMs` and `gapsMs` in milliseconds. */
export interface FailoverRow extends MeasuredVariant {
  readonly voters: number;
  readonly loss: LeaderLoss;
  readonly detectMs: Spread;
  readonly elected: Compared;
  readonly ready: Compared;
  readonly settled: Compared;
  readonly firstCommit: Compared;
  /** A client's command, submitted at `ready`. */
  readonly firstCommand: Compared;
  /** From the loss until that command was applied: one for each trial, rising. */
  readonly gapsMs: readonly number[];
}

/** Writes over long distances, for each region that may lead. */
export interface RegionsResult extends Regions {
  readonly placements: readonly PlacementRow[];
}

/** One region leads. */
export interface PlacementRow extends MeasuredVariant {
  readonly leader: string;
  readonly clients: readonly { readonly region: string; readonly measuredMs: number; readonly expectedMs: number }[];
}

/** How far followers are behind when little happens. */
export interface StalenessRow extends MeasuredVariant {
  readonly meanMs: Compared;
  readonly mostMs: Compared;
}

/** A failover where something was left behind. */
export interface RemainderRow extends MeasuredVariant {
  readonly remainder: Remainder;
  /** Of values that were left behind. */
  readonly bytes: number;
  readonly bytesBeforeReady: number;
  readonly readyMs: number;
}

/** Whether those who are left can have a leader. */
export interface ElectabilityRow extends MeasuredVariant {
  readonly voters: number;
  readonly alive: number;
  readonly elects: boolean;
  readonly expected: boolean;
}

/** One prediction: `confirmed`, or `deviates` with the reason. */
export interface Finding {
  /** Such as `failover order`. */
  readonly name: string;
  readonly prediction: string;
  readonly outcome: 'confirmed' | 'deviates';
  readonly text: string;
}
