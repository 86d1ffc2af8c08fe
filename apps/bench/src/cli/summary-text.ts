import type { BenchResult } from '../result/bench-result.ts';
import type { Calibration } from '../result/calibration.ts';
import type { Cell, Estimate } from '../result/cell.ts';
import type { FailoverCell } from '../result/failover.ts';
import type { Group, Ratio } from '../result/group.ts';

/** What stdout says of a result: every cell with its fraction of what the machine can do, the ratios, and what speaks against them. */
export function summaryText(result: BenchResult): string {
  const { calibration, groups, cells, failovers, checkPerf, warnings, notMeasured } = result;
  const lines = [
    `${result.machine.cpuModel}, ${result.machine.cores} cores, ${result.machine.system}, Node ${result.machine.node}, ${result.machine.fileSystem ?? 'unknown file system'}`,
    ...(calibration === undefined ? [] : calibrationLines(calibration)),
    ...groups.flatMap((group) => groupLines(group, cells, calibration)),
    ...(failovers.length === 0 ? [] : ['', 'Failover after SIGKILL of the leader, medians in ms (95 % interval)']),
    ...failovers.map(failoverLine),
    ...(checkPerf.length === 0 ? [] : ['', 'etcdctl check perf']),
    ...checkPerf.map(
      (one) =>
        `  ${one.system.padEnd(26)} ${one.load} round ${one.round + 1}: ${one.passed ? 'PASS' : 'FAIL'}, ${one.putsPerSecond.toFixed(0)} puts/s, members' CPU ${(one.memberCpuSecondsPerPut * 1e6).toFixed(0)} µs per put`,
    ),
    ...section(
      'Warnings',
      warnings.map(({ cell, text }) => (cell === undefined ? text : `${cell}: ${text}`)),
    ),
    ...section(
      'Not measured',
      notMeasured.map(({ what, why }) => `${what}: ${why}`),
    ),
  ];
  if (result.interrupted) lines.push('', 'INTERRUPTED: what is above was measured, the rest was not.');
  return `${lines.join('\n')}\n`;
}

function section(title: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : ['', title, ...texts.map((text) => `  ${text}`)];
}

function calibrationLines({ sync, loopback, codec, eventLoopTurnUs }: Calibration): readonly string[] {
  return [
    '',
    'Calibration',
    ...sync.map(
      ({ segment, bytes, p50Ms, p99Ms, syncsPerSecond }) =>
        `  sync ${`${bytes} B ${segment}`.padEnd(17)} p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms, ${syncsPerSecond.toFixed(0)} per second`,
    ),
    ...loopback.map(
      ({ transport, roundTripP50Ms, roundTripP99Ms, bytesPerSecond }) =>
        `  loopback ${transport.padEnd(16)} p50 ${roundTripP50Ms.toFixed(3)} ms, p99 ${roundTripP99Ms.toFixed(3)} ms, ${(bytesPerSecond / 1e6).toFixed(0)} MB/s`,
    ),
    ...codec.map(
      ({ protocol, encodesPerSecond, decodesPerSecond }) =>
        `  codec ${protocol.padEnd(12)} ${(encodesPerSecond / 1e6).toFixed(2)} M encodes/s, ${(decodesPerSecond / 1e6).toFixed(2)} M decodes/s`,
    ),
    `  event-loop turn ${eventLoopTurnUs.toFixed(2)} µs`,
  ];
}

function groupLines(group: Group, cells: readonly Cell[], calibration: Calibration | undefined): readonly string[] {
  const own = cells.filter(({ id }) => group.cells.includes(id));
  return [
    '',
    group.text,
    ...own.flatMap((cell) => cellLines(cell, group, calibration)),
    ...group.ratios.filter(isShown).map((ratio) => ratioLine(ratio, cells)),
  ];
}

function cellLines(cell: Cell, { ranking }: Group, calibration: Calibration | undefined): readonly string[] {
  const { operationsPerSecond: rate, latency, cost, system, verdict } = cell;
  const place = ranking.find((one) => one.cell === cell.id)?.place;
  const rank = place === undefined ? '–' : `${place}.`;
  const unit = unitMs(cell, calibration);
  const fraction = unit === undefined ? '' : `, p50 = ${(latency.p50Ms / unit).toFixed(1)} × (sync + round trip)`;
  const costs =
    cost === undefined
      ? []
      : [
          `     per operation: ${figure(cost.messages)} messages, ${figure(cost.bytes)} bytes, ${figure(cost.syncs)} syncs, members' CPU ${figure(cost.memberCpuSeconds === undefined ? undefined : cost.memberCpuSeconds * 1e6)} µs`,
        ];
  return [
    `  ${rank.padEnd(3)}${system.label.padEnd(26)} ${interval(rate, 0)} per second, p50 ${latency.p50Ms.toFixed(2)}, p99 ${latency.p99Ms.toFixed(2)}, p99.9 ${latency.p999Ms.toFixed(2)} ms${fraction}`,
    ...costs,
    ...(verdict.rankable ? [] : [`     not ranked: ${verdict.reasons.map(({ text }) => text).join('; ')}`]),
  ];
}

/** The least that a durable commit takes: one sync and one round trip; without a disk, the round trip. */
function unitMs({ system }: Cell, calibration: Calibration | undefined): number | undefined {
  const trip = calibration?.loopback.find(({ transport }) => transport === system.transport) ?? calibration?.loopback[0];
  const sync = calibration?.sync.find(({ segment, bytes }) => segment === 'recycled' && bytes === 4096);
  if (trip === undefined || sync === undefined || system.durability === 'memory') return undefined;
  return trip.roundTripP50Ms + sync.p50Ms;
}

function isShown({ metric }: Ratio): boolean {
  return metric !== 'p99Ms';
}

const metricTexts = {
  operationsPerSecond: 'throughput',
  p50Ms: 'p50',
  p99Ms: 'p99',
  memberCpuSeconds: "members' CPU per operation",
} as const;

function ratioLine({ metric, of, to, median, low, high, verdict, pairs }: Ratio, cells: readonly Cell[]): string {
  const label = (id: string): string => cells.find((cell) => cell.id === id)?.system.label ?? id;
  const words = { higher: 'higher', lower: 'lower', 'no-difference': 'no difference found', 'not-ranked': 'not ranked' }[verdict];
  return `     ${label(of)} ÷ ${label(to)}, ${metricTexts[metric]}: ${median.toFixed(2)} (${low.toFixed(2)} … ${high.toFixed(2)}, ${pairs} rounds): ${words}`;
}

function failoverLine({ system, gapMs, detectionMs, electionMs, readyMs, firstCommitMs, trials }: FailoverCell): string {
  const parts = [
    ['gap', gapMs],
    ['detection', detectionMs],
    ['election', electionMs],
    ['ready', readyMs],
    ['first commit', firstCommitMs],
  ] as const;
  const texts = parts.map(([name, estimate]) => `${name} ${estimate === undefined ? '–' : interval(estimate, 0)}`);
  return `  ${system.label.padEnd(26)} ${texts.join(' · ')} · ${trials.length} trials`;
}

function interval({ median, low, high }: Estimate, places: number): string {
  return `${median.toFixed(places)} (${low.toFixed(places)} … ${high.toFixed(places)})`;
}

function figure(value: number | undefined): string {
  if (value === undefined) return '–';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
