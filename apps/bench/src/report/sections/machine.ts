import type { BenchResult } from '../../result/bench-result.ts';
import type { CheckPerf } from '../../result/check-perf.ts';
import type { Ratio } from '../../result/group.ts';
import type { NotMeasured } from '../../result/remark.ts';
import type { Section, Statement } from '../document.ts';
import { columns } from '../document.ts';
import { byteSize, duration, exactMs, figure, percentage, plain, rate, whole } from '../figures.ts';

/** Where and how it was measured. */
export function machineSection(result: BenchResult): Section {
  const { machine, settings } = result;
  const { warmUp, limits } = settings;
  const said = (value: string | undefined): string => value ?? 'the system does not say';
  const items = [
    { name: 'CPU', value: `${machine.cpuModel}, ${whole(machine.cores)} cores for this run` },
    { name: 'memory', value: byteSize(machine.memoryBytes) },
    { name: 'system', value: machine.system },
    { name: 'Node', value: machine.node },
    { name: 'file system', value: said(machine.fileSystem) },
    { name: 'CPU governor', value: said(machine.cpuGovernor) },
    { name: 'command', value: ['quorate-bench', ...result.commandLine].join(' ') },
    { name: 'version', value: result.version },
    { name: 'started', value: result.startedAt },
    { name: 'took', value: `${figure(result.seconds)} s` },
    { name: 'members', value: `${whole(settings.members)} of each cluster` },
    { name: 'repeats', value: `${whole(settings.repeats)} rounds of ${plain(settings.measureSeconds)} s, systems in turns` },
    {
      name: 'warm-up',
      value: `until ${warmUp.windows} windows of ${plain(warmUp.windowSeconds)} s differ by less than ${percentage(warmUp.slopeLimit)}, at most ${plain(warmUp.mostSeconds)} s`,
    },
    {
      name: 'timers',
      value: `election timeout ${exactMs(settings.electionTimeoutMs)}, heartbeat ${exactMs(settings.heartbeatMs)}`,
    },
    { name: 'seed', value: String(settings.seed) },
    { name: 'bootstrap', value: `${whole(settings.bootstrapResamples)} resamples, 95 % intervals` },
    {
      name: 'not ranked above',
      value: `${percentage(limits.foreignCpuShare)} of foreign CPU, ${percentage(limits.stealShare)} of steal time, probes ${plain(limits.probeRatio)} times apart, an interval of ± ${percentage(limits.halfWidth)}, ${percentage(limits.lostShare)} of lost operations`,
    },
  ];
  return { id: 'machine', heading: 'Machine and settings', brief: false, blocks: [{ kind: 'facts', items }] };
}

/** What a reader may look for and not find. */
export function missingSection(missing: readonly NotMeasured[]): Section | undefined {
  if (missing.length === 0) return undefined;
  const rows = missing.map(({ what, why }) => ({ cells: [what, why] }));
  return {
    id: 'missing',
    heading: 'What was not measured',
    brief: true,
    blocks: [{ kind: 'table', caption: 'Not in this report', columns: columns('what', 'why'), rows }],
  };
}

/** The verdicts of etcd's own tool. */
export function checkPerfSection(runs: readonly CheckPerf[], ratios: readonly Ratio[]): Section | undefined {
  if (runs.length === 0) return undefined;
  const rows = runs.map((run) => ({
    cells: [
      run.system,
      run.load,
      whole(run.round + 1),
      run.passed ? 'passed' : 'failed',
      rate(run.putsPerSecond),
      duration(run.slowestMs ?? Number.NaN),
      duration(run.deviationMs ?? Number.NaN),
      duration(run.memberCpuSecondsPerPut * 1000),
    ],
    unranked: !run.passed,
  }));
  const names = columns('system', 'load', '>round', 'verdict', '>puts', '>slowest', '>deviation', '>CPU per put');
  return {
    id: 'check-perf',
    heading: 'etcdctl check perf',
    brief: true,
    blocks: [
      { kind: 'table', caption: 'As etcd’s own tool sees it', columns: names, rows },
      ...(ratios.length === 0 ? [] : [{ kind: 'statements', items: ratios.map(ratioStatement) } as const]),
    ],
  };
}

const ratioTexts: Readonly<Record<string, string>> = {
  operationsPerSecond: 'puts per second',
  memberCpuSeconds: 'members’ CPU per put',
};
const ratioWeights = { higher: 'difference', lower: 'difference', 'no-difference': 'none', 'not-ranked': 'unranked' } as const;

function ratioStatement({ metric, of, to, median, low, high, pairs, verdict }: Ratio): Statement {
  return {
    weight: ratioWeights[verdict],
    text: `${of} has ${median.toFixed(2)} × the ${ratioTexts[metric] ?? metric} of ${to}.`,
    confidence: `95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}, ${pairs} rounds`,
  };
}
