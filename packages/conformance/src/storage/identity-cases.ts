import type { ExpectedIdentity, Failure } from '@quorate/interface';
import { expectEqual, expectThat } from '../expectation.ts';
import { refused, succeeded, type Place } from './life.ts';
import { sampleEntries, textsOf } from './samples.ts';
import type { StorageCase } from './storage-case.ts';

/** Whose a place is. */
export const identityCases: readonly StorageCase[] = [
  { name: 'an identity is minted at the first start; every start raises the incarnation', needs: [], play: mints },
  { name: 'an identity remembers the disks of its peers', needs: [], play: remembersPeers },
  ...wrongOwners().map(([field, change, code]) => ({
    name: `a place is refused to another owner, by ${field}, and stays as it was`,
    needs: [],
    play: (place: Place) => refusesOwner(place, change, code),
  })),
  { name: 'a place that a newer format wrote is refused; an older one is taken over', needs: [], play: formats },
  { name: 'a place has one owner at a time, and is free after a close and after a crash', needs: [], play: locks },
  { name: 'a storage is closed as often as it is told to', needs: [], play: closesTwice },
];

function wrongOwners(): readonly (readonly [string, Partial<ExpectedIdentity>, string])[] {
  return [
    ['cluster', { clusterId: 'c2' }, 'E_CLUSTER_ID'],
    ['member', { member: 43 }, 'E_MEMBER_ID'],
    ['protocol', { protocol: 'zab' }, 'E_PROTOCOL'],
  ];
}

async function mints(place: Place): Promise<void> {
  const first = await place.start();
  const minted = {
    clusterId: 'c1',
    member: 42,
    name: 'n1',
    protocol: 'raft',
    diskId: 'disk-1',
    incarnation: 1,
    peerDisks: new Map(),
  };
  expectEqual(first.identity, minted, 'a new place is what it was asked to be');
  await first.close();
  const second = await place.start({ newDiskId: 'other' });
  expectEqual([second.identity.diskId, second.identity.incarnation], ['disk-1', 2], 'the disk id stays, the incarnation rises');
  const third = await place.restart();
  expectEqual([third.identity.diskId, third.identity.incarnation], ['disk-1', 3], 'it rises after a crash too');
}

async function remembersPeers(place: Place): Promise<void> {
  const first = await place.start();
  const answers: (Failure | undefined)[] = [];
  for (const peer of [7, 8]) first.storage.rememberPeer(peer, `disk-${peer}`, (failed) => void answers.push(failed));
  await place.harness.until(() => answers.length === 2, 'both peers are remembered');
  expectEqual(answers, [undefined, undefined], 'remembering succeeds');
  await place.answer<Failure | undefined>('rememberPeer', (done) => first.storage.rememberPeer(7, 'disk-7', done));
  const second = await place.restart();
  const known = new Map([
    [7, 'disk-7'],
    [8, 'disk-8'],
  ]);
  expectEqual(second.identity.peerDisks, known, 'what was remembered survives a crash');
  await place.answer<Failure | undefined>('rememberPeer', (done) => second.storage.rememberPeer(2 ** 48 - 1, 'far', done));
  await second.close();
  const third = await place.start();
  expectEqual(third.identity.peerDisks, new Map([...known, [2 ** 48 - 1, 'far']]), 'more can be remembered later');
}

async function refusesOwner(place: Place, change: Partial<ExpectedIdentity>, code: string): Promise<void> {
  const first = await place.start();
  await first.write({ entries: [sampleEntries(1, ['a'])] });
  await first.close();
  const failed = refused(await place.open(place.harness.storage(), change), 'another owner');
  expectEqual([failed.code, failed.exit], [code, 78], 'the refusal says which');
  const again = await place.start();
  expectEqual(again.identity.incarnation, 2, 'a refusal changes nothing, and leaves no lock behind');
  expectEqual(textsOf(again.recovered.tail), { 1: 'a' }, 'the journal is as it was');
}

async function formats(place: Place): Promise<void> {
  await (await place.start({ formatVersion: 3 })).close();
  const failed = refused(await place.open(place.harness.storage(), { formatVersion: 2 }), 'a place of a newer format');
  expectEqual([failed.code, failed.exit], ['E_VERSION', 78], 'the refusal says why');
  await (await place.start({ formatVersion: 4 })).close();
  refused(await place.open(place.harness.storage(), { formatVersion: 3 }), 'a place that a newer format has taken over');
}

async function locks(place: Place): Promise<void> {
  const first = await place.start();
  const rival = refused(await place.open(place.harness.storage()), 'a second owner');
  expectEqual([rival.code, rival.exit], ['E_DATA_LOCKED', 78], 'the refusal says why');
  await first.write({ entries: [sampleEntries(1, ['a'])] });
  await first.close();
  const second = await place.start();
  expectEqual([second.identity.incarnation, textsOf(second.recovered.tail)], [2, { 1: 'a' }], 'the rival changed nothing');
  await place.harness.crash();
  const third = succeeded(await place.open(place.harness.storage()), 'open after a crash');
  expectThat(third.incarnation === 3, 'a place is free after a crash');
}

async function closesTwice(place: Place): Promise<void> {
  const life = await place.start();
  life.append({ entries: [sampleEntries(1, ['a'])] });
  const answers: (Failure | undefined)[] = [];
  for (let i = 0; i < 2; i++) life.storage.close((failed) => void answers.push(failed));
  await place.harness.until(() => answers.length === 2, 'two calls of close at once both complete');
  life.storage.close((failed) => void answers.push(failed));
  await place.harness.until(() => answers.length === 3, 'a later call of close completes');
  expectEqual(answers, [undefined, undefined, undefined], 'close succeeds');
  expectEqual(textsOf((await place.start()).recovered.tail), { 1: 'a' }, 'what was queued is durable');
}
