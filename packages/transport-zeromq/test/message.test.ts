import { crc32 } from '@quorate/interface';
import { frameKinds, LaneQueues, type QueuedFrame } from '@quorate/links';
import { array, assert, constantFrom, integer, property, tuple, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameHeadBytes } from '../src/frame-format.ts';
import { layOut, readFrames, readHead } from '../src/message.ts';
import { maxMessageBytes, MessageFiller } from '../src/message-filler.ts';

const tools = { crc32, allocate: (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xee) };

function frameOf(...chunks: readonly Uint8Array[]): QueuedFrame {
  return { kind: frameKinds.log, chunks, length: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

describe('a message', () => {
  test('reads back as it was laid out', () => {
    const chunks = array(uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 });
    const u32 = integer({ min: 0, max: 2 ** 32 - 1 });
    assert(
      property(array(chunks, { maxLength: 20 }), tuple(u32, u32), (frames, [position, acknowledged]) => {
        const laid = frames.map((pieces) => frameOf(...pieces));
        const message = layOut(laid, { position, acknowledged }, tools);
        expect(readHead(message, crc32)).toEqual({ position, acknowledged });
        const read: number[][] = [];
        expect(readFrames(message, 1 << 20, (_kind, payload) => read.push([...payload]) > 0)).toBeUndefined();
        expect(read).toEqual(frames.map((pieces) => pieces.flatMap((piece) => [...piece])));
      }),
    );
  });

  test('stops where the sink wants no more', () => {
    const message = layOut(
      [1, 2, 3].map((value) => frameOf(Uint8Array.of(value))),
      { position: 0, acknowledged: 0 },
      tools,
    );
    const seen: number[] = [];
    readFrames(message, 100, (_kind, payload) => seen.push(payload[0] ?? 0) < 2);
    expect(seen).toEqual([1, 2]);
  });
});

describe('the next message', () => {
  test('counts every byte that leaves, and keeps the order of each lane', () => {
    assert(
      property(array(constantFrom(0, 1, 2), { maxLength: 300 }), (places) => {
        const queue = new LaneQueues(frameHeadBytes);
        const filler = new MessageFiller();
        for (const [i, place] of places.entries()) {
          queue.push(place, frameOf(Uint8Array.of(place), Uint8Array.of(i, i >> 8), new Uint8Array(5_000)));
        }
        const left: number[][] = [[], [], []];
        for (let frames = filler.take(queue); frames.length > 0; frames = filler.take(queue)) {
          for (const { chunks } of frames) left[chunks[0]?.[0] ?? 0]?.push((chunks[1]?.[0] ?? 0) + (chunks[1]?.[1] ?? 0) * 256);
        }
        const pushed = [0, 1, 2].map((lane) => [...places.keys()].filter((i) => places[i] === lane));
        expect(left).toEqual(pushed);
        expect(queue.bytes).toBe(0);
      }),
    );
  });

  test('gives bulk every other message, and no message grows beyond what ZeroMQ is told', () => {
    const queue = new LaneQueues(frameHeadBytes);
    const filler = new MessageFiller();
    const length = 1_000_000;
    for (let i = 0; i < 100; i++) {
      for (const [lane, kind] of [frameKinds.control, frameKinds.log, frameKinds.bulk].entries()) {
        queue.push(lane, { kind, chunks: [new Uint8Array(100_000)], length: 100_000 });
        queue.push(lane, { kind, chunks: [new Uint8Array(length)], length });
      }
    }
    for (let i = 0; i < 100; i++) {
      const frames = filler.take(queue);
      // What a receiver keeps of the log must not keep a snapshot's chunk in memory.
      expect(new Set(frames.map(({ kind }) => kind))).toEqual(new Set(i % 2 === 0 ? [1, 2] : [3]));
      expect(layOut(frames, { position: 0, acknowledged: 0 }, tools).length).toBeLessThanOrEqual(maxMessageBytes(length));
    }
  });
});
