import { chanceKinds } from '../chance.ts';
import type { Chance } from '../chance.ts';
import { powerOfTwo } from '../portable-math.ts';
import { datagramKinds, spoilingKinds } from './action.ts';
import type { Action, FaultKind } from './action.ts';
import type { Plan } from './plan.ts';

/** The shape of one kind's actions: how long they last, and how much they do. */
interface Shape {
  readonly forMs: readonly [number, number];
  readonly amount: readonly [number, number];
}

const moment: Shape = { forMs: [20, 2000], amount: [0, 1] };

const shapes: Readonly<Record<FaultKind, Shape>> = {
  kill: moment,
  'kill-all': { forMs: [20, 500], amount: [0, 1] },
  'power-loss': moment,
  'power-loss-all': { forMs: [20, 500], amount: [0, 1] },
  'crash-at-boundary': { forMs: [20, 1000], amount: [1, 40] },
  'crash-loop': { forMs: [100, 300], amount: [2, 6] },
  stop: moment,
  pause: { forMs: [50, 3000], amount: [0, 1] },
  stall: { forMs: [20, 800], amount: [0, 1] },
  wipe: moment,
  'clock-jump': { forMs: [0, 0], amount: [100, 10_000] },
  'clock-rate': { forMs: [500, 5000], amount: [0.5, 2] },
  'wall-jump': { forMs: [0, 0], amount: [-1e9, 1e9] },
  'wall-strobe': { forMs: [500, 3000], amount: [-1e6, 1e6] },
  isolate: { forMs: [100, 4000], amount: [0, 1] },
  split: { forMs: [100, 4000], amount: [0, 1] },
  'one-way': { forMs: [100, 4000], amount: [0, 1] },
  bridge: { forMs: [200, 4000], amount: [0, 1] },
  ring: { forMs: [200, 4000], amount: [0, 1] },
  flap: { forMs: [500, 3000], amount: [50, 400] },
  'break-links': { forMs: [0, 0], amount: [0, 1] },
  delay: { forMs: [200, 3000], amount: [1, 200] },
  loss: { forMs: [200, 5000], amount: [0.001, 0.3] },
  duplicate: { forMs: [500, 10_000], amount: [0.01, 0.5] },
  reorder: { forMs: [500, 10_000], amount: [0.01, 0.5] },
  replay: { forMs: [500, 10_000], amount: [0.01, 0.3] },
  corrupt: { forMs: [200, 3000], amount: [0.001, 0.05] },
  bandwidth: { forMs: [500, 5000], amount: [1, 200] },
  'disk-slow': { forMs: [200, 4000], amount: [5, 300] },
  'disk-stuck': { forMs: [100, 3000], amount: [0, 1] },
  'disk-full': { forMs: [200, 3000], amount: [0, 20_000] },
  'sync-error': { forMs: [100, 1000], amount: [0, 1] },
  'read-error': { forMs: [100, 2000], amount: [0, 1] },
  'short-write': { forMs: [100, 3000], amount: [0.05, 0.5] },
  'no-descriptors': { forMs: [100, 1000], amount: [0, 1] },
  'bit-rot': { forMs: [50, 500], amount: [1, 4] },
  transfer: { forMs: [0, 0], amount: [0, 1] },
  'client-cut': { forMs: [200, 3000], amount: [0, 1] },
  'client-pause': { forMs: [200, 5000], amount: [0, 1] },
};

/** Draws when what happens to whom. Each action ends what it began by itself; after the chaos everything is healed anyway. */
export function drawActions(chance: Chance, plan: Omit<Plan, 'actions'>): readonly Action[] {
  const next = chance.stream(chanceKinds.schedule);
  const kinds = plan.enabled.filter((kind) => plan.delivery === 'datagram' || !datagramKinds.has(kind));
  const actions: Action[] = [];
  const members = plan.voters + plan.learners;
  if (kinds.length === 0) return actions;
  // From a fault every few hundred milliseconds to one every few seconds.
  const pauseMs = 200 * powerOfTwo(next() * 4);
  for (let atMs = 500 + next() * pauseMs * 2; atMs < plan.chaosMs; atMs += next() * pauseMs * 2) {
    const kind = kinds[Math.floor(next() * kinds.length)] as FaultKind;
    const { forMs, amount } = shapes[kind];
    const [member, peer] = [pickMember(next(), members), 1 + Math.floor(next() * members)];
    const spoiled = plan.atlas[Math.floor(next() * plan.atlas.length)];
    const action = { atMs, kind, member, peer, forMs: between(forMs, next()), amount: between(amount, next()) };
    if (!spoilingKinds.has(kind)) actions.push(action);
    else if (spoiled !== undefined) actions.push({ ...action, member: spoiled });
  }
  return actions;
}

// A third of all faults hits whoever leads.
function pickMember(draw: number, members: number): number {
  return draw < 1 / 3 ? 0 : 1 + Math.floor(((draw - 1 / 3) * 1.5 * members) % members);
}

function between([low, high]: readonly [number, number], draw: number): number {
  return low + draw * (high - low);
}
