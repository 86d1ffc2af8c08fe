import type { BenchResult } from '../../result/bench-result.ts';
import type { Cell, Disturbance, OperationCounts } from '../../result/cell.ts';
import type { Warning } from '../../result/remark.ts';
import type { Check, Section } from '../document.ts';
import { capital, counted, percentage, plain } from '../figures.ts';
import { systemNames } from '../systems.ts';

/** Everything that could make these figures wrong, whether it was found or not. */
export function doubtsSection(checks: readonly Check[]): Section {
  const order = ['doubt', 'unknown', 'fine'] as const;
  const items = order.flatMap((state) => checks.filter((check) => check.state === state));
  return { id: 'doubts', heading: 'Why might this be wrong?', brief: true, blocks: [{ kind: 'checks', items }] };
}

/** Looks for reasons to doubt a result, in its figures and in its warnings. */
export function checksOf(result: BenchResult): readonly Check[] {
  const checks = [...measuring(result), ...surroundings(result)];
  const told = new Set<Warning['code']>(checks.flatMap(({ codes }) => codes));
  const rest = result.warnings.filter(({ code }) => !told.has(code));
  return [
    ...checks.map(({ check }) => check),
    ...rest.map(({ code, text }): Check => ({ state: 'doubt', name: capital(code.replaceAll('-', ' ')), text: sentence(text) })),
  ];
}

interface Coded {
  readonly check: Check;
  /** Warnings that this check tells about. */
  readonly codes: readonly Warning['code'][];
}

function measuring(result: BenchResult): readonly Coded[] {
  const { cells } = result;
  if (cells.length === 0) return [];
  const repeats = cells.flatMap((cell) => cell.repeats);
  const disturbed = repeats.filter(({ disturbance }) => disturbance.reasons.length > 0).length;
  const few = cells.filter((cell) => cell.repeats.length < fewRepeats).length;
  return [
    steal(
      result,
      repeats.map(({ disturbance }) => disturbance),
    ),
    foreign(
      result,
      repeats.map(({ disturbance }) => disturbance),
    ),
    coded(
      result,
      ['disturbed'],
      'Disturbed repeats',
      disturbed > 0,
      disturbed > 0
        ? `${disturbed} of ${repeats.length} repeats were disturbed.`
        : 'No repeat was disturbed: probes before and after agree.',
    ),
    coded(
      result,
      ['not-steady'],
      'Steady state',
      repeats.some(({ steady }) => !steady),
      `${repeats.filter(({ steady }) => !steady).length} of ${repeats.length} repeats had not settled when they were measured.`,
    ),
    saturation(result),
    coded(
      result,
      ['no-confidence'],
      'Few repeats',
      few > 0,
      few > 0
        ? `${counted(few, 'cell')} of ${cells.length} had fewer than ${fewRepeats} repeats: intervals are wide, and rare events are not in them.`
        : `Every cell was measured ${fewRepeats} times or more.`,
    ),
    lostOperations(result),
    coded(result, ['rate-missed'], 'Offered load', false, 'Every open loop kept its rate.'),
    coded(result, ['durability'], 'Durability', false, 'Systems that sync before they answer are compared with each other only.'),
  ];
}

const fewRepeats = 10;

function coded(result: BenchResult, codes: readonly Warning['code'][], name: string, isDoubt: boolean, text: string): Coded {
  const warnings = result.warnings.filter(({ code }) => codes.includes(code));
  const all = [...new Set(warnings.map((warning) => sentence(`${subject(result, warning.cell)}${warning.text}`)))];
  const told = all.length > mostTold ? [...all.slice(0, mostTold), `So it is with ${all.length - mostTold} more.`] : all;
  const state = isDoubt || warnings.length > 0 ? 'doubt' : 'fine';
  const first = !isDoubt && warnings.length > 0 ? [] : [text];
  return { check: { state, name, text: [...first, ...told].join(' ') }, codes };
}

/** A short run has the same to say of every cell; which ones, stands in their tables. */
const mostTold = 3;

/** What a warning is about, as its text begins; nothing where it is the whole run. */
function subject(result: BenchResult, id: string | undefined): string {
  const name = systemNames(result);
  const cell = result.cells.find((one) => one.id === id);
  if (cell !== undefined) return `${name(cell.system)}, ${cell.workload.name}, ${cell.loop.kind} loop: `;
  const failover = result.failovers.find((one) => one.id === id);
  return failover === undefined ? '' : `Failover of ${name(failover.system)}: `;
}

/** The worst of all repeats; undefined: nobody could tell. */
function worst(values: readonly (number | undefined)[]): number | undefined {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

function steal({ settings }: BenchResult, disturbances: readonly Disturbance[]): Coded {
  const share = worst(disturbances.map(({ stealShare }) => stealShare));
  const name = 'Steal time';
  if (share === undefined)
    return { check: { state: 'unknown', name, text: 'The system does not say what a hypervisor took.' }, codes: [] };
  const limit = settings.limits.stealShare;
  const text = `The hypervisor took up to ${percentage(share)} of the CPU during a repeat (limit ${percentage(limit)}).`;
  return { check: { state: share > limit ? 'doubt' : 'fine', name, text }, codes: [] };
}

function foreign({ settings }: BenchResult, disturbances: readonly Disturbance[]): Coded {
  const share = worst(disturbances.map(({ foreignCpuShare }) => foreignCpuShare));
  const name = 'Other processes';
  if (share === undefined)
    return { check: { state: 'unknown', name, text: 'The system does not say what other processes used.' }, codes: [] };
  const limit = settings.limits.foreignCpuShare;
  const text = `Others used up to ${percentage(share)} of the CPU during a repeat (limit ${percentage(limit)}).`;
  return { check: { state: share > limit ? 'doubt' : 'fine', name, text }, codes: [] };
}

/** A load generator that is busy measures itself. */
function saturation(result: BenchResult): Coded {
  const busy = result.cells.flatMap((cell) => {
    const share = loadShare(cell);
    return share === undefined ? [] : [{ cell, share }];
  });
  const [most] = busy.toSorted((a, b) => b.share - a.share);
  if (most === undefined) return coded(result, ['load-generator'], 'Load generator', false, 'Its CPU was not counted.');
  const text = `It used up to ${percentage(most.share)} of one core (${systemNames(result)(most.cell.system)}, ${most.cell.workload.name}).`;
  const tail = most.share > busyCore ? ' It may be what was measured, not the members.' : '';
  return coded(result, ['load-generator'], 'Load generator', most.share > busyCore, text + tail);
}

const busyCore = 0.8;

function loadShare({ cost, operationsPerSecond }: Cell): number | undefined {
  const load = cost?.cpuSeconds.filter(({ role }) => role === 'load') ?? [];
  if (load.length === 0) return undefined;
  return Math.max(...load.map(({ seconds }) => seconds)) * operationsPerSecond.median;
}

function lostOperations(result: BenchResult): Coded {
  const { limits } = result.settings;
  const counts = result.cells.flatMap((cell) => cell.repeats.map((repeat) => repeat.counts));
  const sum = (what: keyof OperationCounts): number => counts.reduce((total, one) => total + one[what], 0);
  const share = (sum('failed') + sum('unknown')) / Math.max(1, sum('intended'));
  const text = `${counted(sum('failed'), 'operation was', 'operations were')} refused, and of ${counted(sum('unknown'), 'operation')} nobody knows what became (${percentage(share)} together).`;
  return coded(result, ['lost-operations'], 'Lost operations', share > limits.lostShare, text);
}

function surroundings(result: BenchResult): readonly Coded[] {
  const { machine, settings, warnings } = result;
  const processes = settings.members + 1;
  const told = warnings.filter(({ code }) => code === 'machine').map(({ text }) => sentence(text));
  const check = (name: string, state: Check['state'], text: string): Coded => ({ check: { state, name, text }, codes: [] });
  const isShared = machine.cores < processes;
  return [
    check(
      'Shared cores',
      isShared ? 'doubt' : 'fine',
      isShared
        ? `${processes} processes or more shared ${counted(machine.cores, 'core')}: members and load generator took time from each other, which members on machines of their own would not.`
        : `${counted(machine.cores, 'core')} for ${processes} processes.`,
    ),
    check(
      'Virtual machine',
      machine.virtual === undefined ? 'unknown' : machine.virtual ? 'doubt' : 'fine',
      machine.virtual === undefined
        ? 'The system does not say whether a hypervisor is below.'
        : machine.virtual
          ? 'A hypervisor is below: it may acknowledge a sync and drop it, so that a sync costs less here than on a disk of its own.'
          : 'No hypervisor is below.',
    ),
    check(
      'CPU frequency',
      machine.cpuGovernor === undefined ? 'unknown' : machine.cpuGovernor === 'performance' ? 'fine' : 'doubt',
      machine.cpuGovernor === undefined
        ? 'The system does not say how it chooses the frequency.'
        : `Governor: ${machine.cpuGovernor}.`,
    ),
    check(
      'Load before the run',
      machine.loadAverage > machine.cores / 4 ? 'doubt' : 'fine',
      `Load average of the minute before: ${plain(machine.loadAverage)} on ${counted(machine.cores, 'core')}.`,
    ),
    ...(told.length > 0
      ? [{ check: { state: 'doubt' as const, name: 'Machine', text: told.join(' ') }, codes: ['machine' as const] }]
      : []),
  ];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
