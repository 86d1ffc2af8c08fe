import { invariant } from '@quorate/interface';
import type { FlagValue } from '@quorate/server';
import type { Plan } from '@quorate/simulator';
import { protocolNamed } from '../protocols.ts';
import type { ProtocolUnderTest } from '../protocols.ts';
import { serviceNamed } from '../services.ts';
import type { ServiceUnderTest } from '../services.ts';
import { planOf } from '../run-seed.ts';
import { readPlanFile } from '../shrink/plan-file.ts';

/** What `replay` and `shrink` run: the plan of a seed, or of a file. */
export interface ChosenPlan {
  readonly protocol: ProtocolUnderTest;
  readonly service: ServiceUnderTest;
  readonly plan: Plan;
}

/** Looks up the plan that the flags name, or says why there is none. */
export function chosenPlan(
  values: ReadonlyMap<string, FlagValue>,
): ChosenPlan | { readonly problem: string; readonly exit: 65 | 74 } {
  const path = String(values.get('plan'));
  if (path === '') {
    const protocol = known(String(values.get('protocol')));
    const service = knownService(String(values.get('workload')));
    return { protocol, service, plan: planOf(protocol, Number(values.get('seed')), Number(values.get('seconds'))) };
  }
  const file = readPlanFile(path);
  if ('problem' in file) return file;
  return { protocol: known(file.protocol), service: knownService(file.workload), plan: file.plan };
}

function known(name: string): ProtocolUnderTest {
  const protocol = protocolNamed(name);
  invariant(protocol !== undefined, 'the name was checked when it was read');
  return protocol;
}

function knownService(name: string): ServiceUnderTest {
  const service = serviceNamed(name);
  invariant(service !== undefined, 'the name was checked when it was read');
  return service;
}
