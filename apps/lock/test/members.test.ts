import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LockClientEvent } from '../src/client/index.ts';
import { ask } from './fixtures/checked-fetch.ts';
import { eventually, startLockCluster, type LockCluster } from './fixtures/lock-cluster.ts';

describe('one member', () => {
  let cluster: LockCluster;
  let url = '';
  beforeAll(async () => {
    cluster = await startLockCluster(1);
    [url = ''] = cluster.urls;
  });
  afterAll(() => cluster.close());

  test('accepts zk:// with one line, and says where it serves', async () => {
    await eventually(async () => (/is ready/u.test(cluster.members[0]?.words() ?? '') ? true : undefined));
    const words = cluster.members[0]?.words() ?? '';
    expect(words.split('\n').filter((line) => line.includes('zk://') && line.includes('info'))).toEqual([
      expect.stringContaining("ZooKeeper's protocol is not served yet: nothing listens there urls=zk://127.0.0.1:2181"),
    ]);
    expect(words).toContain(`quorate-lock n1 is ready: raft, clients zk://127.0.0.1:2181, API ${url}, peers tcp://127.0.0.1:`);
    expect(await ask(url, 'GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
    expect((await (await fetch(`${url}/metrics`)).text()).split('\n')).toContain('quorate_lock_sessions 0');
  });

  // 100 requests wait; each release wakes exactly the next one: every answer but one grant per release would be a herd.
  test('serves 100 waiters in the order in which they came, with one wake-up for each release', async () => {
    const sessions = await Promise.all(
      Array.from({ length: 101 }, async () =>
        Number((await ask(url, 'POST', '/v1/sessions', { ttlMs: 60_000 })).body['session']),
      ),
    );
    const acquire = (
      session: number | undefined,
      waitMs: number,
    ): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> =>
      ask(url, 'POST', '/v1/locks/queue/acquire', { session, request: 1, waitMs });
    let { token } = (await acquire(sessions[0], 0)).body;
    const woken: number[] = [];
    // In this order in the log, and then all of them held open at once.
    for (const [place, session] of sessions.slice(1).entries()) {
      expect((await acquire(session, 0)).body).toMatchObject({ status: 'waiting', ahead: place });
    }
    const tokens = new Map<number, number>();
    const open = sessions.slice(1).map(async (session) => {
      const { status, body } = await acquire(session, 60_000);
      expect(status).toBe(200);
      woken.push(session);
      tokens.set(session, Number(body['token']));
    });
    await eventually(async () => ((await metric(url, 'quorate_lock_waiting_requests')) === 100 ? true : undefined));
    for (const [place, session] of sessions.slice(0, -1).entries()) {
      const answered = woken.length;
      await ask(url, 'POST', '/v1/locks/queue/release', { session, token });
      const next = sessions[place + 1] ?? 0;
      const fresh = await eventually(async () => tokens.get(next));
      expect(woken.slice(answered)).toEqual([next]);
      expect(fresh).toBeGreaterThan(Number(token));
      token = fresh;
    }
    await Promise.all(open);
    expect(woken).toEqual(sessions.slice(1));
  });

  test('keeps a lock from others for its delay after kill -9 of the holder, and not at all after a release', async () => {
    const client = cluster.client();
    const delayed = await client.acquire('delay', { lockDelayMs: 30_000 });
    await delayed.release();
    const other = cluster.client();
    const free = await other.acquire('delay', { tryOnly: true });
    await free.release();

    const holder = await cluster.holder('delay', { ttlMs: 1000, lockDelayMs: 1200 });
    expect(holder.token).toBeGreaterThan(free.token);
    const waiting = client.acquire('delay');
    holder.kill();
    const dead = await eventually(async () => {
      const { body } = await ask(url, 'GET', '/v1/locks/delay');
      return (body['delays'] as readonly unknown[]).length === 1 ? body : undefined;
    });
    const diedMs = performance.now();
    expect(dead).toMatchObject({ holders: [], delays: [{ token: holder.token, delayMs: 1200 }], waiting: 1 });
    const next = await waiting;
    // It was seen a little after it began.
    expect(performance.now() - diedMs).toBeGreaterThan(1000);
    expect(next.token).toBeGreaterThan(holder.token);
  });

  test('closes with long polls open: they are answered, and it ends in order', async () => {
    const closing = await startLockCluster(1);
    const [its = ''] = closing.urls;
    const session = Number((await ask(its, 'POST', '/v1/sessions', { ttlMs: 60_000 })).body['session']);
    const second = Number((await ask(its, 'POST', '/v1/sessions', { ttlMs: 60_000 })).body['session']);
    await ask(its, 'POST', '/v1/locks/a/acquire', { session, request: 1 });
    const polled = ask(its, 'POST', '/v1/locks/a/acquire', { session: second, request: 1, waitMs: 60_000 });
    await eventually(async () => ((await metric(its, 'quorate_lock_waiting_requests')) === 1 ? true : undefined));
    closing.members[0]?.kill('SIGTERM');
    expect(await polled).toMatchObject({ status: 202, body: { status: 'waiting' } });
    expect(await closing.members[0]?.ended).toBe('exit code 0');
    await closing.close();
  });
});

describe('three members', () => {
  let cluster: LockCluster;
  beforeAll(async () => {
    cluster = await startLockCluster(3);
  });
  afterAll(() => cluster.close());

  test('kill -9 of the leader costs no session that lives longer than the change, and tokens rise across it', async () => {
    const place = await cluster.leader();
    const leading = cluster.urls[place] ?? '';
    const events: LockClientEvent['type'][] = [];
    // It talks to the leader, and has to find out by itself.
    const endpoints = [leading, ...cluster.urls.filter((url) => url !== leading)];
    const client = cluster.client({ endpoints, ttlMs: 6000, onEvent: ({ type }) => void events.push(type) });
    const lock = await client.acquire('x');
    const waiting = cluster.client({ endpoints, ttlMs: 6000 }).acquire('x');
    await eventually(async () => ((await metric(leading, 'quorate_lock_waiting_requests')) === 1 ? true : undefined));
    cluster.members[place]?.kill('SIGKILL');
    await cluster.members[place]?.ended;
    // A renewal that was answered after the change: the session lived through it.
    const before = lock.remainingMs();
    await eventually(async () => (lock.remainingMs() > before ? true : undefined));
    expect(lock.signal.aborted).toBe(false);
    expect(await client.check('x', lock.token)).toEqual({ valid: true, newest: lock.token });
    expect(await lock.release()).toBe(true);
    expect((await waiting).token).toBeGreaterThan(lock.token);
    expect(events).not.toContain('expired');
  });

  test('while there is no majority a patient client is in jeopardy and then safe, and a hasty one loses its lock', async () => {
    const alive = cluster.members.find((member) => !member.hasEnded());
    const told: Record<'patient' | 'hasty', LockClientEvent['type'][]> = { patient: [], hasty: [] };
    const patient = cluster.client({ ttlMs: 6000, onEvent: ({ type }) => void told.patient.push(type) });
    const hasty = cluster.client({ ttlMs: 1500, onEvent: ({ type }) => void told.hasty.push(type) });
    const kept = await patient.acquire('kept');
    const lost = await hasty.acquire('lost');
    // Stopped and not ended, so that it comes back.
    alive?.kill('SIGSTOP');
    await eventually(async () => (told.patient.includes('jeopardy') ? true : undefined));
    expect(told.hasty.slice(-2)).toEqual(['jeopardy', 'expired']);
    expect(lost.signal.aborted).toBe(true);
    alive?.kill('SIGCONT');
    await eventually(async () => (told.patient.includes('safe') ? true : undefined));
    expect(kept.signal.aborted).toBe(false);
    expect(await patient.check('kept', kept.token)).toEqual({ valid: true, newest: kept.token });
    expect((await hasty.acquire('lost')).token).toBeGreaterThan(lost.token);
  });
});

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'mu').exec(text)?.[1]);
}
