import { describe, expect, test } from 'vitest';
import type { EnvelopeKind } from '../src/envelope.ts';
import { envelopeBytes, envelopeKinds, EnvelopeReader, EnvelopeStamper, writeEnvelope } from '../src/envelope.ts';

function wrap(kind: EnvelopeKind, command: Uint8Array, place?: { session: number; sequence: number; lowestUnanswered: number }) {
  const head = envelopeBytes(kind);
  // At an odd offset of a larger buffer, as in a slab or a frame.
  const bytes = new Uint8Array(7 + head + command.length);
  const fields = {
    kind,
    origin: 2 ** 47 + 1,
    incarnation: 4_000_000_000,
    sequence: 2 ** 40,
    place,
    tenure: kind === envelopeKinds.tenureCommand ? 2 ** 44 : 0,
  };
  writeEnvelope(new DataView(bytes.buffer), 7, fields);
  bytes.set(command, 7 + head);
  return bytes.subarray(7);
}

const place = { session: 2 ** 45, sequence: 9, lowestUnanswered: 4 };

describe('the envelope of a command', () => {
  test('gives back what was written, stamps included', () => {
    const reader = new EnvelopeReader();
    for (const kind of Object.values(envelopeKinds)) {
      const inSession = kind === envelopeKinds.sessionCommand;
      const bytes = wrap(kind, new Uint8Array([1, 2, 3]), inSession ? place : undefined);
      new EnvelopeStamper().stamp(bytes, 123_456, 1_700_000_000_123);
      expect(reader.read(bytes)).toBe('ok');
      expect(reader).toMatchObject({
        kind,
        origin: 2 ** 47 + 1,
        incarnation: 4_000_000_000,
        sequence: 2 ** 40,
        clusterMs: 123_456,
        wallMs: 1_700_000_000_123,
        session: inSession ? place.session : 0,
        tenure: kind === envelopeKinds.tenureCommand ? 2 ** 44 : 0,
      });
      if (inSession) expect(reader).toMatchObject({ sessionSequence: 9, lowestUnanswered: 4 });
      expect([...bytes.subarray(reader.commandAt)]).toEqual([1, 2, 3]);
    }
  });

  test('of a later version or an unknown kind is told apart from a malformed one', () => {
    const reader = new EnvelopeReader();
    const later = wrap(1, new Uint8Array(0));
    later[0] = 2;
    expect(reader.read(later)).toBe('version');
    const unknown = wrap(1, new Uint8Array(0));
    unknown[1] = 9;
    expect(reader.read(unknown)).toBe('version');
    expect(reader.read(new Uint8Array(39))).toBe('malformed');
  });

  test('with numbers that nobody counts to is malformed', () => {
    const reader = new EnvelopeReader();
    for (const offset of [8, 16, 24, 32, 40, 48, 56]) {
      for (const value of [Number.NaN, -1, 2 ** 60, Number.POSITIVE_INFINITY]) {
        const bytes = wrap(2, new Uint8Array(0), place);
        new DataView(bytes.buffer, bytes.byteOffset).setFloat64(offset, value, true);
        expect(reader.read(bytes)).toBe('malformed');
      }
    }
    const early = wrap(envelopeKinds.tenureCommand, new Uint8Array(0));
    expect(reader.read(early.subarray(0, 47))).toBe('malformed');
    new DataView(early.buffer, early.byteOffset).setFloat64(40, 0.5, true);
    expect(reader.read(early)).toBe('malformed');
    const principal = wrap(1, new Uint8Array(3));
    principal[2] = 4;
    expect(reader.read(principal)).toBe('malformed');
  });
});
