import { encodeText, InvariantViolation } from '@quorate/interface';
import type { Lane } from '@quorate/interface';
import { expectEqual, expectThat } from '../expectation.ts';
import type { Party } from './party.ts';
import type { Scene } from './scene.ts';
import type { TransportCase } from './transport-case.ts';

const lanes: readonly Lane[] = ['control', 'log', 'bulk'];

/** What happens to frames on a link that stays up. */
export const frameCases: readonly TransportCase[] = [
  { name: 'delivers a frame as it was sent, whatever its bytes', needs: [], play: keepsBytes },
  { name: 'joins the chunks of a frame, empty ones too', needs: [], play: joinsChunks },
  { name: 'carries an empty frame or refuses it as a bug of its caller, and lives on', needs: [], play: emptyFrame },
  { name: 'keeps frames to several peers apart', needs: [], play: keepsPeersApart },
  { name: 'keeps the order within each lane', needs: ['fifo'], play: keepsOrder },
  { name: 'delivers every frame exactly once, under pressure and with the largest frames', needs: ['fifo'], play: isComplete },
  { name: 'carries frames both ways at once', needs: ['fifo'], play: bothWays },
  { name: 'delivers what was flushed in one turn after another without losing the last', needs: ['fifo'], play: flushesOften },
  { name: 'hands nothing over before it is flushed, or at once where it needs no network', needs: [], play: waitsForFlush },
  { name: 'shares the chunks of its caller without changing them', needs: [], play: sharesChunks },
  { name: 'never touches a frame again that it handed over', needs: [], play: givesFramesAway },
  { name: 'bears a receiver that writes into its frames', needs: ['privateFrames'], play: bearsWriters },
];

function pattern(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + seed * 17 + (i >>> 8)) & 255);
}

/** Sends bytes until they arrive: once where nothing is lost. */
async function deliverBytes(scene: Scene, from: Party, to: Party, chunks: readonly Uint8Array[]): Promise<Uint8Array> {
  const before = to.arrivals.length;
  const push = (): void => {
    from.sendBytes(from.linkTo(to.self), chunks);
    from.flush();
  };
  push();
  const again = scene.isDatagram(from);
  await scene.until(() => {
    if (again && to.arrivals.length === before) push();
    return to.arrivals.length > before;
  }, 'the frame arrives');
  return to.arrivals[before]?.bytes ?? new Uint8Array(0);
}

async function keepsBytes(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const every = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const frame of [Uint8Array.of(0), Uint8Array.of(255), every, pattern(1_000, 3), new Uint8Array(1_000)])
    expectEqual(await deliverBytes(scene, one, two, [frame]), frame, 'a frame arrives as it was sent');
}

async function joinsChunks(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const large = pattern(Math.min(scene.harness.maxFrameBytes - 100, 100_000), 7);
  const empty = new Uint8Array(0);
  const parts = [Uint8Array.of(1), empty, large.subarray(0, 50), large.subarray(50), empty, Uint8Array.of(2)];
  expectEqual(await deliverBytes(scene, one, two, parts), Uint8Array.of(1, ...large, 2), 'the chunks of a frame arrive joined');
}

async function emptyFrame(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  try {
    const frame = await deliverBytes(scene, one, two, []);
    expectEqual(frame, new Uint8Array(0), 'an empty frame arrives empty');
  } catch (error) {
    if (!(error instanceof InvariantViolation)) throw error;
  }
  await scene.ping(one, two);
  expectThat(one.count('down') === 0 && two.count('down') === 0, 'an empty frame ends no link');
}

async function keepsPeersApart(scene: Scene): Promise<void> {
  const parties = [await scene.started(1), await scene.started(2), await scene.started(3)];
  for (const party of parties) party.dial(...parties.filter((other) => other.self < party.self));
  for (const a of parties) for (const b of parties) if (a.self < b.self) await scene.meet(a, b);
  for (const a of parties) for (const b of parties) if (a !== b) await scene.deliver(a, b, `from ${a.self} to ${b.self}`);
  for (const { self, calls } of parties)
    for (const call of calls)
      expectThat(
        !call.startsWith('frame ') || call.endsWith(` to ${self}`),
        `member ${self} gets its own frames only (got ${call})`,
      );
}

async function keepsOrder(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const sent = new Map<Lane, string[]>(lanes.map((lane) => [lane, []]));
  for (let i = 0; i < 600; i++) {
    const lane = lanes[(i * i) % 3] ?? 'log';
    sent.get(lane)?.push(`${lane} ${i}`);
    expectThat(one.send(2, `${lane} ${i}`, lane), 'a link that is up takes frames');
    if (i % 50 === 0) one.flush();
  }
  one.flush();
  await scene.until(() => two.arrivals.length === 600, 'all 600 frames arrive');
  for (const [lane, texts] of sent) expectEqual(two.texts(lane), texts, `lane ${lane} keeps its order`);
}

async function isComplete(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const { maxFrameBytes, queueBytes } = scene.harness;
  const link = one.linkTo(2);
  const frames = Array.from({ length: 60 }, (_, i) => pattern(i % 3 === 0 ? maxFrameBytes : 1 + ((i * 997) % maxFrameBytes), i));
  for (const frame of frames) {
    const fits = (): boolean => one.queued(link) + 2 * maxFrameBytes <= queueBytes;
    await scene.until(fits, 'the queue of a link that is read shrinks');
    expectThat(one.sendBytes(link, [frame]), 'a link that is up takes what fits into its queue');
    one.flush();
  }
  await scene.until(() => two.arrivals.length >= frames.length, 'every frame arrives');
  await scene.ping(one, two);
  const arrived = two.arrivals.slice(0, frames.length).map(({ bytes }) => bytes);
  expectEqual(arrived, frames, 'every frame arrives, whole, once and in order');
  expectEqual(two.arrivals.length, frames.length + 1, 'nothing arrives twice');
}

async function bothWays(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  const texts = Array.from({ length: 200 }, (_, i) => `number ${i}`);
  for (const text of texts) {
    one.send(2, text);
    two.send(1, text);
    one.flush();
    two.flush();
  }
  await scene.until(() => one.arrivals.length === 200 && two.arrivals.length === 200, 'all frames of both directions arrive');
  for (const party of [one, two]) expectEqual(party.texts('number'), texts, 'each direction keeps its order');
}

async function flushesOften(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  for (let i = 0; i < 40; i++) {
    one.send(2, `turn ${i}`);
    one.flush();
    one.flush();
    await scene.until(() => two.has(`turn ${i}`), `the frame of turn ${i} arrives without another one behind it`);
  }
}

async function waitsForFlush(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  one.send(2, 'a');
  expectThat(two.arrivals.length === 0, 'nothing is handed over from within send');
  one.flush();
  expectThat(two.arrivals.length === 0, 'nothing is handed over from within flush');
  await scene.deliver(one, two, 'a');
}

async function sharesChunks(scene: Scene): Promise<void> {
  const parties = [await scene.started(1), await scene.started(2), await scene.started(3)] as const;
  const [one, two, three] = parties;
  one.dial(two, three);
  await scene.meet(one, two);
  await scene.meet(one, three);
  const head = encodeText('the same head ');
  const body = pattern(500, 5);
  const before = [Uint8Array.from(head), Uint8Array.from(body)];
  const expected = Uint8Array.of(...head, ...body);
  expectEqual(await deliverBytes(scene, one, two, [head, body]), expected, 'a shared chunk arrives at the first peer');
  expectEqual(await deliverBytes(scene, one, three, [head, body]), expected, 'a shared chunk arrives at the second peer');
  expectEqual([head, body], before, 'chunks are shared: the transport does not write into them');
}

async function givesFramesAway(scene: Scene): Promise<void> {
  const [one, two] = await scene.linked();
  // Of sizes that a pool or a receive buffer would use again. The scene looks at all of them once more at its end.
  for (let i = 0; i < 50; i++) {
    const frame = await deliverBytes(scene, one, two, [pattern(1 + ((i * 37) % 900), i)]);
    expectThat(frame.length > 0, 'the frame arrives');
  }
}

async function bearsWriters(scene: Scene): Promise<void> {
  const parties = [await scene.started(1), await scene.started(2), await scene.started(3)] as const;
  const [one, two, three] = parties;
  one.dial(two, three);
  await scene.meet(one, two);
  await scene.meet(one, three);
  const body = pattern(500, 9);
  const before = Uint8Array.from(body);
  two.scribbles = true;
  await deliverBytes(scene, one, two, [body]);
  expectEqual(body, before, 'the receiver owns its frame, not the chunks of the sender');
  expectEqual(await deliverBytes(scene, one, three, [body]), before, 'a frame of one peer is not the frame of another');
}
