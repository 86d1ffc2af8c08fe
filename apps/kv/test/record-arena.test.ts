import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyHistory } from '../src/store/key-history.ts';
import { RecordArena } from '../src/store/record-arena.ts';
import { Version } from '../src/store/version.ts';

const owner = new KeyHistory(Uint8Array.of(0x6b));

function write(arena: RecordArena, modRevision: number, bytes: number): Version {
  const value = new Uint8Array(bytes).fill(modRevision & 255);
  return new Version(arena, owner, { modRevision, sub: 0, createRevision: 1, version: 1 }, value);
}

function expectIntact(version: Version, bytes: number): void {
  expect(version.value.length).toBe(bytes);
  expect(version.value.some((byte) => byte !== (version.modRevision & 255))).toBe(false);
}

/** Memory of all chunks in which a kept version lies. */
function heldBytes(versions: readonly Version[]): number {
  return [...new Set(versions.map(({ chunk }) => chunk))].reduce((sum, { bytes }) => sum + bytes.length, 0);
}

test('records keep their bytes whatever is dropped around them and wherever they are moved', () => {
  const size = fc.oneof(fc.nat(200), fc.nat(3000), fc.constantFrom(0, 16_000, 20_000));
  const step = fc.record({ size, drops: fc.array(fc.nat(), { maxLength: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const arena = new RecordArena();
      const kept: { version: Version; bytes: number }[] = [];
      const gone: typeof kept = [];
      for (const [i, { size: bytes, drops }] of steps.entries()) {
        kept.push({ version: write(arena, i + 2, bytes), bytes });
        for (const drop of drops) {
          const [dropped] = kept.splice(drop % Math.max(kept.length, 1), 1);
          if (dropped === undefined) continue;
          arena.drop(dropped.version);
          gone.push(dropped);
        }
        arena.tidy();
      }
      for (const { version, bytes } of [...kept, ...gone]) expectIntact(version, bytes);
    }),
  );
});

test('what is left of many records takes at most about twice its bytes', () => {
  const arena = new RecordArena();
  const all = Array.from({ length: 5000 }, (_, i) => write(arena, i + 2, 500));
  const full = heldBytes(all);
  const kept = all.filter((version, i) => {
    if (i % 10 === 0) return true;
    arena.drop(version);
    arena.tidy();
    return false;
  });
  for (const version of kept) expectIntact(version, 500);
  const live = kept.reduce((sum, { recordBytes }) => sum + recordBytes, 0);
  expect(full).toBeGreaterThan(live * 9);
  expect(heldBytes(kept)).toBeLessThan(live * 2.2 + 2 * 65_536);
});

test('one call tidies one chunk', () => {
  const arena = new RecordArena();
  const all = Array.from({ length: 2000 }, (_, i) => write(arena, i + 2, 500));
  const before = new Map(all.map((version) => [version, version.chunk]));
  const kept = all.filter((_, i) => i % 10 === 0);
  for (const version of all) if (!kept.includes(version)) arena.drop(version);
  arena.tidy();
  const moved = kept.filter((version) => version.chunk !== before.get(version));
  expect(moved.length).toBeGreaterThan(0);
  expect(new Set(moved.map((version) => before.get(version))).size).toBe(1);
});

test('what is all holes, and a large record, waits for nobody to tidy it', () => {
  const arena = new RecordArena();
  const many = Array.from({ length: 500 }, (_, i) => write(arena, i + 2, 500));
  const large = Array.from({ length: 50 }, (_, i) => write(arena, i + 600, 100_000));
  for (const version of [...large, ...many]) arena.drop(version);
  arena.tidy();
  expect(arena.sparseChunks).toBe(0);
});

test('a small store takes little, and a large record closes nothing', () => {
  const arena = new RecordArena();
  const small = write(arena, 2, 10);
  expect(small.chunk.bytes.length).toBe(4096);
  const large = write(arena, 3, 100_000);
  expect(large.chunk).not.toBe(small.chunk);
  expect(write(arena, 4, 10).chunk).toBe(small.chunk);
});
