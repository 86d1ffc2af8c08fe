import { expect, test } from 'vitest';
import { StatusResponse } from '@quorate/codec-protobuf/etcd';
import { Method, replyHeadBytes } from '../src/store/index.ts';
import { MvccStore } from '../src/store/mvcc-store.ts';
import { StoreDriver } from './fixtures/store-driver.ts';

function sizeOf(store: StoreDriver): number {
  const reply = store.machine.query(Uint8Array.of(Method.sizeQuery));
  return StatusResponse.decode(reply.subarray(replyHeadBytes))?.dbSize ?? -1;
}

const whole = {
  rangeEnd: '',
  limit: 0,
  sortOrder: 0,
  sortTarget: 0,
  keysOnly: false,
  countOnly: false,
  minMod: 0,
  maxMod: 0,
  minCreate: 0,
  maxCreate: 0,
};

function put(store: StoreDriver, key: string): void {
  store.put({ key, value: 'x'.repeat(100), prevKv: false, ignoreValue: false });
}

test('a compaction is carried out by the commands after it, a little by each', () => {
  const store = new StoreDriver();
  for (let i = 0; i < 4000; i++) put(store, `k${i % 2000}`);
  const full = sizeOf(store);
  store.compact(4001);
  expect(sizeOf(store)).toBe(full);
  put(store, 'other');
  const afterOne = sizeOf(store);
  expect(afterOne).toBeLessThan(full);
  expect(afterOne).toBeGreaterThan(full * 0.9);
  for (let i = 0; i < 70; i++) put(store, 'other');
  expect(sizeOf(store)).toBeLessThan(full * 0.6);
});

test('a deleted key leaves nothing behind once it is compacted', () => {
  const store = new StoreDriver();
  put(store, 'a');
  store.remove({ key: 'a', rangeEnd: '', prevKv: false });
  store.compact(3);
  store.remove({ key: 'nothing', rangeEnd: '', prevKv: false });
  expect(sizeOf(store)).toBe(0);
  put(store, 'a');
  const before = store.events.at(-1)?.previous();
  expect(before).toBeUndefined();
  expect(store.events.at(-1)).toMatchObject({ type: 'put', createRevision: 4, modRevision: 4, version: 1 });
});

test('what is current at the revision of a compaction stays readable there, and what it replaced is gone', () => {
  const store = new StoreDriver();
  put(store, 'a');
  put(store, 'a');
  put(store, 'a');
  store.compact(3);
  put(store, 'b');
  const read = (revision: number): ReturnType<StoreDriver['range']> => store.range({ ...whole, key: 'a', revision });
  expect(read(2)).toHaveProperty('error');
  expect(read(3)).toMatchObject({ count: 1, kvs: [{ version: 2 }] });
  expect(read(0)).toMatchObject({ count: 1, kvs: [{ version: 3 }] });
});

test('an event knows what it replaced', () => {
  const store = new StoreDriver();
  put(store, 'a');
  put(store, 'a');
  store.remove({ key: 'a', rangeEnd: '', prevKv: false });
  const [created, changed, deleted] = store.events;
  expect(created?.previous()).toBeUndefined();
  expect(changed?.previous()).toBe(created);
  expect(deleted?.previous()).toBe(changed);
  expect(deleted).toMatchObject({ type: 'delete', modRevision: 4, version: 0, sub: 0 });
});

test('a compaction waits where more chunks are sparse than one command tidies, and ends all the same', () => {
  const store = new MvccStore();
  const value = new Uint8Array(3000);
  const change = (key: number): void => {
    store.begin();
    store.put(Uint8Array.of(key >>> 8, key & 255), value);
    store.commit();
  };
  // Every third put is of a key of its own; the others are of 500 keys, in turn: 8 versions of each, in as many chunks.
  for (let i = 0; i < 6000; i++) change(i % 3 === 0 ? i : 10_000 + (i % 500));
  const full = store.bytes;
  store.compact(6001);
  for (let i = 0; i < 400; i++) {
    change(0);
    expect(store.arena.sparseChunks).toBeLessThanOrEqual(8);
  }
  expect(store.bytes).toBeLessThan(full * 0.6);
});
