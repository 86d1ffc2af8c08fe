import type { Plan, Plants } from '@quorate/simulator';

/** A known bug, and where it shows. Decorators at the contracts only: production code has no branch for it. */
export interface Plant {
  readonly name: string;
  /** The service that it spoils; the key-value store where it is left out. */
  readonly workload?: string;
  /** One sentence: what is wrong, and why that is bad. */
  readonly text: string;
  /** Made anew for each run: a plant may count. */
  readonly plants: () => Plants;
  /** Runs that find it, tried in order: these seeds, each for so long, with this change of their plan. */
  readonly seeds: readonly number[];
  readonly seconds: number;
  /** Protocols under which it is no bug, because they never do what it spoils. */
  readonly harmlessUnder?: readonly string[];
  readonly change: (plan: Plan) => Plan;
}
