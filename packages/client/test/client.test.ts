import { at } from '@quorate/interface';
import type { ClientCommands } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { scene } from './scene.ts';

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

  test('nothing is sent behind a number that was refused for good: it could only be refused too', () => {
    const { host, members, send } = scene();
    at(members, 0).verdict = (body) => {
      if (body === 'huge') return { do: 'refuse', code: 'E_TOO_LARGE' };
      return body === 'b' ? { do: 'swallow', applies: false } : { do: 'apply' };
    };
    const [huge] = [send('huge'), send('b')];
    host.run(20);
    expect(huge.code).toBe('E_TOO_LARGE');
    send('c');
    host.run(20);
    const sent = at(members, 0).frames.flatMap((frame) => (frame.kind === 'client-commands' ? frame.lengths : []));
    expect(sent).toHaveLength(2);
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
