import { crc32, packPayloads, placeEntries } from '@quorate/interface';
import type { EntryBatch } from '@quorate/interface';
import { check, property, array, uint8Array, record, integer, constantFrom, nat } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEntries, encodeEntries } from '../src/entry-section.ts';

const batches = array(
  record({
    first: integer({ min: 1, max: 2 ** 40 }),
    round: integer({ min: 0, max: 2 ** 50 }),
    owner: nat(),
    kind: constantFrom('command' as const, 'noop' as const, 'config' as const),
    payloads: array(uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 6 }),
  }).map(({ first, round, owner, kind, payloads }) =>
    placeEntries(
      packPayloads(payloads, (bytes) => crc32(bytes, 0)),
      first,
      { round, owner },
      kind,
    ),
  ),
  { maxLength: 4 },
);

function encode(entries: readonly EntryBatch[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  encodeEntries(entries, chunks);
  // At an odd offset, as behind the head of a frame.
  return new Uint8Array(Buffer.concat([new Uint8Array(3), ...chunks])).subarray(3);
}

function plain({ first, count, epoch, kind, body, ends, checksums }: EntryBatch): object {
  return { first, count, epoch, kind, body: Buffer.concat(body).toString('hex'), ends: [...ends], checksums: [...checksums] };
}

describe('entries behind a head', () => {
  test('come back as they were', () => {
    const result = check(
      property(batches, (entries) => {
        expect(decodeEntries(encode(entries))?.map(plain)).toEqual(entries.map(plain));
      }),
    );
    expect(result.failed).toBe(false);
  });

  test('share the payloads of their batch', () => {
    const payload = new Uint8Array([1, 2, 3]);
    const chunks: Uint8Array[] = [];
    const entry = placeEntries(
      packPayloads([payload], () => 7),
      1,
      { round: 1, owner: 0 },
      'command',
    );
    encodeEntries([entry], chunks);
    expect(chunks[1]).toBe(payload);
  });

  test('cut short, made longer or changed anywhere never throw, and cut ones are refused', () => {
    const result = check(
      property(batches, nat(), nat(255), (entries, place, value) => {
        const bytes = encode(entries);
        if (bytes.length === 0) return;
        expect(decodeEntries(bytes.subarray(0, Math.max(1, place % bytes.length)))).toBeUndefined();
        expect(decodeEntries(new Uint8Array(Buffer.concat([bytes, new Uint8Array(1)])))).toBeUndefined();
        const changed = bytes.slice();
        changed[place % bytes.length] = value;
        decodeEntries(changed);
      }),
      { numRuns: 300 },
    );
    expect(result.failed).toBe(false);
  });

  test('whose payloads would begin behind their ends are refused', () => {
    const ends = Uint32Array.of(5, 3, 5);
    const fields = { first: 1, count: 3, epoch: { round: 1, owner: 0 }, kind: 'command' } as const;
    expect(
      decodeEntries(encode([{ ...fields, body: [new Uint8Array(5)], ends, checksums: new Uint32Array(3) }])),
    ).toBeUndefined();
  });

  test('that claim more than was sent allocate nothing', () => {
    const head = new Uint8Array(4 + 36);
    const view = new DataView(head.buffer);
    view.setUint32(0, 1, true);
    view.setFloat64(4, 1, true);
    view.setUint32(28, 0xffff_ffff, true);
    expect(decodeEntries(head)).toBeUndefined();
    view.setUint32(0, 0xffff_ffff, true);
    expect(decodeEntries(head)).toBeUndefined();
  });
});
