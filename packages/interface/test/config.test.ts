import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeConfig, encodeConfig, encodeText, type Config } from '../src/index.ts';

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 48 - 1 }), { maxLength: 5 });
const member = fc.record({
  id: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  name: fc.string({ unit: 'grapheme' }),
  peerUrls: fc.array(fc.webUrl(), { maxLength: 2 }),
  diskId: fc.string(),
});
const half = fc.record({ id: fc.nat(), voters: ids, learners: ids, members: fc.array(member, { maxLength: 4 }) });
const config: fc.Arbitrary<Config> = fc.oneof(
  half,
  fc.tuple(half, half).map(([now, next]) => ({ ...now, next })),
);

const genesis: Config = { id: 0, voters: [1], learners: [], members: [{ id: 1, name: 'a', peerUrls: [], diskId: '' }] };

function decoded(value: unknown): Config | undefined {
  return decodeConfig(encodeText(JSON.stringify(value)));
}

describe('configuration entry', () => {
  test('survives its encoding, joint or not', () => {
    fc.assert(
      fc.property(config, (value) => {
        expect(decodeConfig(encodeConfig(value))).toEqual(value);
      }),
    );
  });

  test('random bytes and random JSON never throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(encodeText)), (bytes) => {
        const value = decodeConfig(bytes);
        expect(value === undefined || decodeConfig(encodeConfig(value)) !== undefined).toBe(true);
      }),
    );
  });

  test('a voter named twice and an id beyond 48 bits are refused: quorum arithmetic counts each voter once', () => {
    expect(decoded({ ...genesis, voters: [1, 2, 1] })).toBeUndefined();
    expect(decoded({ ...genesis, voters: [2 ** 48] })).toBeUndefined();
    expect(decoded({ ...genesis, voters: [2 ** 48 - 1] })).toBeDefined();
  });

  test('any field of a wrong type is refused', () => {
    const broken = fc.oneof(
      fc.constantFrom(null, undefined, '1', -1, 0.5, 2 ** 53, true, {}),
      fc.constantFrom([0], [-1], ['1'], [1.5], [null], [{}]),
    );
    fc.assert(
      fc.property(fc.constantFrom('id', 'voters', 'learners', 'members', 'next'), broken, (field, value) => {
        const harmless = field === 'next' && value === undefined;
        expect(decoded({ ...genesis, [field]: value }) === undefined).toBe(!harmless);
      }),
    );
  });

  test('any field of a member of a wrong type is refused', () => {
    const info = { id: 2, name: 'b', peerUrls: ['tcp://b'], diskId: 'd' };
    expect(decoded({ ...genesis, members: [info] })).toBeDefined();
    for (const wrong of [{ id: 0 }, { name: 1 }, { peerUrls: 'tcp://b' }, { peerUrls: [1] }, { diskId: null }]) {
      expect(decoded({ ...genesis, members: [{ ...info, ...wrong }] })).toBeUndefined();
    }
    for (const wrong of [null, 1, 'b', []]) expect(decoded({ ...genesis, members: [wrong] })).toBeUndefined();
  });

  test('unknown fields are dropped, and names of Object.prototype are only fields', () => {
    const bytes = encodeText('{"id":1,"voters":[1],"learners":[],"members":[],"extra":1,"__proto__":{"next":1}}');
    expect(decodeConfig(bytes)).toEqual({ id: 1, voters: [1], learners: [], members: [] });
  });

  test('a pending half has no pending half of its own', () => {
    const next = { ...genesis, id: 1 };
    expect(decoded({ ...genesis, next })).toBeDefined();
    expect(decoded({ ...genesis, next: { ...next, next } })).toBeUndefined();
  });

  test('invalid UTF-8, cut JSON and no JSON are refused', () => {
    expect(decodeConfig(Uint8Array.of(0xff, 0xfe))).toBeUndefined();
    expect(decodeConfig(encodeConfig(genesis).subarray(0, 20))).toBeUndefined();
    expect(decodeConfig(new Uint8Array(0))).toBeUndefined();
  });
});
