import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { FlagValue } from '@quorate/server';
import { isVolatile, machineOf } from '../calibrate/machine-of.ts';
import { runCalibration } from '../calibrate/run-calibration.ts';
import type { BenchRun } from '../measure/bench-run.ts';
import { Children, Interrupted } from '../measure/children.ts';
import { resultFormat } from '../result/bench-result.ts';
import type { BenchResult, RunSettings } from '../result/bench-result.ts';
import { checkPerfRatios } from '../versus/check-perf-ratios.ts';
import { transportNames } from './flag-tables.ts';
import { ProgressBar } from './progress-bar.ts';
import type { Surroundings } from './surroundings.ts';
import { writeReport } from './write-report.ts';

type Values = ReadonlyMap<string, FlagValue>;

/** A command as the frame around it sees it. */
export interface CommandOrder {
  readonly command: BenchResult['command'];
  readonly argv: readonly string[];
  readonly values: Values;
  readonly settings: RunSettings;
  readonly calibrateMs: number;
  /** Measures; adds what it finds to the run. */
  readonly measure: (run: BenchRun) => Promise<void>;
}

const filesExit = 74;
const interruptedExit = 130;

/** Calibrates, measures, and says what was found, also where the user ends it early. Gives the exit code. */
export async function runCommand(order: CommandOrder, around: Surroundings): Promise<number> {
  const unwritable = unwritableFiles(order.values);
  for (const problem of unwritable) around.stderr(`${problem}\n`);
  if (unwritable.length > 0) return filesExit;
  const parent = resolve(String(order.values.get('directory')));
  let directory: string;
  try {
    directory = mkdtempSync(join(parent, 'quorate-bench-'));
  } catch (error) {
    around.stderr(`E_DIRECTORY: ${textOf(error)} (--directory ${parent}). Name a folder that exists and may be written to.\n`);
    return filesExit;
  }
  const children = new Children();
  const calm = around.onInterrupt(() => children.interrupt());
  try {
    const { result, incomplete } = await resultOf(order, { around, directory, children });
    if (!writeReport({ measured: result }, result, order.values, around)) return filesExit;
    if (result.interrupted) return interruptedExit;
    return incomplete ? 1 : 0;
  } finally {
    calm();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Told before an hour of measuring, and not after it. */
function unwritableFiles(values: Values): readonly string[] {
  return ['json', 'html', 'markdown'].flatMap((flag) => {
    const path = String(values.get(flag) ?? '');
    if (path === '') return [];
    try {
      accessSync(dirname(resolve(path)), constants.W_OK);
      return [];
    } catch (error) {
      return [
        `E_FILE: --${flag} ${path} could not be written (${textOf(error)}). Name a file in a folder that exists and may be written to.`,
      ];
    }
  });
}

interface Frame {
  readonly around: Surroundings;
  readonly directory: string;
  readonly children: Children;
}

async function resultOf(
  { command, argv, settings, calibrateMs, measure }: CommandOrder,
  { around, directory, children }: Frame,
): Promise<{ readonly result: BenchResult; readonly incomplete: boolean }> {
  const startedMs = around.wallMs();
  const machine = machineOf(directory);
  const progress = new ProgressBar(around);
  const found = { cells: [], groups: [], failovers: [], detectors: undefined, checkPerf: [], warnings: [], notMeasured: [] };
  const run: BenchRun = { settings, directory, children, progress, wallMs: around.wallMs, ...found, incomplete: false };
  if (isVolatile(machine.fileSystem))
    run.warnings.push({
      code: 'durability',
      cell: undefined,
      text: `${directory} is in memory (${machine.fileSystem}): syncs cost nothing there. Name a folder on a disk by --directory.`,
    });
  if (machine.virtual === true)
    run.warnings.push({
      code: 'machine',
      cell: undefined,
      text: 'this is a virtual machine: whether a sync reaches a disk is decided below it, and other guests may disturb',
    });
  let calibration: BenchResult['calibration'];
  try {
    calibration = await runCalibration(run, { durationMs: calibrateMs, transports: transportNames });
    await measure(run);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    run.notMeasured.push({ what: 'what was left', why: 'the command was interrupted' });
  } finally {
    progress.end();
  }
  const { cells, groups, failovers, detectors, checkPerf, warnings, notMeasured } = run;
  const result: BenchResult = {
    format: resultFormat,
    command,
    version: around.version,
    commandLine: argv,
    startedAt: new Date(startedMs).toISOString(),
    seconds: (around.wallMs() - startedMs) / 1000,
    interrupted: children.interrupted,
    machine,
    settings,
    calibration,
    cells,
    groups,
    failovers,
    detectors,
    checkPerf,
    checkPerfRatios: checkPerfRatios(checkPerf, settings),
    warnings,
    notMeasured,
  };
  return { result, incomplete: run.incomplete };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
