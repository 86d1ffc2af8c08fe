import { describe, expect, it } from 'vitest';
import { crc32 } from '@quorate/interface';
import type { Failure, Identity, SnapshotMeta, SnapshotStore, SnapshotWriter, Storage } from '@quorate/interface';
import { memoryMedium, memoryStorage } from '../src/index.ts';
import { meta } from './fixtures/journal-cases.ts';

const host = { endOfTurn: (): void => undefined };
const expected = { clusterId: 'c', member: 7, name: 'n', protocol: 'raft', formatVersion: 1, newDiskId: 'd1' };

/** The answer of a call that completes at once. */
function now<T>(call: (done: (result: T) => void) => void): T {
  let result: { value: T } | undefined;
  call((value) => {
    result = { value };
  });
  if (result === undefined) throw new Error('no answer');
  return result.value;
}

function open(storage: Storage, changes: Partial<typeof expected> = {}): Identity | Failure {
  return now((done) => storage.open({ ...expected, ...changes }, done));
}

describe('the identity of a medium', () => {
  it('is minted once, raised with every start, and remembers peers', () => {
    const medium = memoryMedium();
    const first = memoryStorage({ medium, host });
    expect(open(first)).toMatchObject({ diskId: 'd1', incarnation: 1 });
    first.rememberPeer(8, 'd8', () => undefined);
    first.close(() => undefined);
    const again = open(memoryStorage({ medium, host }), { newDiskId: 'd2' });
    expect(again).toMatchObject({ diskId: 'd1', incarnation: 2, peerDisks: new Map([[8, 'd8']]) });
  });

  it('has one owner at a time, and is free after a crash', () => {
    const medium = memoryMedium();
    const first = memoryStorage({ medium, host });
    open(first);
    expect(open(memoryStorage({ medium, host }))).toMatchObject({ code: 'E_DATA_LOCKED', exit: 78 });
    medium.crash();
    const second = memoryStorage({ medium, host });
    expect(open(second)).toMatchObject({ incarnation: 2 });
    // A dead owner that is closed late must not free what is another's by now.
    first.close(() => undefined);
    expect(open(memoryStorage({ medium, host }))).toMatchObject({ code: 'E_DATA_LOCKED' });
  });

  it.each([
    [{ clusterId: 'c2' }, 'E_CLUSTER_ID'],
    [{ member: 8 }, 'E_MEMBER_ID'],
    [{ protocol: 'zab' }, 'E_PROTOCOL'],
    [{ formatVersion: 0 }, 'E_VERSION'],
  ] as const)('is refused where the flags say %o', (change, code) => {
    const medium = memoryMedium();
    open(memoryStorage({ medium, host }));
    medium.crash();
    expect(open(memoryStorage({ medium, host }), change)).toMatchObject({ code, exit: 78 });
  });
});

describe('snapshots in memory', () => {
  const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i % 251);

  function started(medium = memoryMedium()): SnapshotStore {
    medium.crash();
    const storage = memoryStorage({ medium, host });
    open(storage);
    return storage.snapshots;
  }

  const writer = (snapshots: SnapshotStore, which: SnapshotMeta, resume: boolean): SnapshotWriter =>
    now<SnapshotWriter>((done) => snapshots.writer(which, resume, (result) => done(result as SnapshotWriter)));

  it('are resumed over a restart, finished, read in parts and removed', () => {
    const medium = memoryMedium();
    const first = writer(started(medium), meta(10), false);
    first.write(bytes.subarray(0, 400), () => undefined);
    const snapshots = started(medium);
    const second = writer(snapshots, meta(10), true);
    expect(second.offset).toBe(400);
    second.write(bytes.subarray(400), () => undefined);
    expect(now((done) => second.finish(crc32(bytes, 0), done))).toEqual(meta(10, 1_000));
    expect(now((done) => snapshots.list(done))).toEqual([meta(10, 1_000)]);
    expect(now((done) => snapshots.read('snap-10', 900, 500, done))).toEqual(bytes.subarray(900));
    expect(now((done) => snapshots.read('snap-10', 1_000, 500, done))).toEqual(new Uint8Array(0));
    snapshots.removeAllBut([]);
    expect(now((done) => snapshots.read('snap-10', 0, 1, done))).toMatchObject({ code: 'E_SNAP_MISSING' });
  });

  it('are refused where the bytes do not match their checksum', () => {
    const snapshots = started();
    const target = writer(snapshots, meta(10), false);
    target.write(bytes, () => undefined);
    expect(now((done) => target.finish(1, done))).toMatchObject({ code: 'E_SNAP_CHECKSUM' });
    expect(now((done) => snapshots.list(done))).toEqual([]);
  });
});
