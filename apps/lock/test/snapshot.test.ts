import { describe, expect, test } from 'vitest';
import { lockRecordCodec } from '@quorate/codec-protobuf/lock';
import { lockCommands, lockQueries, lockStateMachine } from '../src/machine/index.ts';
import { LockDriver, woken } from './fixtures/lock-driver.ts';

function busy(): LockDriver {
  const driver = new LockDriver();
  const sessions = Array.from({ length: 40 }, () => driver.open());
  for (const [i, session] of sessions.entries()) {
    driver.hold(session, `own ${i}`, { delayMs: i });
    driver.acquire(session, `queue ${i % 3}`);
    driver.acquire(session, `s ${i % 2}`, { mode: 'permit', permits: 4 });
    if (i % 5 === 0) driver.expire(session);
  }
  return driver;
}

function readAll(driver: LockDriver, between: (place: number) => void): Uint8Array {
  const reader = driver.machine.snapshot();
  const chunks: Uint8Array[] = [];
  for (let chunk = reader.next(60); chunk !== undefined; chunk = reader.next(60)) {
    chunks.push(chunk);
    between(chunks.length);
  }
  reader.close();
  return new Uint8Array(Buffer.concat(chunks));
}

describe('a snapshot', () => {
  test('is of one moment, whatever happens to what was read and what was not', () => {
    const driver = busy();
    const before = driver.snapshot();
    const read = readAll(driver, (place) => {
      if (place % 5 === 1) driver.run(lockCommands.closeSession(1 + (place % 40)));
      else if (place % 5 === 2) driver.hold(driver.open(), `new ${place}`);
      else driver.run(lockCommands.forceRelease({ lock: `queue ${place % 3}`, by: 'test', reason: '' }));
    });
    expect(read).toEqual(before);
    expect(driver.snapshot()).not.toEqual(before);
  });

  test('keeps the order of the queue', () => {
    const driver = new LockDriver();
    const sessions = Array.from({ length: 9 }, () => driver.open());
    for (const session of sessions) driver.acquire(session, 'x');
    const copy = driver.restored();
    const order = sessions.flatMap((session) => woken(copy.run(lockCommands.closeSession(session)).events));
    expect(order).toEqual(sessions.slice(1));
  });

  test('holds one lock with very many requests', () => {
    const driver = new LockDriver();
    for (let i = 0; i < 1_100; i++) {
      const session = driver.open();
      for (let share = 0; share < 60; share++) driver.acquire(session, 'x', { mode: 'shared' });
    }
    const copy = driver.restored();
    expect(copy.query(lockQueries.totals())).toMatchObject({ claims: 66_000 });
    expect(copy.machine.stateHash()).toBe(driver.machine.stateHash());
    expect(copy.query(lockQueries.lock('x', 3))).toMatchObject({ holders: [{}, {}, {}], holding: 1_100 });
  });

  test('has the same hash on members that applied the same, and another one after a change', () => {
    const [one, two] = [busy(), busy()];
    expect(one.machine.stateHash()).toBe(two.machine.stateHash());
    expect(one.restored().machine.stateHash()).toBe(one.machine.stateHash());
    one.run(lockCommands.keepAlive([2]));
    expect(one.machine.stateHash()).not.toBe(two.machine.stateHash());
  });

  test('of a later version, or one that contradicts itself, is refused', () => {
    const frames = (...records: Uint8Array[]): Uint8Array =>
      new Uint8Array(
        Buffer.concat(records.flatMap((record) => [Buffer.from(Uint32Array.of(record.length).buffer), Buffer.from(record)])),
      );
    const head = lockRecordCodec.encode({ kind: 'head', version: 1, token: 9 });
    const end = (records: number): Uint8Array => lockRecordCodec.encode({ kind: 'end', records });
    const session = lockRecordCodec.encode({
      kind: 'session',
      id: 1,
      ttlMs: 1_000,
      renewal: 1,
      name: '',
      metadata: new Uint8Array(0),
    });
    const hold = (token: number, mode: number): object => ({
      session: 1,
      token,
      shares: [{ request: 1, token, mode }],
      dead: false,
      delayMs: 0,
      sinceMs: 0,
      metadata: new Uint8Array(0),
    });
    const lock = (...holds: object[]): Uint8Array =>
      lockRecordCodec.encode({ kind: 'name', name: 'x', use: 0, permits: 0, holds: holds as never, waits: [] });
    const restore = (bytes: Uint8Array): void => {
      const sink = lockStateMachine().restore();
      sink.write(bytes);
      sink.finish();
    };
    expect(() => restore(frames(head, session, lock(hold(3, 0)), end(2)))).not.toThrow();
    for (const bad of [
      frames(lockRecordCodec.encode({ kind: 'head', version: 2, token: 9 }), end(0)),
      frames(head, session, session, end(2)),
      frames(head, lock(hold(3, 0)), end(1)),
      frames(head, session, lock(hold(10, 0)), end(2)),
      frames(head, session, lock(hold(3, 0), hold(4, 0)), end(2)),
      frames(head, session, lock(), end(2)),
      frames(head, session, end(2)),
      frames(session, end(1)),
    ])
      expect(() => restore(bad)).toThrow('E_SNAPSHOT_MALFORMED');
  });
});
