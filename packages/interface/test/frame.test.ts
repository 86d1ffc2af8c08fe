import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameHead, frameTypes, parseFrame } from '../src/index.ts';

const types = fc.constantFrom(frameTypes.core, frameTypes.runtime);

function whole(head: Uint8Array, rest: Uint8Array, padding = 0): Uint8Array {
  const bytes = new Uint8Array(padding + head.length + rest.length);
  bytes.set(head, padding);
  bytes.set(rest, padding + head.length);
  return bytes.subarray(padding);
}

describe('frame', () => {
  test('what was framed is parsed, wherever in a buffer it lies', () => {
    fc.assert(
      fc.property(types, fc.nat(0xffffffff), fc.uint8Array(), fc.uint8Array(), fc.nat(9), (type, group, head, rest, padding) => {
        expect(parseFrame(whole(frameHead(type, group, head), rest, padding))).toEqual({ type, group, head, rest });
      }),
    );
  });

  test('head and rest are views of the frame', () => {
    const frame = whole(frameHead(frameTypes.core, 0, Uint8Array.of(1)), Uint8Array.of(2));
    expect(parseFrame(frame)?.head.buffer).toBe(frame.buffer);
    expect(parseFrame(frame)?.rest.buffer).toBe(frame.buffer);
  });

  test('has the layout that the wire format promises', () => {
    expect([...frameHead(frameTypes.runtime, 0x01020304, Uint8Array.of(9, 8))]).toEqual([
      2, 0, 0, 0, 4, 3, 2, 1, 2, 0, 0, 0, 9, 8,
    ]);
  });

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const frame = parseFrame(bytes);
        expect(frame === undefined || frame.head.length + frame.rest.length === bytes.length - 12).toBe(true);
      }),
    );
  });

  test('a frame that is too short, of another type, or longer in its head than in all is refused', () => {
    const good = frameHead(frameTypes.core, 0, Uint8Array.of(1, 2, 3));
    const changed = (place: number, value: number) => good.map((byte, i) => (i === place ? value : byte));
    expect(parseFrame(good)).toBeDefined();
    expect(parseFrame(good.subarray(0, 11))).toBeUndefined();
    expect(parseFrame(good.subarray(0, 14))).toBeUndefined();
    expect(parseFrame(changed(0, 0))).toBeUndefined();
    expect(parseFrame(changed(0, 3))).toBeUndefined();
    for (const place of [1, 2, 3]) expect(parseFrame(changed(place, 1))).toBeUndefined();
    expect(parseFrame(changed(8, 4))).toBeUndefined();
    expect(parseFrame(changed(11, 0xff))).toBeUndefined();
  });

  test('a group that is no u32 is our own bug', () => {
    expect(() => frameHead(frameTypes.core, -1, new Uint8Array(0))).toThrow('u32');
    expect(() => frameHead(frameTypes.core, 2 ** 32, new Uint8Array(0))).toThrow('u32');
  });
});
