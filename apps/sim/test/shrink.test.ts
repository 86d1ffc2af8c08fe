import { referencePlan } from '@quorate/simulator';
import type { Action, FaultKind, Plan } from '@quorate/simulator';
import { describe, expect, test } from 'vitest';
import { shrinkPlan } from '../src/shrink/shrink-plan.ts';
import { planOf } from '../src/run-seed.ts';
import { protocolNamed } from '../src/protocols.ts';

function fault(kind: FaultKind, atMs: number, change: Partial<Action> = {}): Action {
  return { atMs, kind, member: 1, peer: 2, forMs: 1000, amount: 0.5, ...change };
}

function plan(actions: readonly Action[], change: Partial<Plan> = {}): Plan {
  return { ...referencePlan(7, 60_000), realCodec: true, snapshotCount: 7, atlas: [2, 4], actions, ...change };
}

const has = ({ actions }: Plan, kind: FaultKind): boolean => actions.some((action) => action.kind === kind);

describe('a shrinker', () => {
  test('leaves the two faults of fifty that matter together, and nothing else', async () => {
    const noise = Array.from({ length: 48 }, (_, place) => fault('delay', 1000 * place));
    const actions = [
      ...noise.slice(0, 20),
      fault('kill', 20_500),
      ...noise.slice(20, 40),
      fault('isolate', 40_500),
      ...noise.slice(40),
    ];
    const tried: string[] = [];
    const {
      plan: small,
      minimal,
      runs,
    } = await shrinkPlan(plan(actions, { enabled: ['stop', 'kill'] }), {
      mostRuns: 1000,
      stillFails: (candidate) => {
        tried.push(JSON.stringify(candidate));
        return has(candidate, 'kill') && has(candidate, 'isolate') && candidate.voters >= 3 && candidate.enabled.includes('stop');
      },
    });
    expect(small.actions.map(({ kind, forMs }) => [kind, forMs])).toEqual([
      ['kill', 20],
      ['isolate', 20],
    ]);
    expect(small).toMatchObject({ voters: 3, learners: 0, realCodec: false, snapshotCount: 1000, atlas: [], chaosMs: 40_501 });
    expect(small.workload).toEqual({ clients: 1, operationsPerSecond: 1, keys: 1 });
    expect(small.network.jitterMs).toBe(0);
    expect(minimal).toBe(true);
    expect(runs).toBeLessThan(200);
    expect(tried).toHaveLength(runs);
    expect(new Set(tried).size).toBe(runs);
  });

  test('cuts off what came after the failure first', async () => {
    const tried: Plan[] = [];
    await shrinkPlan(plan([fault('kill', 100), fault('stop', 900), fault('wipe', 5000)]), {
      mostRuns: 1,
      failedAtMs: 950.5,
      stillFails: (candidate) => tried.push(candidate) > 0,
    });
    expect(tried).toHaveLength(1);
    expect(tried[0]).toMatchObject({ chaosMs: 952, actions: [{ kind: 'kill' }, { kind: 'stop' }] });
  });

  test('gives back the plan as it was where nothing can be left out', async () => {
    const seen = new Set<string>();
    const original = plan([fault('kill', 100)]);
    const { plan: small } = await shrinkPlan(original, {
      mostRuns: 1000,
      stillFails: (candidate) => {
        const name = JSON.stringify(candidate);
        expect(seen.has(name)).toBe(false);
        seen.add(name);
        return false;
      },
    });
    expect(small).toEqual(original);
    expect(seen.size).toBeGreaterThan(5);
  });

  test('keeps to its budget, says so, and gives the best so far', async () => {
    const actions = Array.from({ length: 64 }, (_, place) => fault(place === 33 ? 'kill' : 'delay', 100 + place));
    const steps: number[] = [];
    const {
      plan: small,
      runs,
      minimal,
    } = await shrinkPlan(plan(actions), {
      mostRuns: 5,
      stillFails: (candidate) => has(candidate, 'kill'),
      onRun: ({ runs: count }) => steps.push(count),
    });
    expect(runs).toBe(5);
    expect(steps).toEqual([1, 2, 3, 4, 5]);
    expect(minimal).toBe(false);
    expect(has(small, 'kill')).toBe(true);
    expect(small.actions.length).toBeLessThan(64);
  });

  test('keeps plans possible: no fault, damage or wipe of members that are gone', async () => {
    const raft = protocolNamed('raft');
    if (raft === undefined) throw new Error('raft is a protocol');
    for (let seed = 1; seed <= 40; seed++) {
      await shrinkPlan(planOf(raft, seed, 20), {
        mostRuns: 60,
        stillFails: ({ voters, learners, atlas, actions, chaosMs }) => {
          expect(Math.max(0, ...actions.map(({ member }) => member))).toBeLessThanOrEqual(voters + learners);
          expect(Math.max(0, ...atlas)).toBeLessThanOrEqual(voters);
          expect(atlas.length).toBeLessThanOrEqual(Math.floor((voters - 1) / 2));
          for (const { atMs } of actions) expect(atMs).toBeLessThanOrEqual(chaosMs);
          return voters >= 3;
        },
      });
    }
  });
});
