import { array, check, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeReplicaState, SnapshotDecoder } from '../src/replica-snapshot.ts';
import { sessionBounds, SessionTable } from '../src/session-table.ts';
import { crc32 } from '@quorate/interface';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);

describe('the table of sessions', () => {
  test('knows fresh, repeated, skipped and forgotten commands', () => {
    const table = new SessionTable();
    table.open(5, 0);
    expect(table.check(5, 1, 1)).toBe('fresh');
    table.store(5, 1, bytes(3));
    expect(table.check(5, 1, 2)).toBe('duplicate');
    expect(table.result(5, 1)).toEqual(bytes(3));
    expect(table.check(5, 3, 2)).toBe('ahead');
    table.trim(5, 2);
    expect(table.check(5, 1, 3)).toBe('stale');
    expect(table.check(6, 1, 3)).toBe('expired');
  });

  test('drops sessions that were idle in cluster time, and the longest idle ones above the cap', () => {
    const table = new SessionTable();
    table.open(1, 0);
    table.open(2, 10);
    expect(table.check(1, 1, 20)).toBe('fresh');
    table.open(3, sessionBounds.idleMs + 15);
    expect(table.check(2, 1, sessionBounds.idleMs + 15)).toBe('expired');
    expect(table.check(1, 1, sessionBounds.idleMs + 15)).toBe('fresh');
    for (let i = 10; i < 10 + sessionBounds.sessions; i++) table.open(i, sessionBounds.idleMs + 15);
    expect(table.size).toBe(sessionBounds.sessions);
    expect(table.check(1, 1, sessionBounds.idleMs + 15)).toBe('expired');
  });

  test('lists sessions by their last use, however often the same one is used in a row', () => {
    const result = check(
      property(array(integer({ min: 1, max: 4 })), (uses) => {
        const table = new SessionTable();
        for (let id = 1; id <= 4; id++) table.open(id, 0);
        let order = [1, 2, 3, 4];
        for (const id of uses) {
          table.check(id, 1, 0);
          order = [...order.filter((other) => other !== id), id];
          expect([...table.list()].map((session) => session.id)).toEqual(order);
        }
      }),
    );
    expect(result.errorInstance).toBeNull();
  });

  test('keeps no more bytes of results than it may, per session and together', () => {
    const table = new SessionTable();
    table.open(1, 0);
    for (let i = 1; i <= 5; i++) table.store(1, i, bytes(300_000));
    expect(table.check(1, 1, 0)).toBe('stale');
    expect(table.check(1, 5, 0)).toBe('duplicate');
    for (let id = 2; id < 40; id++) {
      table.open(id, 0);
      table.store(id, 1, bytes(900_000));
    }
    let kept = 0;
    for (const session of table.list()) kept += session.bytes;
    expect(kept).toBeLessThanOrEqual(sessionBounds.totalBytes);
    expect(table.check(39, 1, 0)).toBe('duplicate');
  });

  test('is the same after a snapshot, whatever happened and however the bytes arrive', () => {
    const steps = array(
      record({ id: integer({ min: 1, max: 4 }), size: integer({ min: 0, max: 30 }), cut: integer({ min: 1, max: 50 }) }),
    );
    const result = check(
      property(steps, (script) => {
        const table = new SessionTable();
        for (let id = 1; id <= 4; id++) table.open(id, id);
        const last = new Map<number, number>();
        script.forEach(({ id, size }, n) => {
          const sequence = (last.get(id) ?? 0) + 1;
          expect(table.check(id, sequence, 100 + n)).toBe('fresh');
          table.trim(id, sequence - 2);
          table.store(id, sequence, bytes(size));
          last.set(id, sequence);
        });
        const tenure = script.length % 2 === 0 ? 0 : 2 ** 40;
        const section = encodeReplicaState({ ordinal: 9, clusterMs: 8, wallMs: 7, tenure, sessions: table.list() });
        // Without a tenure it is what programs before tenures wrote and read.
        expect(section[4]).toBe(tenure === 0 ? 1 : 2);
        const body = bytes(40);
        const whole = Buffer.concat([section, body]);
        const trailer = Buffer.alloc(4);
        trailer.writeUInt32LE(crc32(whole, 0));
        const all = new Uint8Array(Buffer.concat([whole, trailer]));
        const received: Uint8Array[] = [];
        const decoder = new SnapshotDecoder(crc32, (chunk) => received.push(chunk.slice()));
        const step = script[0]?.cut ?? 13;
        for (let at = 0; at < all.length; at += step) expect(decoder.write(all.subarray(at, at + step))).toBe(true);
        expect(decoder.finish()).toBe(true);
        expect(Buffer.concat(received)).toEqual(Buffer.from(body));
        expect(decoder.state).toMatchObject({ ordinal: 9, clusterMs: 8, wallMs: 7, tenure });
        const copy = new SessionTable();
        copy.replace(decoder.state?.sessions ?? []);
        expect([...copy.list()]).toEqual([...table.list()]);
        const damaged = all.slice();
        damaged[all.length - 10] = 1;
        const other = new SnapshotDecoder(crc32, () => {});
        other.write(damaged);
        expect(other.finish()).toBe(false);
      }),
      { numRuns: 50 },
    );
    expect(result.failed).toBe(false);
  });
});
