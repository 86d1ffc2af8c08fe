import type { MemberCounters } from '../cluster/running-cluster.ts';
import type { CommitCost, ProcessCpu } from '../result/cell.ts';

/** Counters of members and load at one moment. */
export interface Snapshot {
  readonly members: readonly MemberCounters[];
  readonly succeeded: number;
  readonly loadCpuSeconds: number;
}

/** What one success cost between two moments. Undefined where nothing succeeded, or where members came or went between them. */
export function commitCost(before: Snapshot, after: Snapshot): CommitCost | undefined {
  const succeeded = after.succeeded - before.succeeded;
  const pairs = after.members.map((now) => ({ now, earlier: before.members.find(({ name }) => name === now.name) }));
  if (succeeded <= 0 || pairs.length === 0 || pairs.some(({ earlier }) => earlier === undefined)) return undefined;
  const perSuccess = (field: (member: MemberCounters) => number | undefined): number | undefined => {
    let sum = 0;
    for (const { now, earlier } of pairs) {
      const from = earlier === undefined ? undefined : field(earlier);
      const to = field(now);
      if (from === undefined || to === undefined) return undefined;
      sum += to - from;
    }
    return sum / succeeded;
  };
  const kinds = [...new Set(pairs.flatMap(({ now }) => Object.keys(now.messagesByKind ?? {})))].sort();
  const byKind = kinds.map((kind) => [kind, perSuccess(({ messagesByKind }) => messagesByKind?.[kind] ?? 0) ?? 0] as const);
  const used = byKind.filter(([, count]) => count > 0);
  const cpuSeconds = pairs.map(({ now, earlier }): ProcessCpu => ({
    role: now.leads ? 'leader' : 'follower',
    name: now.name,
    seconds: (now.cpuSeconds - (earlier?.cpuSeconds ?? Number.NaN)) / succeeded,
  }));
  return {
    messages: kinds.length === 0 ? undefined : used.reduce((sum, [, count]) => sum + count, 0),
    messagesByKind: kinds.length === 0 ? undefined : Object.fromEntries(used),
    bytes: perSuccess(({ bytes }) => bytes),
    syncs: perSuccess(({ syncs }) => syncs),
    cpuSeconds: [
      ...cpuSeconds,
      { role: 'load', name: 'load', seconds: (after.loadCpuSeconds - before.loadCpuSeconds) / succeeded },
    ],
    memberCpuSeconds: cpuSeconds.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
