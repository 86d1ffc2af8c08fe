import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countWithin,
  crc32,
  lastOf,
  noops,
  packPayloads,
  payloadBytes,
  payloadOf,
  placeEntries,
  sliceEntries,
  type EntryBatch,
} from '../src/index.ts';

const epoch = { round: 3, owner: 0 };
const checksum = (bytes: Uint8Array) => crc32(bytes, 0);

/** The naive model of a run: one array per payload. `chunks` says how many payloads share each chunk of the body. */
function runOf(payloads: readonly Uint8Array[], chunks: readonly number[], first: number): EntryBatch {
  const packed = packPayloads(payloads, checksum);
  const body: Uint8Array[] = [];
  let place = 0;
  for (let i = 0; place < payloads.length; i++) {
    const take = Math.max(1, chunks[i % chunks.length] ?? 1);
    body.push(joined(payloads.slice(place, place + take)));
    place += take;
  }
  return { ...placeEntries(packed, first, epoch, 'command'), body };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const payloadList = fc.array(fc.uint8Array({ maxLength: 6 }), { minLength: 1, maxLength: 12 });
const chunkSizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const firstIndex = fc.integer({ min: 1, max: 1000 });

describe('entries', () => {
  test('every payload is found, whatever chunks the body is cut into', () => {
    fc.assert(
      fc.property(payloadList, chunkSizes, firstIndex, (payloads, chunks, first) => {
        const run = runOf(payloads, chunks, first);
        const found = payloads.map((_, place) => payloadOf(run, first + place));
        expect(found).toEqual(payloads);
        expect(payloadBytes(run)).toBe(joined(payloads).length);
        expect(lastOf(run)).toBe(first + payloads.length - 1);
      }),
    );
  });

  test('a slice holds exactly its entries, with their checksums', () => {
    fc.assert(
      fc.property(payloadList, chunkSizes, firstIndex, fc.nat(), fc.nat(), (payloads, chunks, first, a, b) => {
        const run = runOf(payloads, chunks, first);
        const from = first + Math.min(a % run.count, b % run.count);
        const to = first + Math.max(a % run.count, b % run.count);
        const slice = sliceEntries(run, from, to);
        const expected = payloads.slice(from - first, to - first + 1);
        expect(slice).toMatchObject({ first: from, count: expected.length, epoch, kind: 'command' });
        expect(expected.map((_, place) => payloadOf(slice, from + place))).toEqual(expected);
        expect([...slice.checksums]).toEqual(expected.map(checksum));
        expect(joined(slice.body)).toEqual(joined(expected));
      }),
    );
  });

  test('a slice of a slice is the slice', () => {
    fc.assert(
      fc.property(payloadList, chunkSizes, fc.nat(), fc.nat(), fc.nat(), (payloads, chunks, a, b, c) => {
        const run = runOf(payloads, chunks, 1);
        const [low, middle, high] = [a, b, c].map((n) => (n % run.count) + 1).sort((x, y) => x - y) as [number, number, number];
        const twice = sliceEntries(sliceEntries(run, low, high), middle, high);
        const once = sliceEntries(run, middle, high);
        expect([...twice.ends]).toEqual([...once.ends]);
        expect(joined(twice.body)).toEqual(joined(once.body));
      }),
    );
  });

  test('as many entries fit as adding them up says, but at least one', () => {
    fc.assert(
      fc.property(payloadList, chunkSizes, fc.nat(), fc.nat(40), (payloads, chunks, start, maxBytes) => {
        const run = runOf(payloads, chunks, 5);
        const place = start % run.count;
        let naive = 0;
        let bytes = 0;
        for (const payload of payloads.slice(place)) {
          bytes += payload.length;
          if (naive > 0 && bytes > maxBytes) break;
          naive++;
        }
        expect(countWithin(run, 5 + place, maxBytes)).toBe(naive);
      }),
    );
  });

  test('the whole run returns itself, and payloads are views', () => {
    const run = runOf([Uint8Array.of(1, 2), Uint8Array.of(3)], [2], 7);
    expect(sliceEntries(run, 7, 8)).toBe(run);
    expect(payloadOf(run, 8).buffer).toBe(run.body[0]?.buffer);
    expect(sliceEntries(run, 8, 8).body[0]?.buffer).toBe(run.body[0]?.buffer);
  });

  test('a payload that is a whole chunk is that chunk', () => {
    const run = runOf([Uint8Array.of(1, 2), Uint8Array.of(3)], [1], 7);
    expect(payloadOf(run, 7)).toBe(run.body[0]);
  });

  test('no-ops are empty and of their kind', () => {
    const run = noops(4, 3, epoch);
    expect([run.first, run.count, run.kind, payloadBytes(run)]).toEqual([4, 3, 'noop', 0]);
    expect(payloadOf(run, 6)).toHaveLength(0);
    expect(payloadBytes(noops(1, 0, epoch))).toBe(0);
    expect(countWithin(run, 5, 0)).toBe(2);
  });

  test('an index outside of the run is our own bug', () => {
    const run = noops(4, 3, epoch);
    for (const index of [3, 7]) expect(() => payloadOf(run, index)).toThrow('no such entry');
    expect(() => countWithin(run, 7, 1)).toThrow('no such entry');
    for (const [from, to] of [
      [3, 4],
      [4, 7],
      [6, 5],
    ] as const)
      expect(() => sliceEntries(run, from, to)).toThrow('outside of the run');
  });

  test('a payload that straddles two chunks, or ends beyond the body, is our own bug', () => {
    const run = { ...runOf([Uint8Array.of(1, 2, 3)], [1], 1), body: [Uint8Array.of(1, 2), Uint8Array.of(3)] };
    expect(() => payloadOf(run, 1)).toThrow('straddles');
    expect(() => payloadOf({ ...run, body: [] }, 1)).toThrow('beyond its body');
  });
});
