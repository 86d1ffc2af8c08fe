import { at, encodeText } from '@quorate/interface';
import type { ClientCommands } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { createClient } from '../src/client.ts';
import { scene } from './scene.ts';
import { ClusterModel, FakeTransport, jsonCodec, VirtualHost } from './world.ts';

const commandFrames = (frames: readonly { kind: string }[]): readonly ClientCommands[] =>
  frames.filter((frame) => frame.kind === 'client-commands') as unknown as ClientCommands[];

describe('the path of a command', () => {
  test('commands of one turn leave in one frame, in order, and are answered', () => {
    const { host, members, cluster, send } = scene();
    const endings = ['a', 'b', 'c'].map((body) => send(body));
    host.run(50);
    expect(endings.map(({ result }) => result)).toEqual(['#1 a', '#2 b', '#3 c']);
    expect(cluster.applied).toEqual(['a', 'b', 'c']);
    expect(commandFrames(at(members, 0).frames)).toMatchObject([
      { session: 100, first: 1, lowestUnanswered: 1, lengths: [1, 1, 1] },
    ]);
  });

  test('the lowest unanswered sequence lets the table forget', () => {
    const { host, members, send } = scene();
    send('a');
    host.run(50);
    send('b');
    host.run(50);
    expect(commandFrames(at(members, 0).frames)[1]).toMatchObject({ first: 2, lowestUnanswered: 2 });
  });

  test('no more than the window is in flight, the rest follows when answers come', () => {
    const { host, members, send } = scene({ maxInFlight: 4 });
    const endings = Array.from({ length: 10 }, (_, place) => send(`${place}`));
    host.run(100);
    expect(endings.every(({ result }) => result !== undefined)).toBe(true);
    expect(Math.max(...commandFrames(at(members, 0).frames).map(({ lengths }) => lengths.length))).toBe(4);
  });

  test('the window is bounded in bytes too, and one large command still moves', () => {
    const { host, members, send } = scene({ maxInFlightBytes: 10 });
    const endings = [send('x'.repeat(30)), send('12345'), send('67890'), send('!')];
    host.run(100);
    expect(endings.every(({ result }) => result !== undefined)).toBe(true);
    expect(commandFrames(at(members, 0).frames).map(({ lengths }) => lengths)).toEqual([[30], [5, 5], [1]]);
  });

  test('a read is answered and never retried as a command', () => {
    const { host, send, ask, cluster } = scene();
    send('a');
    host.run(20);
    const read = ask('count');
    host.run(20);
    expect(read.result).toBe('1');
    expect(cluster.applied).toEqual(['a']);
  });
});

describe('a link that is lost', () => {
  test('before the command arrived: it is sent again and applied once', () => {
    const { host, transport, cluster, send } = scene();
    host.run(10);
    transport.delayMs = 10;
    const ending = send('a');
    host.run(25);
    transport.cut();
    host.run(500);
    expect(ending.result).toBe('#1 a');
    expect(cluster.applied).toEqual(['a']);
  });

  test('after the command was applied and before its answer: the table answers, nothing is applied twice', () => {
    const { host, transport, cluster, members, send } = scene();
    send('first');
    host.run(20);
    transport.delayMs = 5;
    const ending = send('a');
    host.run(1000, () => cluster.applied.length === 2);
    transport.cut();
    host.run(500);
    expect(ending.result).toBe('#2 a');
    expect(cluster.applied).toEqual(['first', 'a']);
    expect(commandFrames(at(members, 0).frames).at(-1)).toMatchObject({ first: 2 });
  });

  test('while the session is being opened: another one is opened', () => {
    const { host, transport, cluster, send } = scene();
    transport.delayMs = 5;
    const ending = send('a');
    host.run(1000, () => cluster.sessions.size === 1);
    transport.cut();
    host.run(500);
    expect(cluster.sessions.size).toBe(2);
    expect(ending.result).toBe('#1 a');
  });

  test('fails over to the next member and goes on with the same session', () => {
    const { host, transport, members, send, cluster } = scene({ members: 3 });
    send('a');
    host.run(50);
    expect(transport.connectedTo).toBe(1);
    at(members, 0).reachable = false;
    transport.cut();
    const ending = send('b');
    host.run(200);
    expect(transport.connectedTo).toBe(2);
    expect(ending.result).toBe('#2 b');
    expect(cluster.sessions.size).toBe(1);
  });

  test('without sessions the outcome is unknown, and the command is not sent again', () => {
    const { host, transport, cluster, send } = scene({ sessions: false });
    host.run(10);
    transport.delayMs = 5;
    const ending = send('a');
    host.run(1000, () => cluster.applied.length === 1);
    transport.cut();
    host.run(500);
    expect(ending).toMatchObject({ code: 'E_LINK_LOST', outcome: 'unknown', told: 1 });
    expect(cluster.applied).toEqual(['a']);
  });

  test('a read is asked again', () => {
    const { host, transport, ask, members } = scene();
    host.run(10);
    transport.delayMs = 10;
    const ending = ask('count');
    host.run(25);
    transport.cut();
    host.run(500);
    expect(ending.result).toBe('0');
    expect(at(members, 0).frames.filter(({ kind }) => kind === 'client-queries')).toHaveLength(1);
  });
});

describe('refusals', () => {
  test('an overloaded member is asked again later, in the order of the sequences', () => {
    const { host, members, cluster, send } = scene();
    let refusals = 3;
    at(members, 0).verdict = () => (refusals-- > 0 ? { do: 'refuse', code: 'E_OVERLOADED' } : { do: 'apply' });
    const endings = ['a', 'b', 'c', 'd', 'e'].map((body) => send(body));
    host.run(1000);
    expect(endings.map(({ result }) => result)).toEqual(['#1 a', '#2 b', '#3 c', '#4 d', '#5 e']);
    expect(cluster.applied).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('a command that was only ever refused is not applied when its time is over, and the next takes its number', () => {
    const { host, members, cluster, send } = scene();
    at(members, 0).verdict = (body) => (body === 'a' ? { do: 'refuse', code: 'E_OVERLOADED' } : { do: 'apply' });
    const a = send('a', 300);
    const b = send('b', 5000);
    host.run(2000);
    expect(a).toMatchObject({ code: 'E_TIMEOUT', outcome: 'not-applied', told: 1 });
    expect(b.result).toBe('#1 b');
    expect(cluster.applied).toEqual(['b']);
  });

  test('what can never succeed is told at once, and what follows it goes on', () => {
    const { host, members, send } = scene();
    at(members, 0).verdict = (body) => (body === 'huge' ? { do: 'refuse', code: 'E_TOO_LARGE' } : { do: 'apply' });
    const huge = send('huge');
    const after = [send('b'), send('c')];
    host.run(500);
    expect(huge).toMatchObject({ code: 'E_TOO_LARGE', outcome: 'not-applied' });
    expect(after.map(({ result }) => result)).toEqual(['#1 b', '#2 c']);
  });

  test('an unknown outcome is resolved by sending the same sequence again', () => {
    const { host, members, cluster, send } = scene();
    const verdicts = [
      { do: 'doubt', code: 'E_TIMEOUT', applies: true } as const,
      { do: 'doubt', code: 'E_TIMEOUT', applies: false } as const,
    ];
    at(members, 0).verdict = () => verdicts.shift() ?? { do: 'apply' };
    const endings = [send('a'), send('b'), send('c')];
    host.run(1000);
    expect(endings.map(({ result }) => result)).toEqual(['#1 a', '#2 b', '#3 c']);
    expect(cluster.applied).toEqual(['a', 'b', 'c']);
  });

  test('an unknown outcome without a session is the caller’s to hear', () => {
    const { host, members, send } = scene({ sessions: false });
    at(members, 0).verdict = () => ({ do: 'doubt', code: 'E_LINK_LOST', applies: true });
    const ending = send('a');
    host.run(1000);
    expect(ending).toMatchObject({ code: 'E_LINK_LOST', outcome: 'unknown', told: 1 });
  });

  test('an expired session is replaced, and commands that were never applied go on in the new one', () => {
    const { host, cluster, send } = scene();
    send('a');
    host.run(20);
    cluster.sessions.clear();
    const ending = send('b');
    host.run(500);
    expect(ending.result).toBe('#2 b');
    expect([...cluster.sessions.keys()]).toEqual([101]);
  });

  test('a session that rested long is replaced before the cluster forgets it', () => {
    const { host, cluster, send } = scene();
    send('a');
    host.run(2_000_000);
    const ending = send('b');
    host.run(500);
    expect(ending.result).toBe('#2 b');
    expect(cluster.sessions.size).toBe(2);
  });

  test('a command that may have been applied in an expired session stays unknown', () => {
    const { host, transport, cluster, send } = scene();
    send('a');
    host.run(20);
    transport.delayMs = 5;
    const ending = send('b');
    host.run(1000, () => cluster.applied.length === 2);
    cluster.sessions.clear();
    transport.cut();
    host.run(500);
    expect(ending).toMatchObject({ code: 'E_SESSION_EXPIRED', outcome: 'unknown', told: 1 });
    expect(send('c')).toMatchObject({ told: 0 });
    host.run(500);
    expect(cluster.applied).toEqual(['a', 'b', 'c']);
  });

  test('a refused session is asked for again', () => {
    const { host, members, send } = scene();
    let refusals = 2;
    at(members, 0).openVerdict = () => (refusals-- > 0 ? 'E_OVERLOADED' : undefined);
    const ending = send('a');
    host.run(500);
    expect(ending.result).toBe('#1 a');
  });
});

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
