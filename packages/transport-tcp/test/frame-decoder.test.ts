import { crc32 } from '@quorate/interface';
import { frameKinds, LaneQueues, type QueuedFrame } from '@quorate/links';
import { assert, constantFrom, array, property, uint8Array, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layOut, takeBatch } from '../src/frame-batch.ts';
import { createFrameDecoder } from '../src/frame-decoder.ts';
import { headerBytes } from '../src/frame-format.ts';

const tools = { crc32, allocate: (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xee) };

function frameOf(...chunks: readonly Uint8Array[]): QueuedFrame {
  return { kind: frameKinds.log, chunks, length: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

interface Decoded {
  readonly frames: Uint8Array[];
  readonly problem: string | undefined;
  readonly end: string | undefined;
}

function decode(chunks: readonly Uint8Array[], maxFrameBytes = 1 << 20): Decoded {
  const frames: Uint8Array[] = [];
  const decoder = createFrameDecoder(maxFrameBytes, crc32);
  const sink = { frame: (_kind: number, payload: Uint8Array): boolean => frames.push(Uint8Array.from(payload)) > 0 };
  for (const chunk of chunks) {
    const problem = decoder.push(chunk, sink);
    if (problem !== undefined) return { frames, problem, end: undefined };
  }
  return { frames, problem: undefined, end: decoder.end() };
}

function split(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(bytes.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

describe('decoding', () => {
  test('returns the frames that were laid out, whatever the chunks are (B-04)', () => {
    const payload = uint8Array({ minLength: 1, maxLength: 40 });
    assert(
      property(
        array(payload, { maxLength: 20 }),
        array(integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 9 }),
        (payloads, sizes) => {
          const bytes = join(
            layOut(
              payloads.map((bytesOf) => frameOf(bytesOf)),
              tools,
            ),
          );
          expect(decode(split(bytes, sizes))).toEqual({ frames: payloads, problem: undefined, end: undefined });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('takes a large frame one byte at a time, and a thousand frames in one chunk', () => {
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
    const bytes = join(layOut([frameOf(large)], tools));
    expect(decode(split(bytes, [1])).frames).toEqual([large]);
    const small = Array.from({ length: 1_000 }, (_, i) => Uint8Array.of(i, i >> 8));
    expect(
      decode([
        join(
          layOut(
            small.map((payload) => frameOf(payload)),
            tools,
          ),
        ),
      ]).frames,
    ).toEqual(small);
  });

  test('hands out a view of the chunk where the frame is inside of one', () => {
    const chunk = join(layOut([frameOf(Uint8Array.of(1, 2, 3))], tools));
    createFrameDecoder(100, crc32).push(chunk, {
      frame(_kind, payload) {
        expect(payload.buffer).toBe(chunk.buffer);
        return true;
      },
    });
    expect.assertions(1);
  });

  test('never throws on random bytes, and never returns a frame that was not sent (B-06)', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), array(integer({ min: 1, max: 40 }), { minLength: 1 }), (bytes, sizes) => {
        const { frames, problem } = decode(split(bytes, sizes));
        expect(frames).toEqual([]);
        expect(bytes.length < headerBytes || /^E_[A-Z_]+: /.test(problem ?? '')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('finds every single damaged byte of a payload, and every damaged bit of a header but its kind', () => {
    const bytes = join(layOut([frameOf(Uint8Array.from({ length: 30 }, (_, i) => i))], tools));
    for (let place = 0; place < bytes.length; place++) {
      if (place === 3) continue;
      const damaged = Uint8Array.from(bytes);
      damaged[place] = (damaged[place] ?? 0) ^ 0x10;
      const { frames, problem, end } = decode([damaged]);
      expect(frames).toEqual([]);
      expect(problem ?? end).toMatch(/^E_(PROTO_MAGIC|VERSION|FRAME_SIZE|FRAME_CRC|FRAME_EOF): /);
    }
  });

  test('allows the largest frame and not one byte more (B-03)', () => {
    const bytes = (length: number): Uint8Array => join(layOut([frameOf(new Uint8Array(length))], tools));
    expect(decode([bytes(1_024)], 1_024).frames).toHaveLength(1);
    expect(decode([bytes(1_025)], 1_024).problem).toMatch(/^E_FRAME_SIZE: .*got=1025, allowed=1 to 1024\)/);
  });

  test('collects no more than what arrived, or a small bound, for a frame that announces much (B-03)', () => {
    const decoder = createFrameDecoder(2 ** 30, crc32);
    const start = layOut([frameOf(Uint8Array.of(1))], tools)[0] ?? new Uint8Array(0);
    start[7] = 0x3f; // About a gigabyte.
    const before = process.memoryUsage().arrayBuffers;
    decoder.push(start, { frame: () => true });
    decoder.push(new Uint8Array(300_000), { frame: () => true });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1_048_576);
    expect(decoder.end()).toMatch(/^E_FRAME_EOF/);
  });

  test('stops where the sink wants no more', () => {
    const seen: number[] = [];
    const bytes = join(
      layOut(
        [1, 2, 3].map((value) => frameOf(Uint8Array.of(value))),
        tools,
      ),
    );
    createFrameDecoder(100, crc32).push(bytes, { frame: (_kind, payload) => seen.push(payload[0] ?? 0) < 2 });
    expect(seen).toEqual([1, 2]);
  });
});

describe('a batch', () => {
  const bulk = { kind: frameKinds.bulk, chunks: [new Uint8Array(1_000_000)], length: 1_000_000 };

  test('counts every byte that leaves, headers included', () => {
    const lanes = array(constantFrom(0, 1, 2), { maxLength: 200 });
    assert(
      property(lanes, (places) => {
        const queue = new LaneQueues(headerBytes);
        for (const place of places) queue.push(place, frameOf(new Uint8Array(5_000)));
        let left = places.length;
        while (queue.bytes > 0) left -= takeBatch(queue).length;
        expect(left).toBe(0);
      }),
    );
  });

  test('lets every lane into every batch, so that none starves', () => {
    const queue = new LaneQueues(headerBytes);
    for (let i = 0; i < 100; i++) {
      queue.push(2, bulk);
      queue.push(0, { ...bulk, kind: frameKinds.control });
      queue.push(1, { ...bulk, kind: frameKinds.log });
    }
    for (let i = 0; i < 100; i++) {
      expect(takeBatch(queue).map(({ kind }) => kind)).toEqual([frameKinds.control, frameKinds.log, frameKinds.bulk]);
    }
  });
});
