import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyTree } from '../src/store/key-tree.ts';
import { RecordArena } from '../src/store/record-arena.ts';
import { Version } from '../src/store/version.ts';

const arena = new RecordArena();

function keyOf(number: number): Uint8Array {
  return Uint8Array.of(number >>> 16, (number >>> 8) & 255, number & 255);
}

function numberOf(key: Uint8Array): number {
  return ((key[0] ?? 0) << 16) | ((key[1] ?? 0) << 8) | (key[2] ?? 0);
}

function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a key is missing');
  return value;
}

function scan(tree: KeyTree, start: number, end: number | undefined, limit = Infinity): number[] {
  const seen: number[] = [];
  tree.scan(keyOf(start), end === undefined ? undefined : keyOf(end), (history) => {
    seen.push(numberOf(history.key));
    return seen.length < limit;
  });
  return seen;
}

// Every third key has only a past: it is in the tree, but does not exist.
function insert(tree: KeyTree, number: number): void {
  const key = keyOf(number);
  const history = tree.findOrInsert(key);
  if (history.length > 0 || number % 3 === 0) return;
  history.append(new Version(arena, history, { modRevision: 2, sub: 0, createRevision: 2, version: 1 }, key));
  tree.adjustLive(key, 1);
}

function remove(tree: KeyTree, number: number): void {
  const history = tree.find(keyOf(number));
  if (history === undefined) return;
  if (history.current() !== undefined) {
    history.append(new Version(arena, history, { modRevision: 3, sub: 0, createRevision: 0, version: 0 }, history.key));
    tree.adjustLive(history.key, -1);
  }
  tree.remove(history);
}

// Rounds of inserts and removals by the thousand, so that nodes split and empty on several levels.
const round = fc.record({
  first: fc.integer({ min: 0, max: 6000 }),
  count: fc.integer({ min: 1, max: 6000 }),
  step: fc.constantFrom(1, 7, 4999, -1),
  removes: fc.boolean(),
});

function* numbers({ first, count, step }: { first: number; count: number; step: number }): Generator<number> {
  for (let i = 0; i < count; i++) yield (((first + i * step) % 12_000) + 12_000) % 12_000;
}

describe('the tree of keys', () => {
  test('finds keys of any length, with much or nothing in common', () => {
    const part = fc.constantFrom('', 'k', 'kk', 'kkkkkkkkkkkkkkkkkkkkkkkk', 'a', 'z', '\0', '\u{7f}');
    const anyKey = fc
      .tuple(part, part, fc.uint8Array({ maxLength: 3 }))
      .map(([a, b, end]) => Buffer.concat([Buffer.from(a + b), end]));
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 400, size: 'max' }), anyKey, anyKey, (keys, start, end) => {
        const tree = new KeyTree();
        for (const key of keys) tree.findOrInsert(key);
        const sorted = [...new Set(keys.map((key) => key.toString('hex')))]
          .map((hex) => Buffer.from(hex, 'hex'))
          .sort(Buffer.compare);
        const seen: string[] = [];
        tree.scan(start, end, ({ key }) => seen.push(Buffer.from(key).toString('hex')) > 0);
        const within = sorted.filter((key) => Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0);
        expect(seen).toEqual(within.map((key) => key.toString('hex')));
        for (const key of sorted) tree.remove(there(tree.find(key)));
        expect(tree.size).toBe(0);
      }),
    );
  });

  test('holds what a sorted set holds, in its order', () => {
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 12_000 }), (rounds, pivot) => {
        const tree = new KeyTree();
        const set = new Set<number>();
        for (const each of rounds) {
          for (const number of numbers(each)) {
            if (each.removes) {
              remove(tree, number);
              set.delete(number);
            } else {
              insert(tree, number);
              set.add(number);
            }
          }
          const sorted = Array.from(set).sort((a, b) => a - b);
          expect(tree.size).toBe(set.size);
          expect(scan(tree, 0, undefined)).toEqual(sorted);
          expect(scan(tree, pivot, pivot + 100)).toEqual(sorted.filter((number) => number >= pivot && number < pivot + 100));
          expect(scan(tree, pivot, undefined, 5)).toEqual(sorted.filter((number) => number >= pivot).slice(0, 5));
          const live = sorted.filter((number) => number % 3 !== 0);
          expect(tree.countLive(keyOf(0), undefined)).toBe(live.length);
          expect(tree.countLive(keyOf(pivot), keyOf(pivot + 500))).toBe(
            live.filter((number) => number >= pivot && number < pivot + 500).length,
          );
          expect(tree.countLive(keyOf(pivot), keyOf(0))).toBe(0);
          expect(tree.find(keyOf(pivot)) !== undefined).toBe(set.has(pivot));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('is empty again after everything was removed, and can be filled again', () => {
    const tree = new KeyTree();
    for (let i = 0; i < 10_000; i++) insert(tree, i);
    for (let i = 0; i < 10_000; i++) remove(tree, (i * 4999) % 10_000);
    expect(tree.size).toBe(0);
    expect(scan(tree, 0, undefined)).toEqual([]);
    insert(tree, 5);
    expect(scan(tree, 0, undefined)).toEqual([5]);
  });
});
