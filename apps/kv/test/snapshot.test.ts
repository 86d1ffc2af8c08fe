import * as fc from 'fast-check';
import { StatusResponse } from '@quorate/codec-protobuf/etcd';
import { describe, expect, test } from 'vitest';
import { kvStateMachine, memberAttributesCommand, Method, replyHeadBytes, replyStatus, Status } from '../src/store/index.ts';
import type { KvStateMachine } from '../src/store/index.ts';
import { StoreDriver } from './fixtures/store-driver.ts';

function fill(store: StoreDriver, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    store.put({ key: `k${(i * 37) % 1000}`, value: `v${i}`, prevKv: false, ignoreValue: false });
    if (i % 5 === 0) store.remove({ key: `k${(i * 11) % 1000}`, rangeEnd: '', prevKv: false });
  }
}

function restored(chunks: readonly Uint8Array[]): KvStateMachine {
  const machine = kvStateMachine();
  const sink = machine.restore();
  for (const chunk of chunks) sink.write(chunk);
  sink.finish();
  return machine;
}

function sizeOf(store: StoreDriver): number {
  const reply = store.machine.query(Uint8Array.of(Method.sizeQuery));
  return StatusResponse.decode(reply.subarray(replyHeadBytes))?.dbSize ?? -1;
}

function drain(machine: KvStateMachine): Uint8Array[] {
  const reader = machine.snapshot();
  const chunks: Uint8Array[] = [];
  for (let chunk = reader.next(100); chunk !== undefined; chunk = reader.next(100)) chunks.push(chunk.slice());
  reader.close();
  return chunks;
}

describe('a snapshot', () => {
  test('is of the moment it was begun, while writes, deletions and compactions go on', () => {
    const store = new StoreDriver();
    fill(store, 0, 1500);
    store.compact(500);
    const hash = store.machine.stateHash();
    const reader = store.machine.snapshot();
    const chunks: Uint8Array[] = [];
    for (let i = 1500; ; i++) {
      const chunk = reader.next(500);
      if (chunk === undefined) break;
      expect(chunk.length).toBeLessThanOrEqual(500);
      chunks.push(chunk.slice());
      fill(store, i, i + 1);
      if (i === 1600) store.compact(1700);
    }
    reader.close();
    expect(restored(chunks).stateHash()).toBe(hash);
    expect(store.machine.stateHash()).not.toBe(hash);
  });

  test('lets compaction go on once it is closed, also before its end', () => {
    const store = new StoreDriver();
    fill(store, 0, 3000);
    const reader = store.machine.snapshot();
    reader.next(10);
    store.compact(3000);
    fill(store, 3000, 3100);
    const held = sizeOf(store);
    reader.close();
    reader.close();
    expect(reader.next(10)).toBeUndefined();
    fill(store, 3100, 3300);
    expect(sizeOf(store)).toBeLessThan(held);
  });

  test('holds what a later compaction has to look at: a restored member frees what the others free', () => {
    const sizes = [false, true].map((isRestored) => {
      const store = new StoreDriver();
      fill(store, 0, 3000);
      if (isRestored) store.restart(1000);
      const full = sizeOf(store);
      store.compact(3000);
      fill(store, 3000, 3100);
      expect(sizeOf(store)).toBeLessThan(full);
      return sizeOf(store);
    });
    expect(sizes[1]).toBe(sizes[0]);
  });

  test('holds what members published', () => {
    const store = new StoreDriver();
    store.apply(Method.memberAttributes, memberAttributesCommand(7, { name: 'n7', clientUrls: ['http://a:1'] }).subarray(1));
    const copy = restored(drain(store.machine));
    const ask = Uint8Array.of(Method.membersQuery);
    expect(copy.query(ask)).toEqual(store.machine.query(ask));
    expect(copy.query(ask).length).toBeGreaterThan(9);
  });

  test('that is cut off, changed or not one at all is refused, and the state stays', () => {
    const store = new StoreDriver();
    fill(store, 0, 50);
    const bytes = Uint8Array.from(drain(store.machine).flatMap((chunk) => Array.from(chunk)));
    expect(() => restored([])).toThrow(/^E_SNAPSHOT_MALFORMED/);
    expect(() => restored([bytes.subarray(0, -1)])).toThrow(/^E_SNAPSHOT_MALFORMED/);
    expect(() => restored([bytes, Uint8Array.of(0)])).toThrow(/^E_SNAPSHOT_MALFORMED/);
    expect(() => restored([Uint8Array.of(1, 2, 3, 4, 5)])).toThrow(/^E_SNAPSHOT_MALFORMED/);
    const hash = store.machine.stateHash();
    const sink = store.machine.restore();
    sink.write(bytes.subarray(0, 20));
    expect(() => sink.finish()).toThrow(/^E_SNAPSHOT_MALFORMED/);
    expect(store.machine.stateHash()).toBe(hash);
  });
});

test('no bytes make a command or a query throw, and what is refused changes nothing', () => {
  const store = new StoreDriver();
  fill(store, 0, 20);
  let hash = store.machine.stateHash();
  const methods = fc.constantFrom(...Object.values(Method), 0, 99);
  fc.assert(
    fc.property(methods, fc.uint8Array({ maxLength: 40 }), (method, bytes) => {
      expect(store.machine.query(Uint8Array.from([method, ...bytes])).length).toBeGreaterThanOrEqual(replyHeadBytes);
      expect(store.machine.stateHash()).toBe(hash);
      const accepted = replyStatus(store.apply(method as Method, bytes)) === Status.ok;
      const after = store.machine.stateHash();
      expect(accepted || after === hash).toBe(true);
      hash = after;
    }),
    { numRuns: 1500 },
  );
});
