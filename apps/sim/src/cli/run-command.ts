import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlagValue } from '@quorate/server';
import { runCampaign } from '../campaign/campaign.ts';
import type { Campaign } from '../campaign/campaign.ts';
import type { Executor } from '../campaign/executor.ts';
import type { Failure } from '../campaign/failure.ts';
import { Totals } from '../campaign/totals.ts';
import type { HuntReport } from '../plants/hunt.ts';
import { plantFor } from '../plants/planted-bugs.ts';
import { checkoutOf } from '../report/checkout.ts';
import { reportText } from '../report/report-text.ts';
import { exitCodeOf, reportOf } from '../report/report.ts';
import { runName } from '../services.ts';
import { ProgressMeter } from './progress-meter.ts';
import { shrinkFailure } from './shrink-command.ts';
import type { Surroundings } from './surroundings.ts';

/** Between two seeds that are run twice, where not all are. */
const sampleEvery = 20;

/** `quorate-sim run`: a planted bug first, then all seeds, then what was found. Gives the exit code. */
export async function runCommand(
  values: ReadonlyMap<string, FlagValue>,
  executorFor: (jobs: number) => Executor,
  around: Surroundings,
): Promise<number> {
  const campaign = campaignOf(values);
  const jobs = Math.min(Number(values.get('jobs')), campaign.seeds);
  const executor = executorFor(jobs);
  const totals = new Totals();
  const beganMs = around.wallMs();
  let interrupted = false;
  const calm = around.onInterrupt(() => {
    interrupted = true;
    void executor.close();
  });
  try {
    const plant = await plantBug(campaign, executor, around);
    const meter = new ProgressMeter(campaign.seeds, around, totals);
    if (plant?.found !== undefined) await runCampaign(campaign, executor, totals, () => meter.tick());
    meter.end();
    const plans =
      values.get('shrink') === true
        ? await shrinkAll(campaign, { executor, totals, around, mostRuns: Number(values.get('shrink-runs')) })
        : new Map<number, string>();
    const report = reportOf(totals, {
      ...campaign,
      checkout: checkoutOf(fileURLToPath(new URL('.', import.meta.url))),
      jobs,
      cpuSeconds: meter.cpuSeconds,
      wallSeconds: (around.wallMs() - beganMs) / 1000,
      interrupted,
      plant,
      plans,
    });
    const json = `${JSON.stringify(report, undefined, 2)}\n`;
    const file = String(values.get('report'));
    if (file !== '') writeFileSync(file, json);
    around.stdout(values.get('json') === true ? json : reportText(report));
    return exitCodeOf(report);
  } finally {
    calm();
    await executor.close();
  }
}

function campaignOf(values: ReadonlyMap<string, FlagValue>): Campaign {
  const folder = String(values.get('trace-dir'));
  return {
    protocol: String(values.get('protocol')),
    workload: String(values.get('workload')),
    firstSeed: Number(values.get('first-seed')),
    seeds: Number(values.get('seeds')),
    seconds: Number(values.get('seconds')),
    twiceEvery: values.get('replay-twice') === true ? 1 : sampleEvery,
    keepGoing: values.get('keep-going') === true,
    traceDirectory: folder === '' ? mkdtempSync(join(tmpdir(), 'quorate-sim-')) : resolve(folder),
  };
}

async function plantBug(
  { protocol, workload, firstSeed }: Campaign,
  executor: Executor,
  { stderr }: Surroundings,
): Promise<HuntReport | undefined> {
  const plant = plantFor(protocol, workload, firstSeed);
  stderr(`planted bug: ${plant.text} … `);
  const answer = await executor.run({ kind: 'hunt', protocol, plant: plant.name });
  const report = answer?.kind === 'hunt' ? answer.report : undefined;
  stderr(
    report === undefined ? 'interrupted\n' : report.found === undefined ? 'NOT FOUND\n' : `found by ${report.found.invariant}\n`,
  );
  return report;
}

/** The first failure of each invariant; a failure of the run itself has no plan that could shrink. */
async function shrinkAll(
  { protocol, workload, seconds, traceDirectory }: Campaign,
  {
    executor,
    totals,
    around,
    mostRuns,
  }: { readonly executor: Executor; readonly totals: Totals; readonly around: Surroundings; readonly mostRuns: number },
): Promise<ReadonlyMap<number, string>> {
  const first = new Map<string, Failure>();
  for (const failure of totals.failures) if (!first.has(failure.invariant)) first.set(failure.invariant, failure);
  const plans = new Map<number, string>();
  for (const { seed, invariant } of first.values()) {
    if (invariant === 'determinism' || invariant === 'process' || plans.has(seed)) continue;
    const out = join(traceDirectory, `${runName(protocol, workload)}-seed-${seed}.plan.json`);
    const shrunk = await shrinkFailure({ protocol, workload, seed, seconds }, { executor, around, mostRuns, out });
    if (shrunk) plans.set(seed, out);
  }
  return plans;
}
