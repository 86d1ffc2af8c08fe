import { at } from '@quorate/interface';
import { expect, test } from 'vitest';
import { scene } from './scene.ts';
import type { Ending, Scene } from './scene.ts';
import type { Verdict } from './world.ts';

// A naive model of what a caller may believe: a result means applied once, `not-applied` means never, `unknown` at most once.
function check(scene: Scene, endings: readonly Ending[], sessions: boolean): void {
  const counts = new Map<string, number>();
  for (const body of scene.cluster.applied) counts.set(body, (counts.get(body) ?? 0) + 1);
  for (const ending of endings) {
    const count = counts.get(ending.body) ?? 0;
    const [least, most] = allowed(ending);
    expect(ending.told, `${ending.body} was told once`).toBe(1);
    expect(count >= least && count <= most, `${ending.body} was applied ${count} times: ${ending.text}`).toBe(true);
  }
  if (!sessions) return;
  // One session at a time: what was answered was applied in the order of the calls, unless a session was replaced in between.
  if (scene.client.status().sessionsOpened > 1) return;
  const order = scene.cluster.applied.map(Number);
  expect(order, 'the order of the calls').toEqual(order.toSorted((a, b) => a - b));
}

function allowed(ending: Ending): readonly [number, number] {
  if (ending.result !== undefined) return [1, 1];
  return ending.outcome === 'not-applied' ? [0, 0] : [0, 1];
}

function verdictOf(scene: Scene): Verdict {
  const chance = scene.host.random();
  const applies = scene.host.random() < 0.5;
  if (chance < 0.03) return { do: 'refuse', code: 'E_OVERLOADED' };
  if (chance < 0.05) return { do: 'refuse', code: 'E_NOT_LEADER' };
  if (chance < 0.06) return { do: 'refuse', code: 'E_NO_LEADER' };
  if (chance < 0.08) return { do: 'doubt', code: 'E_LINK_LOST', applies };
  if (chance < 0.1) return { do: 'doubt', code: 'E_TIMEOUT', applies };
  if (chance < 0.105) return { do: 'refuse', code: 'E_TOO_LARGE' };
  return { do: 'apply' };
}

function disturb(scene: Scene): void {
  const chance = scene.host.random();
  const member = at(scene.members, Math.floor(scene.host.random() * scene.members.length));
  if (chance < 0.1) scene.transport.cut();
  else if (chance < 0.15) member.reachable = !member.reachable;
  else if (chance < 0.17) member.mute = !member.mute;
  else if (chance < 0.25) scene.transport.delayMs = 1 + Math.floor(scene.host.random() * 40);
  else if (chance < 0.26) scene.cluster.sessions.clear();
  else if (chance < 0.35) for (const other of scene.members) other.leader = member.id;
}

test.each([
  [true, 'fifo', 150],
  [false, 'fifo', 100],
  [true, 'datagram', 150],
] as const)(
  'no command is applied twice and no caller is told wrongly (sessions: %s, %s, %i seeds)',
  (sessions, delivery, seeds) => {
    let applied = 0;
    let unknown = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const world = scene({ members: 3, seed, sessions, delivery, maxInFlight: 8, stallMs: 300, dialTimeoutMs: 100 });
      for (const member of world.members) member.verdict = () => verdictOf(world);
      const endings: Ending[] = [];
      for (let step = 0; step < 120; step++) {
        const calls = Math.floor(world.host.random() * 4);
        for (let call = 0; call < calls; call++) endings.push(world.send(`${endings.length}`, 50 + world.host.random() * 3000));
        disturb(world);
        world.host.run(world.host.random() * 30);
      }
      for (const member of world.members) {
        member.reachable = true;
        member.mute = false;
        member.verdict = () => ({ do: 'apply' });
      }
      world.host.run(20_000);
      const last = world.send('999999', 10_000);
      world.host.run(10_000);
      expect(last.result, `seed ${seed}: the client recovers; ${last.text}`).toBeDefined();
      try {
        check(world, [...endings, last], sessions);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
      applied += world.cluster.applied.length;
      unknown += endings.filter(({ outcome }) => outcome === 'unknown').length;
    }
    // Not vacuous: most commands got through, and some were in doubt.
    expect(applied).toBeGreaterThan(seeds * 60);
    expect(unknown).toBeGreaterThan(seeds / 4);
  },
);
