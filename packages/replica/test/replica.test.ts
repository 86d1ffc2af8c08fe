import { encodeText } from '@quorate/interface';
import type { CoreKind } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { createReplica } from '../src/index.ts';
import { Cluster } from './fixtures/cluster.ts';
import { jsonCodec, runtimeCodec } from './fixtures/json-codec.ts';
import { lineKind } from './fixtures/line-core.ts';
import { fixtureStorage, Medium } from './fixtures/medium.ts';
import { Network } from './fixtures/network.ts';
import { Register } from './fixtures/register.ts';
import { slotKind } from './fixtures/slot-core.ts';
import { World } from './fixtures/world.ts';

const slots: CoreKind<unknown> = slotKind;

describe('a replica', () => {
  test('refuses bad options all at once', () => {
    const world = new World();
    const life = { alive: true };
    const build = (): unknown =>
      createReplica({
        host: world.host(life),
        core: lineKind,
        codec: jsonCodec('slots'),
        runtimeCodec,
        transport: { ...new Network(world).transport('m1', life), delivery: 'datagram' },
        storage: fixtureStorage(world, new Medium(), life),
        stateMachine: new Register(),
        self: 4,
        name: 'n4',
        clusterId: 'c',
        genesis: { id: 0, voters: [], learners: [], members: [] },
        newDiskId: 'd',
        snapshotCount: 0,
        limits: { inFlightCommands: 1000 },
        onEvent: () => {},
      });
    expect(build).toThrow(RangeError);
    expect(build).toThrow(/inFlightCommands is 1000.*snapshotCount is 0.*self is 4.*codec is for slots.*needs fifo links/su);
  });

  test('gives promises over the same calls', async () => {
    const cluster = new Cluster(slots, { members: 1 }).start();
    const { replica } = cluster.elected();
    const written = replica.execute(encodeText('set a 1'));
    cluster.world.pass(100);
    expect(Buffer.from(await written).toString()).toBe('');
    const read = replica.read(encodeText('a'));
    cluster.world.pass(100);
    expect(Buffer.from(await read).toString()).toBe('1');
    const aborted = new AbortController();
    aborted.abort();
    await expect(replica.execute(encodeText('set a 2'), { signal: aborted.signal })).rejects.toMatchObject({
      code: 'E_ABORTED',
      outcome: 'not-applied',
    });
    const later = new AbortController();
    const abandoned = replica.execute(encodeText('set a 3'), { signal: later.signal });
    later.abort();
    await expect(abandoned).rejects.toMatchObject({ code: 'E_ABORTED', outcome: 'unknown' });
  });

  test('has a state machine prepare commands on the leader only, forwarded ones too', () => {
    class Preparing extends Register {
      prepared = 0;
      prepare(command: Uint8Array): Uint8Array {
        this.prepared += 1;
        return encodeText(`${Buffer.from(command).toString()}!`);
      }
    }
    const cluster = new Cluster(slots, { stateMachine: () => new Preparing() }).start();
    const leader = cluster.elected();
    const follower = cluster.follower();
    cluster.wait(cluster.submit(follower, 'set a 1'));
    cluster.wait(cluster.submit(leader, 'set b 2'));
    cluster.level();
    expect(follower.machine.values.get('a')).toBe('1!');
    expect(follower.machine.values.get('b')).toBe('2!');
    expect((follower.machine as Preparing).prepared).toBe(0);
    expect((leader.machine as Preparing).prepared).toBe(2);
  });

  test('says how it is', () => {
    const cluster = new Cluster(slots).start();
    const leader = cluster.elected();
    cluster.wait(cluster.submit(leader, 'set a 1'));
    const status = leader.replica.status();
    expect(status).toMatchObject({
      state: 'running',
      leader: leader.id,
      ready: true,
      settled: true,
      ordinal: 1,
      queues: { inFlight: 0, inFlightBytes: 0, waiting: 0, reads: 0, unapplied: 0 },
      snapshot: { doing: 'nothing' },
    });
    expect(status.links).toHaveLength(2);
    expect(status.identity?.incarnation).toBe(1);
    expect(status.counters).toMatchObject({ submitted: 1, proposed: 1, applied: status.applied, answered: 1 });
    expect(status.counters.memberBytesOut).toBeGreaterThan('set a 1'.length * 2);
    // One append for each of two followers, whatever else there was.
    const sent = Object.values(status.messagesOut).reduce((sum, one) => sum + one, 0);
    expect(sent).toBeGreaterThanOrEqual(2);
    expect(sent).toBeLessThanOrEqual(status.counters.framesOut);
    expect(leader.events.some((event) => event.type === 'role' && event.role.settled)).toBe(true);
  });

  test('refuses work before it runs, and starts once', () => {
    const cluster = new Cluster(slots);
    const node = cluster.node(1);
    expect(cluster.submit(node, 'set a 1').error).toMatchObject({ code: 'E_NOT_READY', outcome: 'not-applied' });
    expect(cluster.query(node, 'a').error).toMatchObject({ code: 'E_NOT_READY' });
    cluster.start();
    expect(() => node.replica.start(() => {})).toThrow(/^E_USAGE/u);
  });
});
