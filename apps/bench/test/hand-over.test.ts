import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { handOverTarget } from '../src/load/hand-over-target.ts';
import type { HandOverSample, OperationOutcome, Target } from '../src/load/target.ts';

const ending: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** A door with a queue in front of one lock. `wakes`: how many of those who wait are answered at a release; all but one in vain. */
async function startDoor({ wakes, most = Number.POSITIVE_INFINITY }: { wakes: number; most?: number }): Promise<string> {
  const queue: ServerResponse[] = [];
  const held = new Set<string>();
  let releases = 0;
  const answer = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    const [, , area, name = '', action] = (request.url ?? '').split(/[/?]/u);
    if (area === 'sessions') return answer(response, 201, { session: 1 });
    if (request.method === 'GET') return answer(response, 200, { waiting: queue.length });
    if (action === 'acquire') {
      if (held.has(name)) return void queue.push(response);
      held.add(name);
      return answer(response, 200, { token: 1 });
    }
    if (name !== 'contended') held.delete(name);
    else if (++releases > most) return answer(response, 503, { code: 'E_NO_LEADER' });
    else {
      const woken = queue.splice(0, wakes);
      woken.forEach((one, place) => answer(one, place === 0 ? 200 : 202, { token: 1 }));
    }
    return answer(response, 200, { remaining: 0 });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function open(endpoint: string): Promise<Target> {
  const target = await handOverTarget({ endpoint, waiters: 5, timeoutMs: 5000 });
  ending.push(() => target.close());
  return target;
}

function once(target: Target): Promise<{ readonly outcome: OperationOutcome; readonly sample: HandOverSample | undefined }> {
  return new Promise((resolve) => {
    target.send({ body: new Uint8Array(0), isRead: false }, (outcome, sample) => resolve({ outcome, sample }));
  });
}

it.each([1, 3])('counts %i wake-ups where a release wakes so many', async (wakes) => {
  const target = await open(await startDoor({ wakes }));
  const rounds = 30;
  let wakeUps = 0;
  for (let round = 0; round < rounds; round++) {
    const { outcome, sample } = await once(target);
    expect(outcome).toBe('succeeded');
    expect(sample?.handOverMs).toBeGreaterThan(0);
    expect(sample?.commitMs).toBeGreaterThan(0);
    wakeUps += sample?.wakeUps ?? 0;
  }
  // Those who were woken in vain may be counted with the next release.
  expect(Math.abs(wakeUps - wakes * rounds)).toBeLessThan(wakes);
});

it('stands still after a release whose end nobody knows, and says so', async () => {
  const target = await open(await startDoor({ wakes: 1, most: 2 }));
  const outcomes: OperationOutcome[] = [];
  for (let round = 0; round < 4; round++) outcomes.push((await once(target)).outcome);
  expect(outcomes).toEqual(['succeeded', 'succeeded', 'unknown', 'unknown']);
});

it('says why it cannot begin', async () => {
  await expect(handOverTarget({ endpoint: 'http://127.0.0.1:1', waiters: 1, timeoutMs: 1000 })).rejects.toThrow('ECONNREFUSED');
});
