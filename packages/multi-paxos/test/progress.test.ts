import { expect, test } from 'vitest';
import { addInflight, becomeProbe, createPeer, releaseInflight, takeLost, windowRoom } from '../src/progress.ts';
import { createRanges, listRanges } from '../src/slot-ranges.ts';

const sent = (from: number, to: number): { from: number; to: number; bytes: number } => ({ from, to, bytes: 10 });

test('the window counts messages and bytes, and answers free it in any order', () => {
  const peer = createPeer(2, 20, 3, 0);
  expect(windowRoom(peer, 100)).toBe(100);
  for (const slot of [1, 2, 3]) addInflight(peer.inflight, sent(slot, slot), 1);
  expect(windowRoom(peer, 100)).toBe(0);
  releaseInflight(peer.inflight, 2, 2);
  expect(peer.inflight.bytes).toBe(20);
  // The oldest is still out: it keeps its place in the ring.
  expect(windowRoom(peer, 100)).toBe(0);
  releaseInflight(peer.inflight, 1, 1);
  expect(windowRoom(peer, 100)).toBe(90);
  releaseInflight(peer.inflight, 3, 3);
  expect(peer.inflight).toMatchObject({ count: 0, bytes: 0 });
});

test('one large entry moves while nothing is under way', () => {
  const peer = createPeer(2, 20, 3, 0);
  expect(windowRoom(peer, 0)).toBe(1);
});

test('an accept that an older heartbeat has overtaken is taken for lost, slot by slot', () => {
  const { inflight } = createPeer(2, 20, 8, 0);
  addInflight(inflight, sent(1, 2), 1);
  addInflight(inflight, sent(3, 3), 2);
  addInflight(inflight, sent(4, 6), 1);
  releaseInflight(inflight, 1, 2);
  const lost = createRanges();
  takeLost(inflight, 2, lost);
  expect(listRanges(lost)).toEqual([{ from: 4, to: 6 }]);
  expect(inflight.bytes).toBe(10);
});

test('a probe forgets what was under way', () => {
  const peer = createPeer(2, 20, 8, 0);
  addInflight(peer.inflight, sent(1, 2), 1);
  becomeProbe(peer);
  expect(peer).toMatchObject({ mode: 'probe', probeOwed: true, inflight: { count: 0, bytes: 0 } });
});
