import { array, assert, constant, integer, nat, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeText } from '@quorate/interface';
import { soundDisk } from '../src/index.ts';
import type { SimMediumOptions } from '../src/index.ts';
import { calls, file, fill, good, machine, text } from './fixtures/machine.ts';

describe('a power loss', () => {
  const contentAfter = (seed: number, options: Partial<SimMediumOptions> = {}): Uint8Array => {
    const on = machine(seed, { sectorBytes: 512, ...options });
    const disk = on.boot();
    const handle = file(on, disk, 'a', fill(1, 2_048));
    const { write } = calls(on, disk);
    good(write(handle, 0, fill(2, 2_048)));
    good(write(handle, 512, fill(3, 512)));
    on.boot('power');
    return on.medium.content('a') ?? new Uint8Array(0);
  };
  const sectorsAfter = (seed: number): string => {
    const content = contentAfter(seed);
    return [0, 512, 1_024, 1_536]
      .map((from) => new Set(content.subarray(from, from + 512)))
      .map((set) => [...set].join('+'))
      .join(' ');
  };

  it('keeps of each unsynced sector the first of its versions, whole; every combination happens', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 400; seed++) seen.add(sectorsAfter(seed));
    for (const state of seen) expect(state).toMatch(/^[12] [123] [12] [12]$/u);
    expect(seen.size).toBe(24);
  });

  it('is the same for the same seed, whatever other files do', () => {
    for (let seed = 1; seed <= 20; seed++) expect(sectorsAfter(seed)).toBe(sectorsAfter(seed));
  });

  it('tears sectors where it is told to: the first part new, the rest old', () => {
    let torn = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const faults = soundDisk();
      faults.tornSectors = 0.5;
      const content = contentAfter(seed, { faults });
      for (let from = 0; from < 2_048; from += 512) {
        const values = [...content.subarray(from, from + 512)];
        const cut = values.findIndex((value) => value !== values[0]);
        if (cut < 0) continue;
        torn++;
        expect(new Set(values.slice(cut)).size).toBe(1);
        expect(values[0]).toBeGreaterThan(values[511] ?? 9);
      }
    }
    expect(torn).toBeGreaterThan(20);
  });

  it('never keeps the tail of what is not whole, where the tail is to be spared', () => {
    let whole = 0;
    let spared = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const on = machine(seed, { sectorBytes: 512, sparesTail: (path) => path === 'log' });
      const disk = on.boot();
      const handle = file(on, disk, 'log', new Uint8Array(8_192));
      const { write } = calls(on, disk);
      // Zeros behind the last byte that counts, as a journal pads its batches.
      const batch = new Uint8Array(4_096).fill(5, 0, 2_000);
      good(write(handle, 100, batch.subarray(0, 700)));
      good(write(handle, 800, batch.subarray(700)));
      on.boot('power');
      spared += on.medium.report().counts.tailSpared;
      const content = on.medium.content('log') ?? new Uint8Array(0);
      if (content[2_099] !== 5) continue;
      whole++;
      expect(Buffer.compare(content.subarray(100, 100 + 4_096), batch)).toBe(0);
    }
    expect(whole).toBeGreaterThan(20);
    expect(spared).toBeGreaterThan(20);
    expect(machine().medium.report().sparesTail).toBe(false);
    expect(machine(1, { sparesTail: () => false }).medium.report().sparesTail).toBe(true);
  });

  it('keeps or loses the new size of a file; bytes that did not arrive are zero', () => {
    const sizes = new Set<number>();
    for (let seed = 1; seed <= 100; seed++) {
      const on = machine(seed, { sectorBytes: 512 });
      const disk = on.boot();
      const handle = file(on, disk, 'a', fill(1, 100));
      good(calls(on, disk).write(handle, 100, fill(2, 1_400)));
      on.boot('power');
      const content = on.medium.content('a') ?? new Uint8Array(0);
      sizes.add(content.length);
      expect(content.subarray(0, 100)).toEqual(fill(1, 100));
      expect(content.subarray(100).every((value) => value === 0 || value === 2)).toBe(true);
    }
    expect(sizes).toEqual(new Set([100, 512, 1_024, 1_500]));
  });

  it('keeps or loses a truncation', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 100; seed++) {
      const on = machine(seed, { sectorBytes: 512 });
      const disk = on.boot();
      const handle = file(on, disk, 'a', fill(1, 1_024));
      calls(on, disk).truncate(handle, 10);
      const next = calls(on, on.boot('power'));
      const content = on.medium.content('a') ?? new Uint8Array(0);
      seen.add(`${content.length} ${content[9]} ${content[600] ?? '-'}`);
      // What is cut off never comes back by growth.
      const reopened = good(next.open('a'));
      good(next.write(reopened, 1_500, fill(1, 1)));
      if (content.length === 10) expect(good(next.read(reopened, 10, 1_490))).toEqual(new Uint8Array(1_490));
    }
    expect(seen).toEqual(new Set(['10 1 -', '1024 1 1', '1024 1 0']));
  });

  it('leaves nothing behind the end of a file: what grows over it finds zeros', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const on = machine(seed, { sectorBytes: 512 });
      const disk = on.boot();
      const handle = file(on, disk, 'a', fill(1, 100));
      const { write, truncate } = calls(on, disk);
      good(write(handle, 0, fill(2, 1_500)));
      truncate(handle, 200);
      const next = calls(on, on.boot('power'));
      const size = on.medium.content('a')?.length ?? 0;
      const reopened = good(next.open('a'));
      good(next.write(reopened, 3_000, fill(3, 1)));
      expect(good(next.read(reopened, size, 3_000 - size)).every((value) => value === 0)).toBe(true);
    }
  });

  it('may take what was written while a sync was under way, and never what was written before it', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const on = machine(seed, { sectorBytes: 512 });
      const disk = on.boot();
      const handle = file(on, disk, 'a', fill(1, 1_024));
      const { write } = calls(on, disk);
      good(write(handle, 0, fill(2, 1_024)));
      on.medium.faults.sync.ms = 100;
      let synced = 0;
      disk.sync(handle, () => synced++);
      disk.write(handle, 512, [fill(3, 512)], () => undefined);
      on.scheduler.runUntil(on.scheduler.nowMs + 200);
      expect(synced).toBe(1);
      on.boot('power');
      const content = on.medium.content('a') ?? new Uint8Array(0);
      seen.add(`${content[0]} ${content[512]}`);
    }
    expect(seen).toEqual(new Set(['2 2', '2 3']));
  });

  it('makes names durable only by a sync of their directory; a rename is whole or not at all', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 200; seed++) {
      const on = machine(seed);
      const disk = on.boot();
      file(on, disk, 'a', encodeText('old'));
      const { open, write, sync, rename } = calls(on, disk);
      const handle = good(open('a.tmp', 'create'));
      good(write(handle, 0, encodeText('new')));
      sync(handle);
      rename('a.tmp', 'a');
      on.boot('power');
      seen.add(`${on.medium.paths().join(',')}: ${text(on.medium.content('a'))}`);
    }
    expect(seen).toEqual(new Set(['a: old', 'a,a.tmp: old', 'a: new']));
  });

  it('keeps removals, new directories and what lies in them only if they were synced', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 200; seed++) {
      const on = machine(seed);
      const disk = on.boot();
      file(on, disk, 'a', encodeText('a'));
      const { makeDirectory, open, sync, syncDirectory, remove } = calls(on, disk);
      makeDirectory('d');
      sync(good(open('d/b', 'create')));
      syncDirectory('d');
      remove('a');
      on.boot('power');
      seen.add(on.medium.paths().join(','));
    }
    expect(seen).toEqual(new Set(['a', '', 'a,d/b', 'd/b']));
  });

  it('never takes what was synced (any writes, truncations and syncs)', () => {
    const step = oneof(
      record({ kind: constant('write' as const), at: nat(5_000), count: integer({ min: 1, max: 3_000 }) }),
      record({ kind: constant('truncate' as const), at: nat(5_000), count: constant(0) }),
      record({ kind: constant('sync' as const), at: constant(0), count: constant(0) }),
    );
    assert(
      property(integer({ min: 1, max: 1_000_000 }), array(step, { maxLength: 12 }), (seed, steps) => {
        const on = machine(seed);
        const disk = on.boot();
        const { write, truncate, sync } = calls(on, disk);
        const handle = file(on, disk, 'a', new Uint8Array(0));
        let model = new Uint8Array(0);
        let synced = model;
        let touched: { from: number; to: number }[] = [];
        for (const [place, { kind, at, count }] of steps.entries()) {
          const before = model;
          if (kind === 'write') {
            good(write(handle, at, fill(place + 1, count)));
            model = new Uint8Array(Math.max(before.length, at + count));
            model.set(before);
            model.fill(place + 1, at, at + count);
            touched.push({ from: at, to: at + count });
          } else if (kind === 'truncate') {
            expect(truncate(handle, at)).toBeUndefined();
            model = new Uint8Array(at);
            model.set(before.subarray(0, at));
            touched.push({ from: Math.min(at, before.length), to: Number.POSITIVE_INFINITY });
          } else {
            expect(sync(handle)).toBeUndefined();
            synced = model;
            touched = [];
          }
        }
        expect(Buffer.compare(on.medium.content('a') ?? Buffer.of(1), model)).toBe(0);
        on.boot('power');
        const found = on.medium.content('a') ?? new Uint8Array(0);
        if (touched.length === 0) expect(Buffer.compare(found, synced)).toBe(0);
        const untouched = synced.map((value, i) =>
          touched.some(({ from, to }) => i >= from && i < to) ? (found[i] ?? 0) : value,
        );
        expect(Buffer.compare(found.subarray(0, untouched.length), untouched.subarray(0, found.length))).toBe(0);
        if (touched.every(({ to }) => Number.isFinite(to))) expect(found.length).toBeGreaterThanOrEqual(synced.length);
      }),
    );
  });
});
