import type { BenchResult } from '../../result/bench-result.ts';
import type { FailoverCell } from '../../result/failover.ts';
import type { Group, Ratio, RatioMetric } from '../../result/group.ts';
import type { Check, Section, Statement } from '../document.ts';
import { counted, duration, interval, percentage, ratioText } from '../figures.ts';
import { cellNamed, mainReasons, systemNames } from '../systems.ts';

/** What may be concluded, before anything else. */
export function verdictSection(result: BenchResult, checks: readonly Check[]): Section {
  const items = [...result.groups.flatMap((group) => groupStatements(result, group)), ...failoverStatements(result)];
  const order = ['difference', 'none', 'unranked'] as const;
  const sorted = order.flatMap((weight) => items.filter((item) => item.weight === weight));
  const doubts = checks.filter(({ state }) => state === 'doubt').length;
  const text = [
    result.interrupted ? 'The run was ended early: what follows is what was measured until then.' : '',
    result.settings.quick ? 'This was a first look: few short repeats, wide intervals.' : '',
    doubts === 0
      ? 'Nothing was found that speaks against these figures.'
      : `${counted(doubts, 'reason')} to doubt these figures ${doubts === 1 ? 'is' : 'are'} listed under “Why might this be wrong?”.`,
  ];
  const none: Statement = {
    weight: 'unranked',
    text: 'Nothing was compared.',
    confidence: 'There are no two systems in a group.',
  };
  return {
    id: 'verdict',
    heading: 'Verdict',
    brief: true,
    blocks: [
      { kind: 'statements', items: sorted.length === 0 ? [none] : sorted },
      { kind: 'prose', text: text.filter((line) => line !== '').join(' ') },
    ],
  };
}

/** One sentence for each pair, by the metric that the group is ranked by. */
function groupStatements(result: BenchResult, group: Group): readonly Statement[] {
  return group.ratios.filter(({ metric }) => metric === group.rankedBy).map((ratio) => ratioStatement(result, group, ratio));
}

function ratioStatement(result: BenchResult, group: Group, ratio: Ratio): Statement {
  const name = (id: string): string => {
    const cell = cellNamed(result, id);
    return cell === undefined ? id : systemNames(result)(cell.system);
  };
  const [of, to] = [name(ratio.of), name(ratio.to)];
  const where = `${group.text}; ${counted(ratio.pairs, 'round')}`;
  const range = interval(ratioText(ratio.low), ratioText(ratio.high));
  const confidence = `Ratio ${ratioText(ratio.median)}, 95 % interval ${range} (${where}).`;
  switch (ratio.verdict) {
    case 'no-difference':
      return { weight: 'none', text: `${of} and ${to} cannot be told apart by ${metricNames[ratio.metric]}.`, confidence };
    case 'not-ranked':
      return {
        weight: 'unranked',
        text: `${of} and ${to} are not compared by ${metricNames[ratio.metric]}.`,
        confidence: `${reasons(result, [ratio.of, ratio.to])} (${where}).`,
      };
    default:
      return { weight: 'difference', text: `${of} ${metricVerbs[ratio.metric](comparison(ratio.median))} ${to}.`, confidence };
  }
}

function reasons(result: BenchResult, ids: readonly string[]): string {
  const told = ids.flatMap((id) => {
    const cell = cellNamed(result, id);
    if (cell === undefined || cell.verdict.rankable) return [];
    return [
      `${systemNames(result)(cell.system)}: ${mainReasons(cell.verdict.reasons)
        .map(({ text }) => text)
        .join('; ')}`,
    ];
  });
  return told.length === 0 ? 'One of the two may not be ranked' : told.join('; ');
}

/** What a metric is called. */
export const metricNames: Readonly<Record<RatioMetric, string>> = {
  operationsPerSecond: 'operations per second',
  p50Ms: 'median latency',
  p99Ms: 'p99 latency',
  memberCpuSeconds: 'CPU per operation',
};

const metricVerbs: Readonly<Record<RatioMetric, (words: Comparison) => string>> = {
  operationsPerSecond: ({ amount, more }) => `completes ${amount} ${more ? 'more' : 'fewer'} operations per second than`,
  p50Ms: ({ amount, more }) => `has a median latency ${amount} ${more ? 'above' : 'below'} that of`,
  p99Ms: ({ amount, more }) => `has a p99 latency ${amount} ${more ? 'above' : 'below'} that of`,
  memberCpuSeconds: ({ amount, more }) => `spends ${amount} ${more ? 'more' : 'less'} CPU per operation than`,
};

interface Comparison {
  /** Such as `14 %`. */
  readonly amount: string;
  readonly more: boolean;
}

function comparison(ratio: number): Comparison {
  return { amount: percentage(Math.abs(ratio - 1)), more: ratio > 1 };
}

/** Of one service each. Failovers are not paired by rounds: two are told apart where their intervals do not meet. */
function failoverStatements(result: BenchResult): readonly Statement[] {
  const cells = result.failovers.filter(({ gapMs }) => gapMs !== undefined);
  return cells.flatMap((cell): Statement[] => {
    const first = cells.find(({ system }) => system.service === cell.system.service);
    if (first === cell || first?.gapMs === undefined || cell.gapMs === undefined) return [];
    const [one, other] = [systemNames(result)(first.system), systemNames(result)(cell.system)];
    const range = (gap: { median: number; low: number; high: number }): string =>
      `${duration(gap.median)} (${interval(duration(gap.low), duration(gap.high))})`;
    const confidence = `${one} ${range(first.gapMs)}, ${other} ${range(cell.gapMs)}; medians and 95 % intervals of ${first.trials.length} and ${cell.trials.length} trials.`;
    if (first.remarks.length + cell.remarks.length > 0)
      return [
        {
          weight: 'unranked',
          text: `The failovers of ${one} and ${other} are not compared.`,
          confidence: `${[first, cell].flatMap((each) => remarksOf(result, each)).join('; ')}.`,
        },
      ];
    const apart = first.gapMs.low > cell.gapMs.high || cell.gapMs.low > first.gapMs.high;
    if (!apart)
      return [
        {
          weight: 'none',
          text: `After the death of a leader, the gaps of ${one} and ${other} cannot be told apart.`,
          confidence,
        },
      ];
    const [quick, slow] = first.gapMs.median < cell.gapMs.median ? [one, other] : [other, one];
    return [
      {
        weight: 'difference',
        text: `After the death of a leader, clients of ${quick} wait less than those of ${slow}.`,
        confidence,
      },
    ];
  });
}

function remarksOf(result: BenchResult, { system, remarks }: FailoverCell): readonly string[] {
  if (remarks.length === 0) return [];
  return [
    `${systemNames(result)(system)}: ${mainReasons(remarks)
      .map(({ text }) => text)
      .join('; ')}`,
  ];
}
