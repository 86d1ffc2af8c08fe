import type { Action, Plan } from '@quorate/simulator';

/** A smaller plan, and in which way it is smaller. */
export interface Reduction {
  readonly what: string;
  readonly plan: Plan;
}

const shortestMs = 20;
const shortestChaosMs = 500;

/** Plans that are one step smaller than this one, the most promising first; those that would change nothing are left out. */
export function reducedPlans(plan: Plan): readonly Reduction[] {
  const all = [...shorter(plan), ...fewer(plan), ...briefer(plan), ...plainer(plan)];
  const now = JSON.stringify(plan);
  return all.filter((reduction) => JSON.stringify(reduction.plan) !== now);
}

function shorter(plan: Plan): readonly Reduction[] {
  const { actions, chaosMs } = plan;
  const lastMs = actions.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  return [lastMs + 1, lastMs + 1000, chaosMs / 2, (chaosMs * 3) / 4]
    .map((ms) => Math.max(shortestChaosMs, Math.ceil(ms)))
    .filter((ms) => ms < chaosMs && ms > lastMs)
    .map((ms) => ({ what: `chaos for ${ms} ms`, plan: { ...plan, chaosMs: ms } }));
}

function fewer(plan: Plan): readonly Reduction[] {
  const { voters, workload } = plan;
  const reductions: Reduction[] = [{ what: 'no learners', plan: withMembers(plan, voters, 0) }];
  for (const count of [1, 2, 3, 5])
    if (count < voters) reductions.push({ what: `${count} voters`, plan: withMembers(plan, count, 0) });
  for (const clients of [1, Math.ceil(workload.clients / 2)]) {
    if (clients < workload.clients)
      reductions.push({ what: `${clients} clients`, plan: { ...plan, workload: { ...workload, clients } } });
  }
  const operationsPerSecond = Math.max(1, Math.floor(workload.operationsPerSecond / 2));
  reductions.push({
    what: `${operationsPerSecond} operations per second`,
    plan: { ...plan, workload: { ...workload, operationsPerSecond } },
  });
  const keys = Math.max(1, Math.floor(workload.keys / 2));
  reductions.push({ what: `${keys} keys`, plan: { ...plan, workload: { ...workload, keys } } });
  return reductions;
}

// Faults and damage stay with members that exist; less than half of them may be spoiled.
function withMembers(plan: Plan, voters: number, learners: number): Plan {
  const actions = plan.actions.filter(({ member }) => member <= voters + learners);
  const atlas = plan.atlas.filter((id) => id <= voters).slice(0, Math.floor((voters - 1) / 2));
  return { ...plan, voters, learners, atlas, actions, wipesMajority: plan.wipesMajority && voters > 2 };
}

function briefer(plan: Plan): readonly Reduction[] {
  return plan.actions.flatMap((action, place) => {
    if (action.forMs <= shortestMs) return [];
    const forMs = Math.max(shortestMs, Math.floor(action.forMs / 2));
    return [
      { what: `${action.kind} for ${forMs} ms`, plan: { ...plan, actions: replaced(plan.actions, place, { ...action, forMs }) } },
    ];
  });
}

function replaced(actions: readonly Action[], place: number, action: Action): readonly Action[] {
  return actions.map((other, at) => (at === place ? action : other));
}

function plainer(plan: Plan): readonly Reduction[] {
  const { network, disk } = plan;
  const plain: readonly (readonly [string, Partial<Plan>])[] = [
    ['messages handed over', { realCodec: false }],
    ['fifo links', { delivery: 'fifo' }],
    ['no jitter', { network: { ...network, jitterMs: 0 } }],
    ['a loop without limits', { loop: { inputsPerTurn: 64, turnMs: 0, lookMs: 0 } }],
    ['writes within the call', { disk: { ...disk, writeMs: 0 } }],
    ['syncs within the call', { disk: { ...disk, writeMs: 0, syncMs: 0 } }],
    ['ordinary limits', { limits: {} }],
    ['ordinary segments', { segmentBytes: 65_536 }],
    ['ordinary snapshots', { snapshotCount: 1000 }],
    ['no wiped majority', { wipesMajority: false }],
    ['nothing spoiled', { atlas: [] }],
    ['kinds that are used', { enabled: plan.enabled.filter((kind) => plan.actions.some((action) => action.kind === kind)) }],
  ];
  return plain.map(([what, change]) => ({ what, plan: { ...plan, ...change } }));
}
