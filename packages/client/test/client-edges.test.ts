import { at, encodeText } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { createClient } from '../src/client.ts';
import { scene } from './scene.ts';
import { ClusterModel, FakeTransport, jsonCodec, VirtualHost } from './world.ts';

describe('deadlines, cancelling, closing', () => {
  test('a deadline is told on time and truthfully: sent means unknown', () => {
    const { host, members, send } = scene();
    at(members, 0).verdict = () => ({ do: 'swallow', applies: true });
    const startMs = host.monotonicMs();
    const ending = send('a', 300);
    host.run(1000);
    expect(ending).toMatchObject({ code: 'E_TIMEOUT', outcome: 'unknown', told: 1, atMs: startMs + 300 });
  });

  test('a command that never left is not applied', () => {
    const { host, members, send, transport } = scene();
    at(members, 0).reachable = false;
    const ending = send('a', 300);
    host.run(1000);
    expect(ending).toMatchObject({ code: 'E_UNAVAILABLE', outcome: 'not-applied', told: 1 });
    expect(ending.text).toMatch(/attempts=\d+ \(last: .*E_CONNECT/);
    at(members, 0).reachable = true;
    host.run(5000);
    expect(transport.cluster.applied).toEqual([]);
  });

  test('a sequence whose caller gave up is still completed, so that later ones are not refused', () => {
    const { host, transport, cluster, members, send } = scene();
    send('a');
    host.run(20);
    at(members, 0).reachable = false;
    transport.delayMs = 10;
    const b = send('b', 100);
    host.run(5);
    transport.cut();
    host.run(500);
    expect(b).toMatchObject({ outcome: 'unknown', told: 1 });
    at(members, 0).reachable = true;
    const c = send('c');
    host.run(3000);
    expect(c.result).toBe('#3 c');
    expect(cluster.applied).toEqual(['a', 'b', 'c']);
  });

  test('an abort before sending is not applied, after sending it is unknown', async () => {
    const { host, client, members, cluster } = scene();
    const early = new AbortController();
    const never = client.execute(encodeText('never'), { signal: early.signal });
    early.abort();
    await expect(never).rejects.toMatchObject({ code: 'E_ABORTED', outcome: 'not-applied' });
    at(members, 0).verdict = () => ({ do: 'swallow', applies: true });
    const late = new AbortController();
    const sent = client.execute(encodeText('sent'), { signal: late.signal });
    host.run(50);
    late.abort();
    await expect(sent).rejects.toMatchObject({ code: 'E_ABORTED', outcome: 'unknown' });
    expect(cluster.applied).toEqual(['sent']);
  });

  test('a signal that is already aborted rejects and sends nothing', async () => {
    const { host, client, cluster } = scene();
    await expect(client.execute(encodeText('a'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      outcome: 'not-applied',
    });
    host.run(100);
    expect(cluster.applied).toEqual([]);
  });

  test('close fails what is pending, and later calls', async () => {
    const { host, client, members, send, transport } = scene();
    at(members, 0).verdict = () => ({ do: 'swallow', applies: false });
    const sent = send('a');
    host.run(20);
    const closing = client.close();
    const late = send('b');
    host.run(20);
    await closing;
    expect(sent).toMatchObject({ code: 'E_STOPPED', outcome: 'unknown', told: 1 });
    expect(late).toMatchObject({ code: 'E_STOPPED', outcome: 'not-applied', told: 1 });
    expect(transport.closed).toBe(true);
    const again = client.close();
    host.run(1);
    await again;
  });

  test('above its bounds the client says so at once', () => {
    const { host, send } = scene({ maxPending: 2, maxPendingBytes: 10 });
    const fits = [send('a'), send('b')];
    const over = send('c');
    const large = send('x'.repeat(11));
    host.run(100);
    expect(fits.every(({ result }) => result !== undefined)).toBe(true);
    expect(over).toMatchObject({ code: 'E_OVERLOADED', outcome: 'not-applied' });
    expect(large).toMatchObject({ code: 'E_TOO_LARGE', outcome: 'not-applied' });
  });

  test('a callback that throws disturbs nobody else', () => {
    const { host, client, send } = scene();
    client.submit(encodeText('a'), host.monotonicMs() + 100, () => {
      throw new Error('mine');
    });
    const other = send('b');
    expect(() => host.run(20)).toThrow('mine');
    host.run(20);
    expect(other.result).toBe('#2 b');
  });

  test('a callback may call the client again', () => {
    const { host, client, cluster } = scene();
    client.submit(encodeText('a'), host.monotonicMs() + 1000, () => {
      client.submit(encodeText('b'), host.monotonicMs() + 1000, () => undefined);
    });
    host.run(50);
    expect(cluster.applied).toEqual(['a', 'b']);
  });
});

describe('finding members', () => {
  test('moves to the leader once it is named and met', () => {
    const { host, members, transport, send } = scene({ members: 3 });
    for (const member of members) member.leader = 3;
    for (let round = 0; round < 8; round++) {
      send(`${round}`);
      host.run(1100);
    }
    expect(transport.connectedTo).toBe(3);
  });

  test('stays with a follower that works while the leader cannot be reached', () => {
    const { host, members, transport, send } = scene({ members: 2 });
    for (const member of members) member.leader = 2;
    at(members, 1).reachable = false;
    const endings = [];
    for (let round = 0; round < 100; round++) {
      endings.push(send(`${round}`, 1000));
      host.run(100);
    }
    expect(endings.slice(0, -1).every(({ result }) => result !== undefined)).toBe(true);
    expect(transport.connectedTo).toBe(1);
  });

  test('a member that is silent is left for another one', () => {
    const { host, members, transport, send } = scene({ members: 2 });
    at(members, 0).mute = true;
    const ending = send('a', 5000);
    host.run(5000);
    expect(ending.result).toBe('#1 a');
    expect(transport.connectedTo).toBe(2);
  });

  test('a member that cannot reach a leader is left for another one', () => {
    const { host, members, send } = scene({ members: 2 });
    at(members, 0).verdict = () => ({ do: 'refuse', code: 'E_NO_LEADER' });
    const ending = send('a');
    host.run(500);
    expect(ending.result).toBe('#1 a');
  });

  test('reads that are answered do not hide that commands are not: the member is left for another one', () => {
    const { host, members, transport, ask, send } = scene({ members: 2, stallMs: 300 });
    const reads = [ask('r')];
    host.run(50);
    const silent = members.find(({ id }) => id === transport.connectedTo);
    if (silent === undefined) throw new Error('the client is connected');
    silent.verdict = (body) => (body === 'r' ? { do: 'apply' } : { do: 'swallow', applies: false });
    const ending = send('a', 5000);
    for (let time = 0; time < 20; time++) {
      reads.push(ask('r'));
      host.run(100);
    }
    expect(reads.every(({ result }) => result !== undefined)).toBe(true);
    expect(ending.result).toBe('#1 a');
    expect(transport.connectedTo).not.toBe(silent.id);
  });

  test('a cluster that answers later than that is given more time, not the same commands again and again', () => {
    const { host, members, transport, cluster, send } = scene({ members: 3, stallMs: 300 });
    send('before');
    host.run(100);
    transport.delayMs = 500;
    const endings = Array.from({ length: 10 }, (_, place) => send(`c${place}`, 2000));
    host.run(30_000);
    expect(endings.map(({ outcome }) => outcome)).toEqual(endings.map(() => 'unknown'));
    // Their callers have gone, and their numbers are settled all the same.
    expect(cluster.applied).toHaveLength(11);
    const sent = (): number => members.flatMap(({ frames }) => frames).filter(({ kind }) => kind === 'client-commands').length;
    const sentBefore = sent();
    expect(sentBefore).toBeLessThan(8);
    // What was answered had been sent twice, and says nothing of how long it took: the next one is not sent twice.
    const later = send('later', 5000);
    host.run(5000);
    expect(later.result).toBe('#12 later');
    expect(sent()).toBe(sentBefore + 1);
    // Once it answers in time again, a silent member is left as early as ever.
    transport.delayMs = 1;
    send('quick');
    host.run(1500);
    const silent = members.find(({ id }) => id === transport.connectedTo);
    if (silent === undefined) throw new Error('the client is connected');
    silent.mute = true;
    const last = send('last', 5000);
    host.run(400);
    expect(last.result).toBe('#14 last');
  });

  test('where frames may be lost one by one, the only member is sent again what it does not answer', () => {
    const { host, members, send } = scene({ delivery: 'datagram', stallMs: 300 });
    const silent = at(members, 0);
    send('before');
    host.run(100);
    silent.verdict = () => ({ do: 'swallow', applies: false });
    const first = send('a', 5000);
    host.run(100);
    silent.verdict = () => ({ do: 'apply' });
    const second = send('b', 5000);
    host.run(3000);
    expect([first.result, second.result]).toEqual(['#2 a', '#3 b']);
  });

  test('a member of another cluster is refused for good; where all are, calls fail at once', () => {
    const { host, members, send } = scene({ members: 2, clusterId: 'c1' });
    at(members, 0).clusterId = 'c2';
    const ending = send('a');
    host.run(500);
    expect(ending.result).toBe('#1 a');
    const all = scene({ members: 1, clusterId: 'other' });
    const hopeless = all.send('a', 60_000);
    all.host.run(100);
    expect(hopeless).toMatchObject({ code: 'E_CLUSTER_ID', outcome: 'not-applied' });
    const next = all.send('b', 60_000);
    all.host.run(1);
    expect(next).toMatchObject({ code: 'E_CLUSTER_ID', told: 1 });
  });

  test('the first member that answers decides on the cluster: another one is not gone on with', () => {
    const { host, members, transport, cluster, send } = scene({ members: 2 });
    at(members, 1).clusterId = 'c2';
    send('a');
    host.run(20);
    at(members, 0).reachable = false;
    transport.cut();
    const ending = send('b', 2000);
    host.run(3000);
    expect(ending).toMatchObject({ outcome: 'not-applied', told: 1 });
    expect([transport.connectedTo, cluster.applied]).toEqual([undefined, ['a']]);
    at(members, 0).reachable = true;
    const later = send('c');
    host.run(3000);
    expect(later.result).toBe('#2 c');
  });

  test('malformed frames end the link, are counted, and cost nothing', () => {
    const { host, transport, client, send } = scene();
    send('a');
    host.run(20);
    transport.inject(new Uint8Array([1, 2, 3]));
    host.run(200);
    transport.say({
      kind: 'client-results',
      session: 100,
      numbers: [2],
      codes: [0],
      lengths: [5],
      leader: undefined,
      of: 'commands',
    });
    host.run(200);
    transport.say({ kind: 'forward', token: 1, lengths: [] });
    host.run(200);
    expect(client.status()).toMatchObject({ malformed: 3, linksLost: 3, connected: true });
    const ending = send('b');
    host.run(20);
    expect(ending.result).toBe('#2 b');
  });

  test('an answer that nobody asked for is dropped', () => {
    const { host, transport, client, send } = scene();
    send('a');
    host.run(20);
    transport.say({
      kind: 'client-results',
      session: 100,
      numbers: [7],
      codes: [0],
      lengths: [0],
      leader: undefined,
      of: 'commands',
    });
    transport.say({ kind: 'session-opened', request: 9, session: 9, code: undefined });
    host.run(20);
    expect(client.status()).toMatchObject({ session: 100, connected: true });
  });

  test('a late answer of the session before is not taken for one to the same number of the present session', () => {
    const { host, members, transport, client, send } = scene();
    send('a');
    host.run(2_000_000);
    at(members, 0).verdict = () => ({ do: 'swallow', applies: false });
    const ending = send('b');
    host.run(20);
    expect(client.status()).toMatchObject({ session: 101, inFlight: 1 });
    const late = { session: 100, numbers: [1], codes: [0], lengths: [0], leader: undefined, of: 'commands' } as const;
    transport.say({ kind: 'client-results', ...late });
    host.run(20);
    expect(ending.told).toBe(0);
    transport.say({ kind: 'client-results', ...late, session: 101 });
    host.run(20);
    expect(ending).toMatchObject({ result: '', told: 1 });
  });
});

describe('bad options and arguments', () => {
  const host = new VirtualHost();
  const transport = new FakeTransport(host, [], new ClusterModel());
  const parts = { transport, host, codec: jsonCodec };

  test.each([
    [{ endpoints: [] }, /endpoints is empty/],
    [{ endpoints: ['127.0.0.1:2378'] }, /not a URL/],
    [{ endpoints: ['tcp://a:70000'] }, /not a URL/],
    [{ endpoints: ['tcp://a:x'] }, /not a URL/],
    [{ endpoints: ['tcp://a:1', 'tcp://a:1'] }, /named twice/],
    [{ endpoints: ['tcp://a:1'], maxInFlight: 0, stallMs: Number.NaN }, /stallMs.*NaN; maxInFlight.*got 0/],
  ])('%j is refused', (options, text) => {
    expect(() => createClient({ ...parts, ...options })).toThrow(text);
  });

  const notBytes = [undefined, null, Number.NaN, 'text', {}] as unknown as Uint8Array[];

  test.each(notBytes)('a command that is %s is a TypeError that names the argument', async (bad) => {
    const { client } = scene();
    await expect(client.execute(bad)).rejects.toThrow(/^command must be a Uint8Array/);
    await expect(client.read(bad)).rejects.toThrow(/^request must be a Uint8Array/);
    expect(() => client.submit(bad, 1, () => undefined)).toThrow(TypeError);
  });

  test('deadlines and callbacks are checked', async () => {
    const { client } = scene();
    const bytes = encodeText('a');
    expect(() => client.submit(bytes, Number.NaN, () => undefined)).toThrow('deadlineMs must be a number');
    expect(() => client.submit(bytes, 1, undefined as unknown as () => void)).toThrow('done must be a function');
    await expect(client.execute(bytes, { timeoutMs: Number.NaN })).rejects.toThrow('timeoutMs must be a number above 0');
  });
});
