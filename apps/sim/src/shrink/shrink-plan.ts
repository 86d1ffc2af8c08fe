import type { Plan } from '@quorate/simulator';
import { reducedPlans } from './reductions.ts';

/** How a plan is shrunk. */
export interface ShrinkOptions {
  /** Whether this plan still breaks the same claim. */
  readonly stillFails: (plan: Plan) => boolean | Promise<boolean>;
  /** Runs that this may cost. */
  readonly mostRuns: number;
  /** When the claim was broken: faults after it had no part in it. */
  readonly failedAtMs?: number;
  /** Told after each run. */
  readonly onRun?: (step: ShrinkStep) => void;
}

/** The state of a shrinker after a run. */
export interface ShrinkStep {
  readonly runs: number;
  readonly what: string;
  readonly smaller: boolean;
  readonly plan: Plan;
}

/** The smallest plan that was found. */
export interface Shrunk {
  readonly plan: Plan;
  readonly runs: number;
  /** True: nothing that could be left out was left, as far as single steps go; false: the budget ran out. */
  readonly minimal: boolean;
}

/**
 * Makes a failing plan smaller while it fails: first its faults (ddmin: Zeller and Hildebrandt 2002), then its length, the times of what
 * is left, members and clients, and what is special about its loop, links and disks. Again from the start until nothing helps any more.
 */
export async function shrinkPlan(plan: Plan, options: ShrinkOptions): Promise<Shrunk> {
  const search = new Search(plan, options);
  await search.tryPlan(cutAfter(plan, options.failedAtMs), 'cut after the failure');
  for (let before: Plan | undefined; before !== search.best && !search.isOver;) {
    before = search.best;
    await shrinkActions(search);
    await reduce(search);
  }
  return { plan: search.best, runs: search.runs, minimal: !search.isOver };
}

/** The best plan so far, and what is left of the budget. */
class Search {
  best: Plan;
  runs = 0;
  private readonly options: ShrinkOptions;
  private readonly tried = new Set<string>();

  constructor(plan: Plan, options: ShrinkOptions) {
    this.best = plan;
    this.options = options;
    this.tried.add(JSON.stringify(plan));
  }

  get isOver(): boolean {
    return this.runs >= this.options.mostRuns;
  }

  /** True: the plan is the best now. A plan is run once. */
  async tryPlan(plan: Plan, what: string): Promise<boolean> {
    const name = JSON.stringify(plan);
    if (this.isOver || this.tried.has(name)) return false;
    this.tried.add(name);
    this.runs += 1;
    const smaller = await this.options.stillFails(plan);
    if (smaller) this.best = plan;
    this.options.onRun?.({ runs: this.runs, what, smaller, plan: this.best });
    return smaller;
  }
}

/** Drops halves, then quarters, then single faults. */
async function shrinkActions(search: Search): Promise<void> {
  for (let size = Math.ceil(search.best.actions.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < search.best.actions.length;) {
      const { actions } = search.best;
      const rest = [...actions.slice(0, from), ...actions.slice(from + size)];
      const dropped = await search.tryPlan(
        { ...search.best, actions: rest },
        `drop ${Math.min(size, actions.length - from)} of ${actions.length} faults`,
      );
      if (!dropped) from += size;
    }
  }
}

/** Takes each reduction as often as it helps. */
async function reduce(search: Search): Promise<void> {
  for (let place = 0; ;) {
    const reductions = reducedPlans(search.best);
    const reduction = reductions[place];
    if (reduction === undefined || search.isOver) return;
    if (!(await search.tryPlan(reduction.plan, reduction.what))) place += 1;
  }
}

function cutAfter(plan: Plan, failedAtMs: number | undefined): Plan {
  if (failedAtMs === undefined) return plan;
  const chaosMs = Math.min(plan.chaosMs, Math.ceil(failedAtMs) + 1);
  return { ...plan, chaosMs, actions: plan.actions.filter(({ atMs }) => atMs <= chaosMs) };
}
