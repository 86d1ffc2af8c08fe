import { expect, test } from 'vitest';
import {
  addInflight,
  becomeProbe,
  becomeReplicate,
  becomeSnapshot,
  createPeer,
  releaseInflight,
  resetPeer,
  windowRoom,
} from '../src/progress.ts';
import { metaOf } from './fixture/lone.ts';

test('the window counts messages and bytes, and opens by acknowledgement', () => {
  const peer = createPeer(2, 20, 2);
  becomeReplicate(peer);
  expect(windowRoom(peer, 100)).toBe(100);
  addInflight(peer.inflight, 1, 60);
  expect(windowRoom(peer, 100)).toBe(40);
  addInflight(peer.inflight, 2, 10);
  expect(windowRoom(peer, 100)).toBe(0);
  releaseInflight(peer.inflight, 1);
  expect([peer.inflight.bytes, windowRoom(peer, 100)]).toEqual([10, 90]);
  addInflight(peer.inflight, 3, 200);
  releaseInflight(peer.inflight, 3);
  expect(peer.inflight).toMatchObject({ count: 0, bytes: 0 });
});

test('an empty window always lets one entry through', () => {
  const peer = createPeer(2, 20, 2);
  becomeReplicate(peer);
  expect(windowRoom(peer, 0)).toBe(1);
});

test('a probe is one message, a snapshot none', () => {
  const peer = createPeer(2, 20, 2);
  expect(windowRoom(peer, 100)).toBe(100);
  peer.probeSent = true;
  expect(windowRoom(peer, 100)).toBe(0);
  becomeSnapshot(peer, metaOf(9, 1), 0);
  expect(windowRoom(peer, 100)).toBe(0);
});

test('going back to probing forgets what was under way, an election also what matched', () => {
  const peer = createPeer(2, 20, 2);
  peer.match = 5;
  becomeReplicate(peer);
  addInflight(peer.inflight, 6, 10);
  peer.fetch = 3;
  becomeProbe(peer, 6);
  expect(peer).toMatchObject({ mode: 'probe', next: 6, match: 5, fetch: 0, inflight: { count: 0 } });
  resetPeer(peer, 9);
  expect(peer).toMatchObject({ match: 0, next: 10, recentActive: false, readAck: 0 });
});

test('never probes what is known to match', () => {
  const peer = createPeer(2, 20, 2);
  peer.match = 5;
  expect(() => becomeProbe(peer, 5)).toThrow('what matches is not sent again');
});
