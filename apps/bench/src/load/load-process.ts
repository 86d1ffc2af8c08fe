import { storeWorkload } from '../workload/store-workload.ts';
import { grpcTarget } from './grpc-target.ts';
import { LoadDriver } from './load-driver.ts';
import type { LoadPlan } from './load-plan.ts';
import { nativeTarget } from './native-target.ts';

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
  warmUp: (args) => {
    const plan = args as LoadPlan;
    const workload = storeWorkload(plan.workload, plan.sizes);
    const { door, timeoutMs, loop } = plan;
    const inFlight = loop.kind === 'closed' ? loop.inFlight : 1024;
    const target = door.kind === 'native' ? nativeTarget(door, { timeoutMs, workload, inFlight }) : grpcTarget(door);
    driver = new LoadDriver(plan, workload, target);
    return driver.warmUp();
  },
  reading: () => started().reading(),
  measure: (args) => started().measure((args as { readonly seconds: number }).seconds),
  watch: () => started().watch(),
  trail: () => started().trail(),
  stop: () => started().stop(),
};

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
