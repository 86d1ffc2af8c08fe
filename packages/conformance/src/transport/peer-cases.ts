import { expectEqual, expectThat } from '../expectation.ts';
import type { Party } from './party.ts';
import type { Scene } from './scene.ts';
import type { TransportCase } from './transport-case.ts';

/** Whom a transport dials, whom it lets in, and how it stops. */
export const peerCases: readonly TransportCase[] = [
  { name: 'keeps one link where both ends dial at once', needs: [], play: dialsMeet },
  { name: 'takes its peers also before it has started', needs: [], play: earlyPeers },
  { name: 'does not dial itself', needs: [], play: notItself },
  { name: 'links up as soon as a peer is there that was not', needs: [], play: latePeer },
  { name: 'tries the other URLs of a peer', needs: [], play: otherUrls },
  { name: 'ends the links of peers that are no longer in the set, and no others', needs: [], play: dropsPeers },
  { name: 'dials a peer that is added to the set', needs: [], play: addsPeer },
  { name: 'keeps its links where the set stays the same or a peer only moved', needs: [], play: keepsPeers },
  { name: 'reports the refusal of the end that was dialled at both ends, without a link', needs: [], play: acceptorRefuses },
  { name: 'reports the refusal of the end that dialled at both ends, without a link', needs: [], play: diallerRefuses },
  { name: 'links up once a refusal is lifted', needs: [], play: refusalLifted },
  { name: 'does not take one member for another', needs: [], play: wrongMember },
  { name: 'lets the newer life of a peer take the place of the older one', needs: [], play: newerLife },
  { name: 'does not let an older life of a peer take the place of the newer one', needs: [], play: olderLife },
  { name: 'links native clients beside members, any number of them', needs: ['clients'], play: clients },
  { name: 'delivers what was flushed before it closes, and tells the other end', needs: ['fifo'], play: closesInOrder },
  { name: 'ends every link when it closes', needs: [], play: closes },
  { name: 'closes as often as it is told to, also before it started', needs: [], play: closesTwice },
  { name: 'lets a new life take the place of a closed one', needs: [], play: newLife },
  { name: 'fails to start where another one listens', needs: ['exclusivePlaces'], play: takenPlace },
];

async function dialsMeet(scene: Scene): Promise<void> {
  const one = await scene.started(1);
  const two = await scene.started(2);
  one.dial(two);
  two.dial(one);
  await scene.meet(one, two);
  await scene.ping(one, two);
  expectEqual([one.upLinks, two.upLinks], [1, 1], 'one link stays at each end');
}

async function earlyPeers(scene: Scene): Promise<void> {
  const one = await scene.started(1);
  const two = scene.party(2);
  two.dial(one);
  await scene.start(two);
  await scene.meet(one, two);
}

async function notItself(scene: Scene): Promise<void> {
  const one = await scene.started(1);
  const two = await scene.started(2);
  one.setPeers([one.asPeer(), two.asPeer()]);
  await scene.meet(one, two);
  await scene.ping(one, two);
  expectEqual(
    one.judged.filter((hello) => hello.startsWith('1 ')),
    [],
    'nobody introduces himself to himself',
  );
}

async function latePeer(scene: Scene): Promise<void> {
  const place = await scene.started(1);
  const urls = place.end.urls();
  await scene.close(place);
  const two = await scene.started(2);
  two.setPeers([{ id: 1, urls }]);
  const one = await scene.started(1, { place, incarnation: 2 });
  await scene.meet(one, two);
  await scene.ping(one, two);
}

async function otherUrls(scene: Scene): Promise<void> {
  const gone = await scene.started(1);
  const dead = gone.end.urls();
  await scene.close(gone);
  const one = await scene.started(1, { incarnation: 2 });
  const two = await scene.started(2);
  two.setPeers([{ id: 1, urls: [...dead, ...one.end.urls()] }]);
  await scene.meet(one, two);
}

async function mesh(scene: Scene): Promise<readonly [Party, Party, Party]> {
  const parties = [await scene.started(1), await scene.started(2), await scene.started(3)] as const;
  // One of each two dials, so that no two connections meet and the links are those that stay.
  for (const party of parties) party.dial(...parties.filter((other) => other.self < party.self));
  for (const a of parties) for (const b of parties) if (a.self < b.self) await scene.meet(a, b);
  for (const party of parties) party.dial(...parties.filter((other) => other !== party));
  return parties;
}

async function dropsPeers(scene: Scene): Promise<void> {
  const [one, two, three] = await mesh(scene);
  const kept = [one.linkTo(3), two.linkTo(3)];
  one.dial(three);
  two.dial(three);
  const parted = (): boolean => one.upLink(2) === undefined && two.upLink(1) === undefined;
  await scene.until(parted, 'the link of two peers that dropped each other ends at both ends');
  await scene.ping(one, three);
  await scene.ping(two, three);
  expectEqual([one.linkTo(3), two.linkTo(3)], kept, 'the links to peers that stay in the set stay up');
  expectThat(parted(), 'who was dropped is not dialled again');
  one.setPeers([]);
  three.setPeers([]);
  await scene.until(() => one.upLinks === 0, 'an empty set ends every link');
}

async function addsPeer(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const three = await scene.started(3);
  two.dial(one, three);
  await scene.meet(two, three);
  await scene.ping(one, two);
  await scene.ping(two, three);
  expectEqual(
    one.calls.filter((call) => !call.startsWith('frame')),
    ['up 2'],
    'the links that were there stay up',
  );
}

async function keepsPeers(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  two.dial(one);
  await scene.ping(one, two);
  const elsewhere = await scene.started(9);
  const urls = elsewhere.end.urls();
  await scene.close(elsewhere);
  two.setPeers([{ id: 1, urls }]);
  await scene.ping(one, two);
  for (const { calls } of [one, two])
    expectEqual(calls.filter((call) => !call.startsWith('frame')).length, 1, 'the link stays up');
}

const refusal = 'E_CLUSTER_ID: this is another cluster';

async function acceptorRefuses(scene: Scene): Promise<void> {
  const one = await scene.started(1, { refuse: () => refusal });
  const two = await scene.started(2);
  two.dial(one);
  await expectRefused(scene, one, two);
}

async function diallerRefuses(scene: Scene): Promise<void> {
  const one = await scene.started(1);
  const two = await scene.started(2, { refuse: () => refusal });
  two.dial(one);
  await expectRefused(scene, one, two);
}

async function expectRefused(scene: Scene, one: Party, two: Party): Promise<void> {
  const heard = ({ troubles }: Party): boolean => troubles.some((text) => text.includes(refusal));
  await scene.until(() => heard(one) && heard(two), 'the refusal is reported at both ends');
  expectEqual([...one.calls, ...two.calls], [], 'a refusal never flaps a link');
}

async function refusalLifted(scene: Scene): Promise<void> {
  let closed = true;
  const one = await scene.started(1, { refuse: () => (closed ? refusal : undefined) });
  const two = await scene.started(2);
  two.dial(one);
  await scene.until(() => two.troubles.length > 0, 'the refusal is reported');
  closed = false;
  two.dial(one);
  await scene.meet(one, two);
}

async function wrongMember(scene: Scene): Promise<void> {
  const one = await scene.started(1);
  const two = await scene.started(2);
  two.setPeers([one.asPeer(3)]);
  await scene.until(() => two.troubles.length > 0, 'the dialling end reports that another member answers');
  expectEqual(two.calls, [], 'the dialling end has no link');
}

async function newerLife(scene: Scene): Promise<void> {
  const one = await scene.started(1);
  const old = await scene.started(2, { incarnation: 5, dialsOnly: true });
  old.dial(one);
  await scene.meet(one, old);
  const young = await scene.started(2, { incarnation: 6, dialsOnly: true });
  young.dial(one);
  await scene.until(() => one.count('up 2') === 2 && young.upLink(1) !== undefined, 'the newer life of a peer gets a link');
  await scene.deliver(one, young, 'to the newer life');
  expectEqual(
    one.calls.slice(0, 3).map((call) => call.slice(0, 6).trimEnd().replace(':', '')),
    ['up 2', 'down 2', 'up 2'],
    'the older link ends first',
  );
  await scene.until(() => old.count('down') > 0, 'the older life finds out that its link is over');
}

async function olderLife(scene: Scene): Promise<void> {
  const one = await scene.started(1);
  const young = await scene.started(2, { incarnation: 6, dialsOnly: true });
  young.dial(one);
  await scene.meet(one, young);
  const old = await scene.started(2, { incarnation: 5, dialsOnly: true });
  old.dial(one);
  await scene.until(() => one.judged.includes('2 5'), 'the older life introduces itself');
  await scene.ping(one, young);
  expectEqual(
    one.calls.filter((call) => !call.startsWith('frame')),
    ['up 2'],
    'the link of the newer life stays',
  );
}

async function clients(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const all = [await scene.started(0), await scene.started(0), await scene.started(0)];
  // A client does not know the ids of members before it meets them.
  for (const client of all) client.setPeers([one.asPeer(99)]);
  await scene.until(() => all.every((client) => client.upLink(1) !== undefined), 'every client has a link');
  await scene.until(() => one.count('up client 0') === 3, 'the member has a link to every client');
  for (const [i, client] of all.entries()) await scene.deliver(client, one, `client ${i}`);
  await scene.ping(one, two);
  expectEqual(one.count('down'), 0, 'clients end no links, and have no limit of one');
  for (const client of all) client.setPeers([]);
  await scene.until(
    () => all.every((client) => client.upLinks === 0) && one.count('down 0') === 3,
    'an empty set ends their links',
  );
}

async function closesInOrder(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const texts = Array.from({ length: 50 }, (_, i) => `last words ${i}`);
  for (const text of texts) one.send(2, text);
  one.flush();
  await scene.close(one);
  await scene.until(() => two.count('down') > 0, 'the other end is told');
  expectEqual(two.calls.slice(0, 51), ['up 1', ...texts.map((text) => `frame ${text}`)], 'what was flushed arrives first');
}

async function closes(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const link = one.linkTo(2);
  await scene.close(one);
  await scene.until(() => two.upLinks === 0, 'the link ends at the other end');
  expectEqual(one.upLinks, 0, 'every link has ended when close completes');
  expectThat(!one.sendBytes(link, [Uint8Array.of(1)]), 'nothing is sent after close');
  expectEqual(one.queued(link), 0, 'nothing is queued after close');
}

async function closesTwice(scene: Scene): Promise<void> {
  const [one] = await scene.linked();
  let answers = 0;
  for (let i = 0; i < 2; i++) one.call((transport) => transport.close(() => void answers++));
  await scene.until(() => answers === 2, 'two calls of close at once both complete');
  await scene.close(one);
  await scene.close(scene.party(3));
}

async function newLife(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  await scene.close(one);
  await scene.until(() => two.upLinks === 0, 'the link ends at the other end');
  const again = await scene.started(1, { place: one, incarnation: 2 });
  await scene.meet(again, two);
  await scene.ping(again, two);
  expectEqual(two.count('up'), 2, 'the other end dials until the new life is there');
}

async function takenPlace(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const rival = scene.party(1, { place: one, incarnation: 2 });
  const failure = await scene.start(rival);
  expectThat(failure !== undefined, 'a second listener at one place fails to start');
  expectThat(
    /^E_[A-Z_]+$/u.test(failure.code) && failure.text.length > 10,
    () => `a failure has a code and a text (${failure.code})`,
  );
  await scene.ping(one, two);
  expectEqual(rival.calls, [], 'who did not start has no links');
}
