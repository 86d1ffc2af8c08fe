import { encodeText } from '@quorate/interface';
import { expectEqual, expectThat } from '../expectation.ts';
import type { Party } from './party.ts';
import type { Scene } from './scene.ts';
import type { TransportCase } from './transport-case.ts';

/** How links begin and end. The rules of every link are Party's: announced before its frames, one per member, numbers that rise. */
export const linkCases: readonly TransportCase[] = [
  { name: 'announces a link at both ends before its first frame', needs: [], play: announces },
  { name: 'announces a link before frames that were sent from within linkUp', needs: [], play: announcesEarlyFrames },
  { name: 'ends a link at both ends, with the reason, and takes nothing more for it', needs: [], play: closesLink },
  { name: 'knows nothing of links that are over or never were', needs: [], play: strangeLinks },
  { name: 'comes back with a new link after one ended', needs: [], play: comesBack },
  { name: 'keeps what was delivered before a loss a prefix, and redials', needs: ['fifo', 'sever'], play: keepsPrefix },
  { name: 'finds out at both ends that a connection broke, and redials', needs: ['sever'], play: redials },
  { name: 'ends a link whose queue is over its cap, at both ends, and comes back', needs: [], play: overflows },
  { name: 'counts what waits for the network', needs: [], play: countsQueue },
  { name: 'says when a long queue is short again', needs: ['fifo'], play: drains },
  { name: 'says nothing of a queue that was never long', needs: [], play: staysShort },
];

async function announces(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  await scene.deliver(one, two, 'a');
  expectEqual(one.calls, ['up 2'], 'the sender sees one link');
  expectEqual(two.calls.slice(0, 2), ['up 1', 'frame a'], 'the receiver sees the link, then its frame');
}

async function announcesEarlyFrames(scene: Scene): Promise<void> {
  const atOnce = (party: Party, link: number): void => {
    party.sendBytes(link, [encodeText(`at once from ${party.self}`)]);
    party.flush();
  };
  const [one, two] = await scene.linked({ onLinkUp: atOnce }, { onLinkUp: atOnce });
  await scene.deliver(one, two, 'at once from 1');
  await scene.deliver(two, one, 'at once from 2');
}

async function closesLink(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const link = one.linkTo(2);
  one.call((transport) => transport.closeLink(link, 'a gap'));
  expectThat(!one.sendBytes(link, [Uint8Array.of(1)]), 'send returns false once the link is over');
  expectEqual(one.queued(link), 0, 'nothing is queued on a link that is over');
  expectEqual(one.calls, ['up 2'], 'linkDown comes later, never from within the call');
  await scene.until(() => one.count('down') > 0 && two.count('down') > 0, 'the link ends at both ends');
  expectEqual(one.calls[1], 'down 2: a gap', 'the closing end hears its own reason');
  expectThat(/^down 1: .*a gap/u.test(two.calls[1] ?? ''), `the other end hears the reason (got ${two.calls[1]})`);
}

async function strangeLinks(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const old = one.linkTo(2);
  one.call((transport) => transport.closeLink(old, 'done with it'));
  await scene.until(() => one.count('up') === 2 && two.count('up') === 2, 'a new link comes up');
  await scene.meet(one, two);
  for (const link of [old, 0, 999_999]) {
    expectThat(!one.sendBytes(link, [Uint8Array.of(1)]), `send on link ${link} returns false`);
    expectEqual(one.queued(link), 0, `nothing is queued on link ${link}`);
    one.call((transport) => transport.closeLink(link, 'again'));
  }
  await scene.ping(one, two);
  expectEqual([one.count('down'), two.count('down')], [1, 1], 'closing a link that is over ends no other');
}

async function comesBack(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  for (let round = 1; round <= 3; round++) {
    const closer = round % 2 === 0 ? one : two;
    const other = closer === one ? two : one;
    const before = closer.linkTo(other.self);
    closer.call((transport) => transport.closeLink(before, `round ${round}`));
    const back = (): boolean => one.count('up') > round && two.count('up') > round;
    await scene.until(back, `a new link comes up after round ${round}`);
    await scene.meet(one, two);
    expectThat(closer.linkTo(other.self) > before, 'the new link has a higher number');
    await scene.ping(one, two);
  }
}

async function keepsPrefix(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const link = two.linkTo(1);
  const sent = Array.from({ length: 300 }, (_, i) => `before ${i}`);
  for (const [i, text] of sent.entries()) {
    one.send(2, text);
    if (i % 100 === 99) one.flush();
    if (i === 99) await scene.until(() => two.arrivals.length > 0, 'the first frames arrive');
  }
  await sever(scene, one, two);
  await scene.ping(one, two);
  const arrived = two.texts('before');
  expectEqual(arrived, sent.slice(0, arrived.length), 'what arrived before the loss is a prefix of what was sent');
  expectThat(arrived.length > 0, 'what arrived before the loss was not taken back');
  for (const arrival of two.arrivals.slice(0, arrived.length)) expectEqual(arrival.link, link, 'a frame stays on its link');
}

async function redials(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const before = [one.linkTo(2), two.linkTo(1)] as const;
  await sever(scene, one, two);
  expectThat(one.linkTo(2) > before[0] && two.linkTo(1) > before[1], 'the new link has a higher number at both ends');
  await scene.ping(one, two);
}

/** Breaks the connection and waits for the next link. */
async function sever(scene: Scene, one: Party, two: Party): Promise<void> {
  expectThat(scene.harness.sever !== undefined, 'a harness whose manifest says sever has it');
  scene.harness.sever(one.end, two.end);
  await scene.until(() => one.count('down') > 0 && two.count('down') > 0, 'both ends find out that the connection broke');
  await scene.until(() => one.count('up') > 1 && two.count('up') > 1, 'a new link comes up');
  await scene.meet(one, two);
}

async function overflows(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const { queueBytes, maxFrameBytes } = scene.harness;
  const link = one.linkTo(2);
  const frame = new Uint8Array(maxFrameBytes);
  let taken = 0;
  while (one.sendBytes(link, [frame], 'bulk')) {
    taken += frame.length;
    expectThat(taken <= queueBytes, `a link holds back no more than its cap of ${queueBytes} bytes`);
    expectThat(one.queued(link) >= taken, 'what was not flushed is queued');
  }
  expectThat(taken >= queueBytes / 2, `a link takes what fits under its cap (${taken} of ${queueBytes} bytes)`);
  expectThat(!one.sendBytes(link, [Uint8Array.of(1)]), 'after an overflow the link is over');
  expectEqual(one.calls, ['up 2'], 'linkDown comes later, never from within send');
  await scene.until(() => one.count('down') > 0 && two.count('down') > 0, 'the link ends at both ends');
  expectThat(/^down 2: E_OVERFLOW: ./u.test(one.calls[1] ?? ''), `the reason is the overflow (got ${one.calls[1]})`);
  await scene.until(() => one.count('up') > 1 && two.count('up') > 1, 'a new link comes up');
  await scene.meet(one, two);
  await scene.ping(one, two);
}

async function countsQueue(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const link = one.linkTo(2);
  await scene.until(() => one.queued(link) === 0, 'nothing is queued at rest');
  one.sendBytes(link, [new Uint8Array(700)]);
  expectThat(one.queued(link) >= 700, `a frame counts at least its own bytes (got ${one.queued(link)})`);
  one.sendBytes(link, [new Uint8Array(300), new Uint8Array(300)]);
  expectThat(one.queued(link) >= 1_300, `every chunk counts (got ${one.queued(link)})`);
  one.flush();
  await scene.until(() => one.queued(link) === 0, 'what the network took is not queued');
  await scene.ping(one, two);
}

async function drains(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const link = one.linkTo(2);
  const frame = new Uint8Array(scene.harness.maxFrameBytes);
  let sent = 0;
  while (one.queued(link) * 2 <= scene.harness.queueBytes) {
    one.sendBytes(link, [frame]);
    sent++;
    expectThat(sent * frame.length <= scene.harness.queueBytes, 'what is sent and not flushed is queued');
  }
  one.flush();
  await scene.until(() => one.count('drained') > 0, 'the transport says that the queue is below half of its cap again');
  expectThat(one.queued(link) * 2 <= scene.harness.queueBytes, 'it is below half of its cap when that is said');
  await scene.until(() => two.arrivals.length === sent, 'everything arrives');
  await scene.ping(one, two);
  expectEqual(one.count('drained'), 1, 'it is said once');
}

async function staysShort(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  for (let i = 0; i < 30; i++) await scene.deliver(one, two, `short ${i}`);
  expectEqual(
    [one.count('drained'), two.count('drained')],
    [0, 0],
    'drained is for queues that had grown above half of their cap',
  );
}
