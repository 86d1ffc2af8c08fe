import type { Disturbance, Estimate, LoopSettings, Repeat, Verdict, VerdictReason } from '../result/cell.ts';
import type { RankingLimits } from '../result/bench-result.ts';

/** The least number of rounds from which an interval means anything. */
const leastRepeats = 3;

/** Why a repeat counts as disturbed; empty: it does not. */
export function disturbanceReasons(found: Omit<Disturbance, 'reasons'>, limits: RankingLimits): readonly string[] {
  const { foreignCpuShare, stealShare, probeBeforeMs, probeAfterMs } = found;
  const reasons: string[] = [];
  if (foreignCpuShare !== undefined && foreignCpuShare > limits.foreignCpuShare)
    reasons.push(`other processes used ${percent(foreignCpuShare)} of the CPU (limit ${percent(limits.foreignCpuShare)})`);
  if (stealShare !== undefined && stealShare > limits.stealShare)
    reasons.push(`the hypervisor took ${percent(stealShare)} of the CPU (limit ${percent(limits.stealShare)})`);
  const change = Math.max(probeBeforeMs / probeAfterMs, probeAfterMs / probeBeforeMs);
  if (change > limits.probeRatio)
    reasons.push(
      `a probe took ${probeBeforeMs.toFixed(1)} ms before and ${probeAfterMs.toFixed(1)} ms after (limit ${limits.probeRatio} ×)`,
    );
  return reasons;
}

/** What a verdict is made from. */
export interface Evidence {
  readonly repeats: readonly Repeat[];
  readonly operationsPerSecond: Estimate;
  readonly loop: LoopSettings;
  readonly limits: RankingLimits;
}

/** Whether a cell may be ranked, and everything that speaks against it. */
export function verdictOf({ repeats, operationsPerSecond, loop, limits }: Evidence): Verdict {
  const reasons: VerdictReason[] = [];
  const all = repeats.length;
  const most = all * limits.badRepeatShare;
  const unsettled = repeats.filter(({ steady }) => !steady).length;
  const disturbed = repeats.filter(({ disturbance }) => disturbance.reasons.length > 0);
  if (all < leastRepeats)
    reasons.push({ kind: 'too-few-repeats', text: `${all} repeats; an interval needs at least ${leastRepeats}` });
  if (unsettled > most)
    reasons.push({ kind: 'not-steady', text: `${unsettled} of ${all} repeats were measured before throughput had settled` });
  if (disturbed.length > most)
    reasons.push({
      kind: 'disturbed',
      text: `${disturbed.length} of ${all} repeats were disturbed: ${disturbed[0]?.disturbance.reasons[0] ?? ''}`,
    });
  const { median, low, high } = operationsPerSecond;
  const halfWidth = (high - low) / 2 / median;
  if (all >= leastRepeats && !(halfWidth <= limits.halfWidth))
    reasons.push({
      kind: 'no-confidence',
      text: `throughput is known to ± ${percent(halfWidth)} only (limit ${percent(limits.halfWidth)})`,
    });
  reasons.push(...lossReasons(repeats, limits), ...rateReasons(operationsPerSecond, loop));
  return { rankable: reasons.length === 0, reasons };
}

function lossReasons(repeats: readonly Repeat[], limits: RankingLimits): readonly VerdictReason[] {
  let intended = 0;
  let failed = 0;
  let unknown = 0;
  for (const { counts } of repeats) {
    intended += counts.intended;
    failed += counts.failed;
    unknown += counts.unknown;
  }
  if (failed + unknown <= intended * limits.lostShare) return [];
  return [{ kind: 'lost-operations', text: `${failed} operations failed and ${unknown} have no known outcome, of ${intended}` }];
}

/** A system that does not keep up with the offered rate has a queue that grows: its latency says how long the run was, nothing else. */
function rateReasons({ median }: Estimate, loop: LoopSettings): readonly VerdictReason[] {
  if (loop.kind === 'closed' || median >= loop.ratePerSecond * 0.95) return [];
  return [
    { kind: 'rate-missed', text: `${median.toFixed(0)} of ${loop.ratePerSecond.toFixed(0)} offered per second were served` },
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
