import { readFileSync, writeFileSync } from 'node:fs';
import { faultKinds, referencePlan } from '@quorate/simulator';
import type { Plan } from '@quorate/simulator';
import { protocolNames } from '../protocols.ts';
import { serviceNames } from '../services.ts';

/** A plan that someone wants to see again. */
export interface PlanFile {
  readonly protocol: string;
  readonly workload: string;
  /** The version of the checkout that it failed on: another one may do other things with it. */
  readonly commit: string;
  readonly invariant: string;
  readonly text: string;
  readonly plan: Plan;
}

/** Writes a plan as JSON that `replay --plan` takes. */
export function writePlanFile(path: string, file: PlanFile): void {
  writeFileSync(path, `${JSON.stringify(file, undefined, 2)}\n`);
}

/** Reads a plan, or says what is wrong with the file. */
export function readPlanFile(path: string): PlanFile | { readonly problem: string; readonly exit: 65 | 74 } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return {
      problem: `E_PLAN_READ: cannot read ${path} (got ${code}). Give the file that a shrinker or a report wrote.`,
      exit: 74,
    };
  }
  const wrong = (what: string): { readonly problem: string; readonly exit: 65 } => ({
    problem: `E_PLAN_FORMAT: ${path} is no plan: ${what}. Give the file that a shrinker wrote, or correct it.`,
    exit: 65,
  });
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  const { protocol, workload, plan } = (typeof file === 'object' && file !== null ? file : {}) as Partial<PlanFile>;
  if (protocol === undefined || !protocolNames.includes(protocol))
    return wrong(`protocol is ${JSON.stringify(protocol)}, allowed: ${protocolNames.join(', ')}`);
  if (workload === undefined || !serviceNames.includes(workload))
    return wrong(`workload is ${JSON.stringify(workload)}, allowed: ${serviceNames.join(', ')}`);
  const what = differenceOf(referencePlan(0, 0), plan, 'plan') ?? actionsProblem(plan?.actions ?? []);
  return what === undefined ? (file as PlanFile) : wrong(what);
}

/** The first place where a value has not the shape of the other; what a plan may leave out (`limits`) is not looked into. */
function differenceOf(like: unknown, got: unknown, path: string): string | undefined {
  if (Array.isArray(like)) return Array.isArray(got) ? undefined : `${path} is no list`;
  if (typeof like !== 'object' || like === null) {
    return typeof got === typeof like ? undefined : `${path} is ${JSON.stringify(got)}, and should be a ${typeof like}`;
  }
  if (typeof got !== 'object' || got === null || Array.isArray(got)) return `${path} is no object`;
  for (const [name, value] of Object.entries(like)) {
    const found = differenceOf(value, (got as Readonly<Record<string, unknown>>)[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function actionsProblem(actions: Plan['actions']): string | undefined {
  for (const [place, action] of actions.entries()) {
    const { kind, ...numbers } = action;
    if (!faultKinds.includes(kind)) return `plan.actions[${place}].kind is ${JSON.stringify(kind)}, which is no kind of fault`;
    for (const name of ['atMs', 'member', 'peer', 'forMs', 'amount'] as const) {
      if (typeof numbers[name] !== 'number')
        return `plan.actions[${place}].${name} is ${JSON.stringify(numbers[name])}, and should be a number`;
    }
  }
  return undefined;
}
