import type { CommitCost, ProcessCpu } from '../result/cell.ts';
import { median } from '../statistics/median.ts';

/** The medians of what all repeats cost; undefined where none was counted. Followers are put together: another one leads in each repeat. */
export function medianCost(costs: readonly (CommitCost | undefined)[]): CommitCost | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  if (known.length === 0) return undefined;
  const of = (field: (cost: CommitCost) => number | undefined): number | undefined => {
    const values = known.map(field).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const kinds = [...new Set(known.flatMap(({ messagesByKind }) => Object.keys(messagesByKind ?? {})))].sort();
  const roles = ['leader', 'follower', 'load'] as const;
  const cpuSeconds = roles.map((role): ProcessCpu => {
    const all = known.flatMap((cost) => cost.cpuSeconds.filter((one) => one.role === role).map(({ seconds }) => seconds));
    return { role, name: role, seconds: median(all) };
  });
  return {
    messages: of(({ messages }) => messages),
    messagesByKind:
      kinds.length === 0
        ? undefined
        : Object.fromEntries(kinds.map((kind) => [kind, of(({ messagesByKind }) => messagesByKind?.[kind] ?? 0) ?? 0])),
    bytes: of(({ bytes }) => bytes),
    syncs: of(({ syncs }) => syncs),
    cpuSeconds: cpuSeconds.filter(({ seconds }) => !Number.isNaN(seconds)),
    memberCpuSeconds: of(({ memberCpuSeconds }) => memberCpuSeconds),
  };
}
