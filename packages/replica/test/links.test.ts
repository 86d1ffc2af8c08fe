import { encodeText, frameHead, frameTypes, parseFrame } from '@quorate/interface';
import type { CoreKind, Hello, LinkId, Transport } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { envelopeKinds, writeEnvelope } from '../src/envelope.ts';
import { Cluster, kinds, type Node } from './fixtures/cluster.ts';
import { runtimeCodec } from './fixtures/json-codec.ts';

describe.each(kinds)('links over %s', (_name, kind) => {
  test('writes go on after any number of lost links', () => {
    const cluster = new Cluster(kind).start();
    cluster.elected();
    for (let i = 0; i < 10; i++) {
      const answer = cluster.submit(cluster.node((i % 3) + 1), `append log ${i},`, 3000);
      cluster.world.step();
      cluster.network.cut((a, b) => a === `m${(i % 3) + 1}` || b === `m${(i % 3) + 1}`, 'cut');
      cluster.wait(answer);
    }
    cluster.elected();
    cluster.level();
    const [first, ...others] = cluster.nodes.map(({ machine }) => machine.applied);
    for (const other of others) expect(other).toEqual(first);
    expect(new Set(first).size).toBe(first?.length);
  });

  test('an isolated leader confirms no read; a new one serves the newest value', () => {
    const cluster = new Cluster(kind).start();
    const old = cluster.elected();
    cluster.wait(cluster.submit(old, 'set a old'));
    const url = `m${old.id}`;
    cluster.network.blocked = (a, b) => a === url || b === url;
    cluster.network.cut((a, b) => a === url || b === url, 'partition');
    const other = cluster.node((old.id % 3) + 1);
    expect(cluster.wait(cluster.submit(other, 'set a new')).error).toBeUndefined();
    const stale = cluster.query(old, 'a', 'linearizable', 1500);
    expect(cluster.wait(cluster.query(old, 'a', 'local')).text).toBe('old');
    expect(cluster.wait(stale).error).toMatchObject({ outcome: 'not-applied' });
    expect(cluster.wait(cluster.query(other, 'a')).text).toBe('new');
    cluster.network.blocked = () => false;
    cluster.level();
    expect(cluster.wait(cluster.query(old, 'a')).text).toBe('new');
  });

  test('reads of one turn share one round, on a follower too', () => {
    const cluster = new Cluster(kind).start();
    const node = cluster.follower();
    cluster.wait(cluster.submit(node, 'set a 1'));
    const { readRounds } = node.replica.status().counters;
    const answers = Array.from({ length: 50 }, () => cluster.query(node, 'a'));
    for (const answer of answers) expect(cluster.wait(answer).text).toBe('1');
    expect(node.replica.status().counters.readRounds - readRounds).toBeLessThanOrEqual(2);
    expect(node.replica.status().queues.reads).toBe(0);
  });

  test('a read sees every write that was answered before it began, whichever member answers', () => {
    const cluster = new Cluster(kind).start();
    cluster.elected();
    for (let i = 0; i < 12; i++) {
      cluster.wait(cluster.submit(cluster.node((i % 3) + 1), `set a ${i}`));
      expect(cluster.wait(cluster.query(cluster.node(((i + 1) % 3) + 1), 'a')).text).toBe(String(i));
    }
  });

  test('a peer’s disk is remembered before the core hears of the link', () => {
    const cluster = new Cluster(kind).start();
    cluster.elected();
    for (const { id, medium } of cluster.nodes) {
      const others = cluster.nodes.filter((node) => node.id !== id).map((node) => [node.id, node.medium.identity?.diskId]);
      expect([...(medium.identity?.peerDisks ?? [])].sort(([a], [b]) => a - b)).toEqual(others);
    }
  });

  test('frames that arrive before it is remembered are held, in order, and within a bound', () => {
    const cluster = new Cluster(kind);
    let sent = 0;
    cluster.network.filter = (_from, to) => {
      if (to === 'm2') sent += 1;
      return true;
    };
    const node = cluster.node(2);
    node.medium.rememberMs = 250;
    cluster.start();
    cluster.world.pass(200);
    expect(sent).toBeGreaterThan(0);
    expect(node.replica.status().counters.framesIn).toBe(0);
    expect(node.replica.status().links).toEqual([]);
    const early = sent;
    cluster.world.until(() => node.replica.status().links.length === 2, 'links');
    expect(node.replica.status().counters.framesIn).toBeGreaterThanOrEqual(early);
    const bounded = new Cluster(kind, { limits: { heldBytes: 10 } });
    bounded.node(2).medium.rememberMs = 1000;
    bounded.start();
    bounded.world.pass(500);
    expect(bounded.network.links).toBeGreaterThan(3);
  });

  test('a member with a wiped disk is refused by name, and the others go on', () => {
    const cluster = new Cluster(kind).start();
    const node = cluster.follower();
    cluster.crash(node.id);
    node.medium.batches = [];
    node.medium.identity = undefined;
    cluster.reborn(node.id);
    cluster.start(node.id);
    cluster.world.pass(300);
    expect(cluster.network.refusals).toContainEqual(expect.stringMatching(/^E_MEMBER_WIPED: n\d was met with another disk/u));
    expect(node.replica.status().links).toEqual([]);
    const others = cluster.nodes.filter(({ id }) => id !== node.id);
    for (const other of others) expect(cluster.wait(cluster.submit(other, 'set a 1')).error).toBeUndefined();

    const logged = (of: Node): readonly string[] =>
      of.events.flatMap((event) => (event.type === 'log' ? [`${event.level} ${event.text}`] : []));
    const toldItself = logged(node).filter((line) => line.startsWith('error E_MEMBER_WIPED: the data directory is not the one'));
    expect(toldItself).toHaveLength(1);
    for (const other of others) expect(logged(other).filter((line) => line.startsWith('error'))).toEqual([]);
    const troubles = others.map(({ id }) => ({ peer: id, code: 'E_MEMBER_WIPED', wiped: true }));
    expect(node.replica.status().troubles.toSorted((a, b) => a.peer - b.peer)).toEqual(troubles);
    for (const other of others)
      expect(other.replica.status().troubles).toEqual([{ peer: node.id, code: 'E_MEMBER_WIPED', wiped: false }]);
  });

  test('a majority of wiped members is no cluster: whoever hears of it stands aside, and its links end', () => {
    const cluster = new Cluster(kind).start();
    expect(cluster.wait(cluster.submit(cluster.elected(), 'set a 1')).error).toBeUndefined();
    cluster.level();
    const wiped = [2, 3].map((id) => cluster.node(id));
    for (const node of wiped) {
      cluster.crash(node.id);
      node.medium.batches = [];
      node.medium.identity = undefined;
      cluster.reborn(node.id);
    }
    cluster.start(2, 3);
    cluster.world.pass(10_000);
    for (const node of wiped) {
      expect(node.replica.status()).toMatchObject({ ready: false, applied: 0, links: [] });
      expect(node.machine.applied).toEqual([]);
    }
    const answer = cluster.submit(cluster.node(1), 'set a 2', 1000);
    expect(cluster.wait(answer).error).toBeDefined();
  });

  test('one peer’s word does not stop a member that holds committed entries', () => {
    const cluster = new Cluster(kind).start();
    cluster.wait(cluster.submit(cluster.elected(), 'set a 1'));
    cluster.level();
    // The odd one takes the disk of another for a stranger's.
    const odd = cluster.follower();
    cluster.crash(odd.id);
    const { identity } = odd.medium;
    if (identity === undefined) throw new Error('a member that ran has an identity');
    odd.medium.identity = {
      ...identity,
      peerDisks: new Map([...identity.peerDisks.keys()].map((peer) => [peer, 'another disk'])),
    };
    cluster.reborn(odd.id);
    cluster.start(odd.id);
    cluster.world.pass(500);
    const others = cluster.nodes.filter(({ id }) => id !== odd.id);
    for (const other of others) {
      expect(other.replica.status().troubles).toMatchObject([{ peer: odd.id, wiped: true }]);
      expect(cluster.wait(cluster.submit(other, 'set a 2')).error).toBeUndefined();
    }
  });

  test('a trouble is told until the link is up, and links are told with their members', () => {
    const cluster = new Cluster(kind).start(1, 2);
    const one = cluster.node(1);
    const links = (): readonly string[] =>
      one.events.flatMap((event) => (event.type === 'link' ? [`${event.stage} ${event.peer}`] : []));
    cluster.world.until(() => links().includes('up 2'), 'a link');
    cluster.network.nodes.get('m1')?.handlers?.trouble(3, 'E_UNREACHABLE: no connection. Start the member there.');
    expect(one.replica.status().troubles).toEqual([{ peer: 3, code: 'E_UNREACHABLE', wiped: false }]);
    cluster.start(3);
    cluster.world.until(() => links().includes('up 3'), 'the other link');
    expect(one.replica.status().troubles).toEqual([]);
    cluster.crash(3);
    cluster.world.until(() => links().length === 3, 'its end');
    expect(links()).toEqual(['up 2', 'up 3', 'down 3']);
    expect(one.replica.status().troubles).toEqual([{ peer: 3, code: undefined, wiped: false }]);
  });

  test('hellos that do not fit are refused with what is wrong and what to do', () => {
    const cluster = new Cluster(kind).start();
    cluster.elected();
    const good: Hello = {
      kind: 'hello',
      role: 'member',
      clusterId: 'cluster',
      member: 2,
      diskId: cluster.node(2).medium.identity?.diskId ?? '',
      incarnation: 99,
      protocol: kind.protocol,
      minVersion: 1,
      maxVersion: 1,
    };
    const admit = (url: string, hello: Uint8Array): string => {
      const admission = cluster.network.nodes.get(url)?.handlers?.admit(hello, undefined);
      return admission === undefined || !('refuse' in admission) ? 'admitted' : admission.refuse;
    };
    const say = (change: Partial<Hello>, url = 'm1'): string => admit(url, runtimeCodec.encode({ ...good, ...change }));
    expect(say({})).toBe('admitted');
    expect(say({ clusterId: 'other' })).toMatch(/^E_CLUSTER_ID: .*got=other, allowed=cluster/u);
    expect(say({ member: 9 })).toMatch(/^E_NOT_MEMBER: 9 is not in configuration/u);
    expect(say({ member: 1 })).toMatch(/^E_DUP_NODE: n1 is this member itself/u);
    expect(say({ incarnation: 1 })).toMatch(/^E_DUP_NODE: n2 already runs/u);
    expect(say({ diskId: 'other' })).toMatch(/^E_MEMBER_WIPED: n2 /u);
    expect(say({ diskId: '' })).toMatch(/^E_MEMBER_WIPED: n2 /u);
    expect(say({ protocol: 'other' })).toMatch(/^E_PROTOCOL: .*got=other/u);
    expect(say({ minVersion: 2, maxVersion: 3 })).toMatch(/^E_VERSION: .*got=2-3, allowed=1/u);
    expect(say({ role: 'client' })).toMatch(/^E_PROTOCOL: this address is for members/u);
    expect(say({}, 'c1')).toMatch(/^E_PROTOCOL: this address is for native clients/u);
    expect(say({ role: 'client', clusterId: '', member: 0 }, 'c1')).toBe('admitted');
    expect(admit('m1', encodeText('GET / HTTP/1.1'))).toMatch(/^E_PROTOCOL: this is no hello/u);
  });

  test('malformed frames end the link, are counted, and harm nobody', () => {
    const cluster = new Cluster(kind).start();
    const leader = cluster.elected();
    const peer = cluster.node((leader.id % 3) + 1);
    // A command that claims to be of somebody else.
    const foreign = new Uint8Array(40);
    const fields = { kind: envelopeKinds.command, origin: 9, incarnation: 1, sequence: 1, place: undefined, tenure: 0 };
    writeEnvelope(new DataView(foreign.buffer), 0, fields);
    // The beginning of a tenure, which only the member that leads proposes, and for itself.
    const tenure = new Uint8Array(40);
    writeEnvelope(new DataView(tenure.buffer), 0, { ...fields, kind: envelopeKinds.beginTenure, origin: peer.id });
    const forward = frameHead(frameTypes.runtime, 0, runtimeCodec.encode({ kind: 'forward', token: 1, lengths: [40] }));
    const bad: Uint8Array[] = [
      Buffer.concat([forward, foreign]),
      Buffer.concat([forward, tenure]),
      new Uint8Array(0),
      new Uint8Array(40).fill(0xff),
      frameHead(frameTypes.core, 0, encodeText('{')),
      Buffer.concat([frameHead(frameTypes.core, 0, encodeText('{}')), new Uint8Array([1, 0, 0])]),
      frameHead(frameTypes.core, 7, encodeText('{}')),
      frameHead(frameTypes.runtime, 0, encodeText('nonsense')),
      frameHead(frameTypes.runtime, 0, runtimeCodec.encode({ kind: 'forward', token: 1, lengths: [5] })),
      frameHead(frameTypes.runtime, 0, runtimeCodec.encode({ kind: 'session-open', request: 1 })),
    ];
    bad.forEach((frame, i) => {
      cluster.elected();
      const transport = cluster.network.nodes.get(`m${peer.id}`) as unknown as Transport & {
        ends: Map<LinkId, { peer: number }>;
      };
      const link = (): LinkId => [...transport.ends].find(([, end]) => end.peer === leader.id)?.[0] ?? 0;
      cluster.world.until(() => link() !== 0, 'a link');
      transport.send(link(), 'log', [frame]);
      cluster.world.until(() => leader.replica.status().counters.malformed === i + 1, 'the frame is counted');
    });
    expect(leader.failures).toEqual([]);
    const after = cluster.elected();
    expect(cluster.wait(cluster.submit(after, 'set a 1')).error).toBeUndefined();
  });

  test('a forwarded batch that the leader refuses is tried again, not failed', () => {
    const cluster = new Cluster(kind).start();
    const follower = cluster.follower();
    const leader = cluster.elected();
    let refusals = 0;
    // The first batches do not arrive; the follower hears a refusal in the leader's name.
    cluster.network.copies = (bytes) => {
      const frame = parseFrame(bytes);
      const message = frame?.type === frameTypes.runtime ? runtimeCodec.decode(frame.head) : undefined;
      if (message?.kind !== 'forward' || refusals === 5) return 1;
      refusals += 1;
      const refusal = runtimeCodec.encode({
        kind: 'forward-refused',
        token: message.token,
        code: 'E_NOT_LEADER',
        leader: undefined,
      });
      const node = cluster.network.nodes.get(`m${follower.id}`);
      const link = [...(node?.ends.values() ?? [])].find(({ peer }) => peer === leader.id)?.link ?? 0;
      cluster.world.soon(() => node?.handlers?.frame(link, frameHead(frameTypes.runtime, 0, refusal)));
      return 0;
    };
    const answers = Array.from({ length: 30 }, (_, i) => {
      cluster.world.pass(20);
      return cluster.submit(follower, `append log ${i},`, 20_000);
    });
    for (const answer of answers) expect(cluster.wait(answer).error).toBeUndefined();
    expect(refusals).toBe(5);
    cluster.level();
    const numbers = follower.machine.values.get('log')?.split(',').filter(Boolean).map(Number);
    expect(numbers?.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});

/** The same core, which writes down what member 1 hears of its links. */
function listening(kind: CoreKind<unknown>, heard: string[]): CoreKind<unknown> {
  const create: CoreKind<unknown>['create'] = (setup) => {
    const core = kind.create(setup);
    const step: typeof core.step = (input, now) => {
      const ofLink = input.type === 'linkUp' || input.type === 'linkDown';
      if (ofLink && setup.self === 1) heard.push(`${input.type} ${input.peer} ${input.link}`);
      core.step(input, now);
    };
    return {
      step,
      drain: (now) => core.drain(now),
      cached: (from, maxBytes) => core.cached(from, maxBytes),
      metaAt: (index) => core.metaAt(index),
      status: () => core.status(),
    };
  };
  return { ...kind, create };
}

describe('a transport that has a second link to a peer', () => {
  test.each(kinds)('the core hears the end of the first before the second begins, over %s', (_name, kind) => {
    const heard: string[] = [];
    const cluster = new Cluster(listening(kind, heard)).start();
    cluster.elected();
    const first = heard.findLast((line) => line.startsWith('linkUp 2 '))?.split(' ')[2];
    heard.length = 0;
    cluster.network.nodes.get('m1')?.handlers?.linkUp(2, 999, 'member');
    cluster.world.step();
    expect(heard).toEqual([`linkDown 2 ${first}`, 'linkUp 2 999']);
  });
});

describe('a network that repeats frames', () => {
  test.each(kinds)('does not make a forwarded command act twice, over %s', (_name, kind) => {
    const cluster = new Cluster(kind).start();
    const follower = cluster.follower();
    let repeated = 0;
    cluster.network.copies = (bytes) => {
      const frame = parseFrame(bytes);
      const message = frame?.type === frameTypes.runtime ? runtimeCodec.decode(frame.head) : undefined;
      if (message?.kind !== 'forward') return 1;
      repeated += 1;
      return 2;
    };
    cluster.wait(cluster.submit(follower, 'append a x'));
    cluster.wait(cluster.submit(follower, 'append a y'));
    cluster.level();
    expect(repeated).toBeGreaterThanOrEqual(2);
    expect(follower.machine.values.get('a')).toBe('xy');
  });
});
