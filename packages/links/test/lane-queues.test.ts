import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { frameKinds, LaneQueues, type QueuedFrame } from '../src/index.ts';

const headBytes = 7;

function frameOf(...chunks: readonly Uint8Array[]): QueuedFrame {
  return { kind: frameKinds.log, chunks, length: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

function take(queue: LaneQueues, lane: number, shareBytes: number): readonly QueuedFrame[] {
  const taken: QueuedFrame[] = [];
  queue.take(lane, shareBytes, taken);
  return taken;
}

test('gives at least one frame, and stops at the first that reaches the share', () => {
  const queue = new LaneQueues(headBytes);
  for (let i = 0; i < 5; i++) queue.push(2, frameOf(new Uint8Array(93)));
  expect([0, 1, 2].map((lane) => queue.isWaiting(lane))).toEqual([false, false, true]);
  expect(queue.bytes).toBe(500);
  expect([1, 100, 101].map((share) => take(queue, 2, share).length)).toEqual([1, 1, 2]);
  expect(queue.bytes).toBe(100);
  expect(take(queue, 1, 1_000)).toEqual([]);
  expect(take(queue, 2, 1_000)).toHaveLength(1);
  expect([queue.bytes, queue.isWaiting(2)]).toEqual([0, false]);
});

test('keeps the order of a lane that is thousands of frames long', () => {
  const queue = new LaneQueues(headBytes);
  for (let i = 1; i <= 5_000; i++) queue.push(1, frameOf(new Uint8Array(1_000), Uint8Array.of(i, i >> 8)));
  const order: number[] = [];
  while (queue.isWaiting(1)) {
    for (const { chunks } of take(queue, 1, 131_072)) order.push((chunks[1]?.[0] ?? 0) + (chunks[1]?.[1] ?? 0) * 256);
  }
  expect(order).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1));
});

test('lets go of a frame as soon as it was taken', async () => {
  const queue = new LaneQueues(headBytes);
  const chunks = Array.from({ length: 10 }, () => new Uint8Array(200_000));
  const known = chunks.map((chunk) => new WeakRef(chunk));
  for (const chunk of chunks.splice(0)) queue.push(1, frameOf(chunk));
  for (let i = 0; i < 5; i++) take(queue, 1, 131_072);
  // What a WeakRef was made of lives until the turn ends.
  await new Promise((resolve) => void setImmediate(resolve));
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  expect(known.map((one) => one.deref() !== undefined).slice(1, 4)).toEqual([false, false, false]);
  expect(queue.bytes).toBe(5 * (200_000 + headBytes));
});

test('is empty after it was cleared', () => {
  const queue = new LaneQueues(headBytes);
  for (let i = 0; i < 3_000; i++) queue.push(1, frameOf(new Uint8Array(100)));
  take(queue, 1, 131_072);
  queue.clear();
  expect([queue.bytes, queue.isWaiting(1), take(queue, 1, 131_072)]).toEqual([0, false, []]);
  queue.push(1, frameOf(Uint8Array.of(5)));
  expect(take(queue, 1, 131_072)).toHaveLength(1);
});
