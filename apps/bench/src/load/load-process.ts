import { handOverWaiters } from '../workload/lock-workload.ts';
import { serviceOf } from '../workload/workload.ts';
import type { Workload } from '../workload/workload.ts';
import { workloadNamed } from '../workload/workload-named.ts';
import { grpcTarget } from './grpc-target.ts';
import { handOverTarget } from './hand-over-target.ts';
import { LoadDriver } from './load-driver.ts';
import type { LoadPlan } from './load-plan.ts';
import { lockTarget } from './lock-target.ts';
import { nativeTarget } from './native-target.ts';
import type { Target } from './target.ts';

/** A request of the parent. */
interface Request {
  readonly id: number;
  readonly what: string;
  readonly args: unknown;
}

let driver: LoadDriver | undefined;

function started(): LoadDriver {
  if (driver === undefined) throw new Error('there is no load yet');
  return driver;
}

const handlers: Readonly<Record<string, (args: unknown) => unknown>> = {
  warmUp: async (args) => {
    const plan = args as LoadPlan;
    const workload = workloadNamed(plan.workload, plan.sizes);
    driver = new LoadDriver(plan, workload, await targetOf(plan, workload));
    return driver.warmUp();
  },
  reading: () => started().reading(),
  measure: (args) => started().measure((args as { readonly seconds: number }).seconds),
  watch: () => started().watch(),
  trail: () => started().trail(),
  stop: () => started().stop(),
};

function targetOf({ workload: name, door, timeoutMs, loop }: LoadPlan, workload: Workload): Target | Promise<Target> {
  const inFlight = loop.kind === 'closed' ? loop.inFlight : 1024;
  const { keys: names, keyBytes: nameLength } = workload.settings;
  switch (door.kind) {
    case 'http':
      return handOverTarget({ endpoint: door.endpoints[0] ?? '', waiters: handOverWaiters, timeoutMs });
    case 'grpc':
      return grpcTarget(door);
    default:
      return serviceOf(name) === 'lock'
        ? lockTarget({ ...door, timeoutMs, inFlight, names, nameLength })
        : nativeTarget(door, { timeoutMs, workload, inFlight });
  }
}

// A parent that is gone asks for nothing any more.
process.on('disconnect', () => process.exit());
process.on('message', ({ id, what, args }: Request) => {
  void answer(what, args).then((reply) => process.send?.({ id, ...reply }));
});

async function answer(what: string, args: unknown): Promise<{ readonly result: unknown } | { readonly error: string }> {
  try {
    return { result: (await handlers[what]?.(args)) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
