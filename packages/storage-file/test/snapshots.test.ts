import { describe, expect, it } from 'vitest';
import { crc32, isFailure } from '@quorate/interface';
import type { Failure, SnapshotMeta, SnapshotStore, SnapshotWriter } from '@quorate/interface';
import { createFileSnapshots } from '../src/file-snapshots.ts';
import { sampleMeta as meta } from '@quorate/conformance/storage';
import { SimDisk, seeded } from './fixtures/sim-disk.ts';

const directory = 'data/snapshots';

function store(disk: SimDisk): SnapshotStore {
  return createFileSnapshots({ disk, directory });
}

/** The answer of a call that completes at once, as calls on this disk do. */
function now<T>(call: (done: (result: T) => void) => void): T {
  let result: { value: T } | undefined;
  call((value) => {
    result = { value };
  });
  if (result === undefined) throw new Error('no answer');
  return result.value;
}

function bytesOf(count: number, seed = 1): Uint8Array {
  const random = seeded(seed);
  return Uint8Array.from({ length: count }, () => random() * 256);
}

function writer(snapshots: SnapshotStore, which: SnapshotMeta, resume = false): SnapshotWriter {
  const result = now<SnapshotWriter | Failure>((done) => snapshots.writer(which, resume, done));
  if (isFailure(result)) throw new Error(result.text);
  return result;
}

function keep(snapshots: SnapshotStore, index: number, bytes: Uint8Array): SnapshotMeta {
  const target = writer(snapshots, meta(index));
  for (let at = 0; at < bytes.length; at += 50_000) now((done) => target.write(bytes.subarray(at, at + 50_000), done));
  const result = now<SnapshotMeta | Failure>((done) => target.finish(crc32(bytes, 0), done));
  if (isFailure(result)) throw new Error(result.text);
  return result;
}

function ids(snapshots: SnapshotStore): string[] {
  const metas = now<readonly SnapshotMeta[] | Failure>((done) => snapshots.list(done));
  if (isFailure(metas)) throw new Error(metas.text);
  return metas.map(({ id }) => id);
}

describe('snapshots in files', () => {
  it('resumes an unfinished one over a restart, and forgets it when another is finished', () => {
    const disk = new SimDisk({ random: seeded(1) });
    const bytes = bytesOf(150_000);
    const first = writer(store(disk), meta(10, bytes.length));
    now((done) => first.write(bytes.subarray(0, 90_000), done));
    disk.crash('kill');
    const snapshots = store(disk);
    snapshots.removeAllBut([]);
    const second = writer(snapshots, meta(10, bytes.length), true);
    expect(second.offset).toBe(90_000);
    now((done) => second.write(bytes.subarray(90_000), done));
    expect(now((done) => second.finish(crc32(bytes, 0), done))).toEqual(meta(10, bytes.length));
    const left = writer(snapshots, meta(20, 9));
    now((done) => left.write(bytes.subarray(0, 5), done));
    left.abort();
    keep(snapshots, 30, bytesOf(10));
    expect(writer(snapshots, meta(20, 9), true).offset).toBe(0);
  });

  it('lets a write end that is under way when its writer stops, piece by piece', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimDisk({ random: seeded(seed), deferred: true, shortWrites: 1 });
      const bytes = bytesOf(3000);
      let target: SnapshotWriter | undefined;
      store(disk).writer(meta(10, bytes.length), false, (opened) => {
        if (!isFailure(opened)) target = opened;
      });
      disk.run();
      const ends: unknown[] = [];
      target?.write(bytes, (failed) => ends.push(failed));
      disk.run(seed % 4);
      target?.abort();
      disk.run();
      expect(ends).toEqual([undefined]);
      expect(disk.openFiles).toBe(0);
      expect(disk.content(`${directory}/snap-10.partial`)).toEqual(bytes);
    }
  });

  it('resumes before what a crash left behind its bytes', () => {
    const disk = new SimDisk({ random: seeded(1) });
    const bytes = bytesOf(70_000);
    const first = writer(store(disk), meta(10, bytes.length));
    now((done) => first.write(bytes, done));
    const path = `${directory}/snap-10.partial`;
    disk.replace(path, Uint8Array.from([...disk.content(path), ...bytesOf(900)]));
    const second = writer(store(disk), meta(10, bytes.length), true);
    expect(second.offset).toBe(70_000);
    now((done) => second.finish(crc32(bytes, 0), done));
    expect(ids(store(disk))).toEqual(['snap-10']);
  });

  it('leaves one that is being written alone when another is finished', () => {
    const snapshots = store(new SimDisk({ random: seeded(1) }));
    const bytes = bytesOf(10);
    const slow = writer(snapshots, meta(10, bytes.length));
    now((done) => slow.write(bytes.subarray(0, 5), done));
    keep(snapshots, 20, bytesOf(7));
    now((done) => slow.write(bytes.subarray(5), done));
    expect(now((done) => slow.finish(crc32(bytes, 0), done))).toEqual(meta(10, bytes.length));
    expect(ids(snapshots)).toEqual(['snap-20', 'snap-10']);
  });

  it('refuses bytes that do not match their checksum, and removes them', () => {
    const disk = new SimDisk({ random: seeded(1) });
    const snapshots = store(disk);
    const target = writer(snapshots, meta(10));
    now((done) => target.write(bytesOf(10), done));
    expect(now((done) => target.finish(1, done))).toMatchObject({ failure: true, code: 'E_SNAP_CHECKSUM' });
    expect(disk.paths()).toEqual([]);
  });

  it('never hands out damaged bytes: a flip anywhere is refused or hides the snapshot', () => {
    const disk = new SimDisk({ random: seeded(1) });
    const bytes = bytesOf(140_000);
    keep(store(disk), 10, bytes);
    const path = `${directory}/snap-10.snap`;
    const { length } = disk.content(path);
    for (let at = 5; at < length; at += at < 139_000 ? 7_001 : 13) {
      const twin = disk.copy();
      twin.content(path)[at] = (twin.content(path)[at] ?? 0) ^ 1;
      const part = now<Uint8Array | Failure>((done) => store(twin).read('snap-10', 0, 200_000, done));
      expect(part, `offset ${at}`).toMatchObject({ failure: true, code: 'E_SNAP_DAMAGED' });
      if (isFailure(part)) expect(part.text).toMatch(/file data\/snapshots\/snap-10\.snap, offset \d+/u);
    }
    const short = disk.copy();
    short.replace(path, disk.content(path).subarray(0, 100_000));
    expect(ids(store(short))).toEqual([]);
  });

  it.each(['write', 'finish'] as const)('gives the space of one back whose %s met a full disk', (where) => {
    const disk = new SimDisk({ random: seeded(1) });
    const snapshots = store(disk);
    const bytes = bytesOf(100_000);
    const target = writer(snapshots, meta(10));
    disk.capacity = where === 'write' ? 60_000 : 100_000;
    const written = now<Failure | undefined>((done) => target.write(bytes, done));
    if (where === 'write') expect(written).toMatchObject({ code: 'E_DISK_FULL' });
    else expect(now((done) => target.finish(crc32(bytes, 0), done))).toMatchObject({ code: 'E_DISK_FULL' });
    target.abort();
    expect(disk.paths()).toEqual([]);
  });

  it('is synced every 4 MiB while it is written, and fails with a sync that fails', () => {
    const disk = new SimDisk({ random: seeded(1) });
    // So many bytes are counted here, not kept.
    disk.write = (_file, _offset, chunks, done) => done(chunks.reduce((sum, { length }) => sum + length, 0));
    const target = writer(store(disk), meta(10));
    const mebibyte = new Uint8Array(1_048_576);
    const before = disk.syncs;
    for (let i = 0; i < 9; i++) expect(now((done) => target.write(mebibyte, done))).toBeUndefined();
    expect(disk.syncs - before).toBe(2);
    disk.failSyncIn = 1;
    for (let i = 0; i < 2; i++) expect(now((done) => target.write(mebibyte, done))).toBeUndefined();
    expect(now((done) => target.write(mebibyte, done))).toMatchObject({ code: 'E_DISK_IO' });
    target.abort();
    expect(disk.paths()).toEqual([]);
  });

  it('refuses an id that is no file name', () => {
    const snapshots = store(new SimDisk({ random: seeded(1) }));
    expect(now((done) => snapshots.writer({ ...meta(1), id: '../identity' }, false, done))).toMatchObject({ code: 'E_SNAP_ID' });
    expect(now((done) => snapshots.read('a/b', 0, 1, done))).toMatchObject({ code: 'E_SNAP_ID' });
  });
});
