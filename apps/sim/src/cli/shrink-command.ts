import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '@quorate/interface';
import type { FlagValue } from '@quorate/server';
import type { Plan, Violation } from '@quorate/simulator';
import type { Executor } from '../campaign/executor.ts';
import { protocolNamed } from '../protocols.ts';
import { planOf } from '../run-seed.ts';
import { checkoutOf } from '../report/checkout.ts';
import { runName } from '../services.ts';
import { writePlanFile } from '../shrink/plan-file.ts';
import { shrinkPlan } from '../shrink/shrink-plan.ts';
import { chosenPlan } from './chosen-plan.ts';
import type { Surroundings } from './surroundings.ts';

/** What was run: the names of a protocol and a service. */
interface Subject {
  readonly protocol: string;
  readonly workload: string;
}

/** Where a shrinker runs plans, what it may cost, and where its result goes. */
interface Bench {
  readonly executor: Executor;
  readonly around: Surroundings;
  readonly mostRuns: number;
  readonly out: string;
}

/** `quorate-sim shrink`: a smaller plan that breaks the same claim. Gives the exit code: 1 as long as one is broken. */
export async function shrinkCommand(
  values: ReadonlyMap<string, FlagValue>,
  executorFor: (jobs: number) => Executor,
  around: Surroundings,
): Promise<number> {
  const chosen = chosenPlan(values);
  if ('problem' in chosen) {
    around.stderr(`${chosen.problem}\n`);
    return chosen.exit;
  }
  const executor = executorFor(1);
  let interrupted = false;
  const calm = around.onInterrupt(() => {
    interrupted = true;
    void executor.close();
  });
  try {
    const asked = String(values.get('out'));
    const out =
      asked === ''
        ? join(
            mkdtempSync(join(tmpdir(), 'quorate-sim-')),
            `${runName(chosen.protocol.name, chosen.service.name)}-seed-${chosen.plan.seed}.plan.json`,
          )
        : asked;
    const shrunk = await shrinkOne({ protocol: chosen.protocol.name, workload: chosen.service.name }, chosen.plan, {
      executor,
      around,
      mostRuns: Number(values.get('shrink-runs')),
      out,
    });
    if (shrunk !== undefined) around.stdout(`${JSON.stringify(shrunk, undefined, 2)}\n`);
    if (interrupted) return 130;
    return shrunk === undefined ? 0 : 1;
  } finally {
    calm();
    await executor.close();
  }
}

/** Shrinks the failure of a seed. True: a plan was written. */
export async function shrinkFailure(
  { protocol, workload, seed, seconds }: Subject & { readonly seed: number; readonly seconds: number },
  bench: Bench,
): Promise<boolean> {
  const known = protocolNamed(protocol);
  invariant(known !== undefined, 'a protocol that failed is known');
  return (await shrinkOne({ protocol, workload }, planOf(known, seed, seconds), bench)) !== undefined;
}

async function shrinkOne(subject: Subject, plan: Plan, { executor, around, mostRuns, out }: Bench): Promise<Plan | undefined> {
  const violationsOf = async (candidate: Plan): Promise<readonly Violation[]> => {
    const answer = await executor.run({ kind: 'plan', ...subject, plan: candidate });
    return answer?.kind === 'plan' ? answer.violations : [];
  };
  const [broken] = await violationsOf(plan);
  if (broken === undefined) {
    around.stderr(`seed ${plan.seed} breaks no claim: there is nothing to shrink\n`);
    return undefined;
  }
  around.stderr(
    `shrinking ${broken.invariant} of seed ${plan.seed}: ${plan.actions.length} faults, ${plan.voters} voters, ${plan.chaosMs} ms\n`,
  );
  const {
    plan: small,
    runs,
    minimal,
  } = await shrinkPlan(plan, {
    mostRuns,
    failedAtMs: broken.atMs,
    stillFails: async (candidate) =>
      (await violationsOf(candidate)).some((violation) => violation.invariant === broken.invariant),
    onRun: (step) => {
      if (!step.smaller) return;
      const { actions, voters, chaosMs } = step.plan;
      around.stderr(`  run ${step.runs}: ${step.what}; left: ${actions.length} faults, ${voters} voters, ${chaosMs} ms\n`);
    },
  });
  const { commit, dirty } = checkoutOf(fileURLToPath(new URL('.', import.meta.url)));
  const text = broken.text.split('\n')[0] ?? '';
  writePlanFile(out, {
    ...subject,
    commit: dirty ? `${commit} and changes` : commit,
    invariant: broken.invariant,
    text,
    plan: small,
  });
  around.stderr(
    `${minimal ? 'smallest' : 'smallest so far'} after ${runs} runs: ${out}\n  pnpm exec quorate-sim replay --plan ${out}\n`,
  );
  return small;
}
