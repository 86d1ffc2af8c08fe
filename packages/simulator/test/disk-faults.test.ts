import { describe, expect, it } from 'vitest';
import { encodeText } from '@quorate/interface';
import { calls, file, fill, good, machine, text } from './fixtures/machine.ts';

describe('faults of writes and syncs', () => {
  it('writes short without an error', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', new Uint8Array(0));
    const { write } = calls(on, disk);
    on.medium.faults.shortWrites = 0.5;
    const counts = Array.from({ length: 40 }, () => good(write(handle, 0, fill(1, 1_000))));
    const short = counts.filter((count) => count < 1_000);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(short.length).toBeGreaterThan(8);
    expect(short.length).toBeLessThan(32);
    expect(on.medium.report().counts.shortWrite).toBe(short.length);
  });

  it('fills up: a short write, then an error; overwriting costs nothing; removed files give their space back', () => {
    const on = machine();
    const disk = on.boot();
    file(on, disk, 'old', fill(1, 500));
    const handle = file(on, disk, 'a', new Uint8Array(0));
    const { write, remove, open, truncate } = calls(on, disk);
    on.medium.faults.freeBytes = 100;
    expect(write(handle, 0, fill(1, 300))).toBe(100);
    expect(write(handle, 100, fill(1, 200))).toMatchObject({ code: 'E_DISK_FULL', exit: 74 });
    expect(write(handle, 0, fill(2, 100))).toBe(100);
    expect(remove('old')).toBeUndefined();
    expect(write(handle, 100, fill(1, 200))).toBe(200);
    expect(on.medium.faults.freeBytes).toBe(300);
    expect(truncate(handle, 50)).toBeUndefined();
    expect(on.medium.faults.freeBytes).toBe(550);
    expect(good(open('b', 'create'))).toBeGreaterThan(0);
    expect(on.medium.report().counts.noSpace).toBe(2);
    on.medium.faults.freeBytes = Number.POSITIVE_INFINITY;
    expect(write(handle, 0, fill(2, 9_000))).toBe(9_000);
  });

  it.each(['clean', 'reverted'] as const)(
    'fails one sync (%s): a later one says nothing about the bytes of the failed one',
    (kind) => {
      const onDisk = new Set<number | undefined>();
      for (let seed = 1; seed <= 40; seed++) {
        const on = machine(seed);
        const disk = on.boot();
        const handle = file(on, disk, 'a', fill(1, 100));
        const { write, sync, read } = calls(on, disk);
        on.medium.faults.syncFault = { kind, after: 2, path: 'a' };
        good(write(handle, 0, fill(2, 100)));
        expect(sync(handle)).toBeUndefined();
        good(write(handle, 0, fill(3, 100)));
        expect(sync(handle)).toMatchObject({ code: 'E_DISK_IO', exit: 74 });
        expect(sync(handle)).toBeUndefined();
        const cached = good(read(handle, 0, 100))[0];
        if (kind === 'clean') expect(cached).toBe(3);
        on.boot('power');
        const durable = on.medium.content('a')?.[0];
        if (kind === 'reverted') expect(durable).toBe(cached);
        onDisk.add(durable);
        expect(on.medium.report().counts.syncFailed).toBe(1);
      }
      expect(onDisk).toEqual(new Set([2, 3]));
    },
  );

  it('fails the sync of a directory, whose changes stay unsynced', () => {
    const on = machine();
    const disk = on.boot();
    const { open, syncDirectory } = calls(on, disk);
    good(open('a', 'create'));
    on.medium.faults.syncFault = { kind: 'clean', after: 1 };
    expect(syncDirectory('.')).toMatchObject({ code: 'E_DISK_IO' });
    expect(syncDirectory('.')).toBeUndefined();
    on.boot('power');
    expect(on.medium.paths()).toEqual(['a']);
  });

  it('loses one synced write, and knows that it does', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', fill(1, 5_000));
    const { write, sync, read } = calls(on, disk);
    on.medium.faults.syncFault = { kind: 'lost', after: 1 };
    expect(sync(handle)).toBeUndefined();
    good(write(handle, 0, fill(2, 10)));
    expect(sync(handle)).toBeUndefined();
    // The cache is right: nobody is told anything wrong yet.
    expect(good(read(handle, 0, 2))).toEqual(Uint8Array.of(2, 2));
    expect(on.medium.damaged('a', 0, 100)).toBe(false);
    on.medium.dropCaches();
    expect(good(read(handle, 0, 2))).toEqual(Uint8Array.of(1, 1));
    expect(on.medium.damaged('a', 0, 10)).toBe(true);
    expect(on.medium.damaged('a', 10, 5_000)).toBe(false);
    good(write(handle, 0, fill(4, 10)));
    expect(on.medium.damaged('a', 0, 10)).toBe(false);
    expect(sync(handle)).toBeUndefined();
    on.medium.dropCaches();
    expect(on.medium.damaged('a', 0, 5_000)).toBe(false);
    expect(on.medium.report().counts.syncLost).toBe(1);
  });

  it('writes to another place, and knows both', () => {
    let hits = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const on = machine(seed, { sectorBytes: 512 });
      const disk = on.boot();
      const handle = file(on, disk, 'a', fill(1, 8_192));
      const { write, sync } = calls(on, disk);
      on.medium.faults.syncFault = { kind: 'misdirected', after: 1 };
      good(write(handle, 0, fill(2, 512)));
      expect(sync(handle)).toBeUndefined();
      on.boot('power');
      const event = on.events.find(({ kind }) => kind === 'syncMisdirected');
      if (event === undefined) continue;
      hits++;
      const content = on.medium.content('a') ?? new Uint8Array(0);
      expect(content.length).toBe(8_192);
      expect(content[0]).toBe(1);
      expect(content.subarray(event.from, event.to)).toEqual(fill(2, 512));
      expect(on.medium.damaged('a', 0, 512)).toBe(true);
      expect(on.medium.damaged('a', event.from, event.to)).toBe(true);
    }
    expect(hits).toBeGreaterThan(10);
  });

  it('runs out of open files, per life', () => {
    const on = machine();
    const disk = on.boot();
    file(on, disk, 'a', new Uint8Array(0));
    const { open } = calls(on, disk);
    on.medium.faults.openFiles = 2;
    const second = good(open('a'));
    expect(open('a')).toMatchObject({ code: 'E_DISK_FILES', exit: 74 });
    disk.close(second);
    good(open('a'));
    good(calls(on, on.boot('kill')).open('a'));
    expect(on.medium.report().counts.noOpenFiles).toBe(1);
  });

  it('refuses every change of a disk that is mounted for reading', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', encodeText('kept'));
    const { open, write, read, rename, remove, truncate, lock, makeDirectory } = calls(on, disk);
    on.medium.faults.readOnly = true;
    for (const result of [
      open('b', 'create'),
      open('a', 'write'),
      write(handle, 0, encodeText('x')),
      rename('a', 'b'),
      remove('a'),
      truncate(handle, 0),
      lock('lock'),
      makeDirectory('d'),
    ])
      expect(result).toMatchObject({ code: 'E_DISK_ACCESS', exit: 74 });
    expect(text(good(read(good(open('a', 'read')), 0, 10)))).toBe('kept');
    expect(on.medium.report().counts.readOnly).toBe(8);
  });
});

describe('damage', () => {
  it('fails reads of a range, and no others', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', fill(1, 1_000));
    const other = file(on, disk, 'b', fill(1, 1_000));
    const { read } = calls(on, disk);
    on.medium.faults.unreadable.push({ path: 'a', from: 100, to: 200 });
    expect(read(handle, 0, 101)).toMatchObject({ code: 'E_DISK_IO' });
    expect(read(handle, 199, 10)).toMatchObject({ code: 'E_DISK_IO' });
    expect(good(read(handle, 0, 100)).length).toBe(100);
    expect(good(read(handle, 200, 100)).length).toBe(100);
    expect(good(read(other, 0, 1_000)).length).toBe(1_000);
    expect(on.medium.report().counts.unreadable).toBe(2);
  });

  it('flips one bit, anywhere, and knows where', () => {
    const places = new Set<number>();
    for (let seed = 1; seed <= 100; seed++) {
      const on = machine(seed);
      file(on, on.boot(), 'a', fill(1, 64));
      const rot = on.medium.rot();
      if (rot === undefined) throw new Error('nothing rotted');
      places.add(rot.offset);
      const content = on.medium.content('a') ?? new Uint8Array(0);
      const expected = fill(1, 64);
      expected[rot.offset] = 1 ^ (1 << rot.bit);
      expect(content).toEqual(expected);
      expect(on.medium.damaged('a', rot.offset, rot.offset + 1)).toBe(true);
      expect(on.medium.damaged('a', 0, rot.offset)).toBe(false);
      expect(on.medium.damaged('a', rot.offset + 1, 64)).toBe(false);
      on.boot('power');
      expect(on.medium.content('a')).toEqual(content);
    }
    expect(places.size).toBeGreaterThan(40);
  });

  it('looks for content half of the time', () => {
    let hits = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const on = machine(seed);
      file(on, on.boot(), 'a', new Uint8Array(10_000).fill(9, 4_000, 5_000));
      const { offset } = on.medium.rot('a') ?? { offset: 0 };
      if (offset >= 4_000 && offset < 5_000) hits++;
    }
    expect(hits).toBeGreaterThan(80);
    expect(hits).toBeLessThan(150);
  });

  it('hits the place that is named, and is healed by a sync of what is written over it', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', fill(1, 64));
    expect(on.medium.rot('a', 5)).toMatchObject({ path: 'a', offset: 5 });
    expect(on.medium.rot('a', 64)).toBeUndefined();
    const { write, sync, read } = calls(on, disk);
    good(write(handle, 5, Uint8Array.of(77)));
    expect(on.medium.damaged('a', 0, 64)).toBe(false);
    sync(handle);
    expect(on.medium.damaged('a', 0, 64)).toBe(false);
    expect(good(read(handle, 5, 1))).toEqual(Uint8Array.of(77));
  });

  it('spares what it is told to spare, and in a log what its newest sync wrote', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const spare = (path: string, from: number, to: number): boolean => path === 'a' && from < 90 && to > 0;
      const on = machine(seed, { spare, sparesTail: (path) => path === 'log' });
      const disk = on.boot();
      file(on, disk, 'a', fill(1, 100));
      expect(on.medium.rot('a')?.offset).toBeGreaterThanOrEqual(90);
      const log = file(on, disk, 'log', fill(1, 100));
      expect(on.medium.rot('log')).toBeUndefined();
      good(calls(on, disk).write(log, 20, fill(2, 60)));
      calls(on, disk).sync(log);
      expect(on.medium.newestSync('log')).toEqual({ from: 20, to: 80 });
      const { offset } = on.medium.rot('log') ?? { offset: 50 };
      expect(offset < 20 || offset >= 80).toBe(true);
    }
  });

  it('wipes, and restores the image of an earlier time', () => {
    const on = machine();
    const life = { alive: true };
    const disk = on.medium.disk(life);
    const handle = file(on, disk, 'a', encodeText('early'));
    const image = on.medium.image();
    good(calls(on, disk).write(handle, 0, encodeText('later')));
    // Nobody changes the disk under a running process.
    expect(() => on.medium.wipe()).toThrow(/process/u);
    expect(() => on.medium.powerLoss()).toThrow(/process/u);
    life.alive = false;
    on.medium.wipe();
    expect(on.medium.paths()).toEqual([]);
    for (let i = 0; i < 2; i++) {
      on.medium.restore(image);
      expect(text(on.medium.content('a'))).toBe('early');
      const next = { alive: true };
      const again = calls(on, on.medium.disk(next));
      good(again.write(good(again.open('a')), 0, encodeText('other')));
      expect(text(on.medium.content('a'))).toBe('other');
      next.alive = false;
    }
    expect(on.medium.report().counts).toMatchObject({ wipe: 1, restore: 2 });
  });

  it('takes what somebody else puts there', () => {
    const on = machine();
    on.medium.replace('d/a', encodeText('foreign'));
    on.medium.replace('d/b', encodeText('gone'));
    on.medium.replace('d/b', undefined);
    on.boot('power');
    expect(on.medium.paths()).toEqual(['d/a']);
    expect(text(on.medium.content('d/a'))).toBe('foreign');
  });
});
