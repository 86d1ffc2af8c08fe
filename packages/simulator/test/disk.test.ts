import { describe, expect, it } from 'vitest';
import { encodeText } from '@quorate/interface';
import { soundDisk } from '../src/index.ts';
import { calls, file, fill, good, machine, text } from './fixtures/machine.ts';

describe('a sound disk', () => {
  it('gives back what was written, in chunks, with holes and past the end', () => {
    const on = machine();
    const { open, write, read, size } = calls(on, on.boot());
    const handle = good(open('a', 'create'));
    expect(write(handle, 3, encodeText('abc'), new Uint8Array(0), encodeText('defg'))).toBe(7);
    expect(read(handle, 0, 100)).toEqual(Uint8Array.of(0, 0, 0, ...encodeText('abcdefg')));
    expect(read(handle, 5, 2)).toEqual(encodeText('cd'));
    expect(read(handle, 11, 4)).toEqual(new Uint8Array(0));
    expect(size(handle)).toBe(10);
    const view = good(read(handle, 3, 3));
    expect(write(handle, 3, encodeText('xyz'))).toBe(3);
    expect(view).toEqual(encodeText('abc'));
  });

  it('truncates: what is cut off is zero when the file grows again', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', fill(7, 2_000));
    const { truncate, size, write, read } = calls(on, disk);
    expect(truncate(handle, 100)).toBeUndefined();
    expect(size(handle)).toBe(100);
    expect(write(handle, 1_500, fill(8, 10))).toBe(10);
    expect(good(read(handle, 0, 2_000)).subarray(99, 1_501)).toEqual(Uint8Array.of(7, ...new Uint8Array(1_400), 8));
  });

  it('knows directories, and names what is wrong', () => {
    const on = machine();
    const { open, makeDirectory, list, rename, remove, syncDirectory } = calls(on, on.boot());
    expect(open('d/a', 'create')).toMatchObject({ code: 'E_DISK_MISSING' });
    expect(list('d')).toMatchObject({ code: 'E_DISK_MISSING' });
    expect(syncDirectory('d')).toMatchObject({ code: 'E_DISK_MISSING' });
    expect(makeDirectory('d/e')).toBeUndefined();
    good(open('d/a', 'create'));
    expect(open('d/a', 'create')).toMatchObject({ code: 'E_DISK_TYPE' });
    expect(open('d/b', 'read')).toMatchObject({ code: 'E_DISK_MISSING' });
    expect(open('d/e', 'read')).toMatchObject({ code: 'E_DISK_TYPE' });
    expect(makeDirectory('d/a/x')).toMatchObject({ code: 'E_DISK_TYPE' });
    expect([...good(list('d'))].sort()).toEqual(['a', 'e']);
    expect(rename('d/a', 'd/c')).toBeUndefined();
    expect(rename('d/a', 'd/c')).toMatchObject({ code: 'E_DISK_MISSING' });
    expect(rename('d/c', 'd/e')).toMatchObject({ code: 'E_DISK_TYPE' });
    expect(remove('d/c')).toBeUndefined();
    expect(remove('d/c')).toMatchObject({ code: 'E_DISK_MISSING' });
    expect(list('d')).toEqual(['e']);
    expect(list('.')).toEqual(['d']);
  });

  it('gives a lock to one life; a dead life holds nothing', () => {
    const on = machine();
    const first = { alive: true };
    const other = { alive: true };
    const one = calls(on, on.medium.disk(first));
    const two = calls(on, on.medium.disk(other));
    expect(one.lock('lock')).toBeUndefined();
    expect(two.lock('lock')).toMatchObject({ code: 'E_DATA_LOCKED', exit: 78 });
    two.unlock('lock');
    expect(two.lock('lock')).toMatchObject({ code: 'E_DATA_LOCKED' });
    first.alive = false;
    on.medium.kill();
    expect(two.lock('lock')).toBeUndefined();
    expect(on.medium.report().counts.lockTakenOver).toBe(1);
    expect(two.unlock('lock')).toBeUndefined();
    expect(two.lock('lock')).toBeUndefined();
    expect(on.medium.report().counts.lockTakenOver).toBe(1);
  });

  it('completes nothing of a life that ended, and does nothing for it', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', encodeText('old'));
    let completed = 0;
    disk.write(handle, 0, [encodeText('new')], () => completed++);
    disk.sync(handle, () => completed++);
    on.boot('kill');
    disk.write(handle, 0, [encodeText('bad')], () => completed++);
    disk.remove('a', () => completed++);
    on.scheduler.runUntil(1_000_000);
    expect(completed).toBe(0);
    expect(['old', 'new']).toContain(text(on.medium.content('a')));
  });

  it('may have carried out the write in flight when the process is killed, or not', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const on = machine(seed);
      const disk = on.boot();
      const handle = file(on, disk, 'a', encodeText('old'));
      disk.write(handle, 0, [encodeText('new')], () => undefined);
      on.boot('kill');
      seen.add(text(on.medium.content('a')));
    }
    expect(seen).toEqual(new Set(['old', 'new']));
  });

  it('completes within the call where it is told to, and never twice', () => {
    const on = machine(1, { completions: 'inline' });
    const disk = on.boot();
    const order: string[] = [];
    disk.open('a', 'create', (handle) => {
      disk.write(good(handle), 0, [encodeText('x')], () => order.push('written'));
      disk.sync(good(handle), () => order.push('synced'));
    });
    order.push('returned');
    on.scheduler.runUntil(1_000);
    expect(order).toEqual(['written', 'synced', 'returned']);
  });
});

describe('time', () => {
  it('passes as the latency says, within its spread', () => {
    const faults = soundDisk();
    Object.assign(faults.sync, { ms: 50, spreadMs: 20 });
    const on = machine(1, { faults, completions: 'inline' });
    const disk = on.boot();
    let handle = 0;
    disk.open('a', 'create', (opened) => (handle = good(opened)));
    const times = new Set<number>();
    for (let i = 0; i < 50; i++) {
      const begin = on.scheduler.nowMs;
      let end = 0;
      disk.sync(handle, () => (end = on.scheduler.nowMs));
      on.scheduler.runUntil(begin + 1_000);
      expect(end - begin).toBeGreaterThanOrEqual(50);
      expect(end - begin).toBeLessThan(70);
      times.add(end - begin);
    }
    expect(times.size).toBeGreaterThan(40);
    expect(on.medium.report().counts.delayed).toBe(50);
  });

  it('stands still on a stuck disk until it is released, in the order of the calls', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', new Uint8Array(0));
    const order: number[] = [];
    disk.write(handle, 0, [encodeText('x')], () => order.push(1));
    on.medium.faults.stuck = true;
    disk.write(handle, 1, [encodeText('y')], () => order.push(2));
    disk.sync(handle, () => order.push(3));
    on.scheduler.runUntil(1_000_000);
    expect(order).toEqual([]);
    expect(on.medium.report().counts.held).toBe(3);
    on.medium.release();
    expect(order).toEqual([]);
    on.scheduler.runUntil(1_000_001);
    expect(order).toEqual([1, 2, 3]);
  });

  it('releases nothing of a life that ended meanwhile', () => {
    const on = machine();
    const disk = on.boot();
    const handle = file(on, disk, 'a', new Uint8Array(0));
    on.medium.faults.stuck = true;
    let completed = 0;
    disk.sync(handle, () => completed++);
    on.scheduler.runUntil(1_000_000);
    on.boot('kill');
    on.medium.release();
    on.scheduler.runUntil(2_000_000);
    expect(completed).toBe(0);
  });
});
