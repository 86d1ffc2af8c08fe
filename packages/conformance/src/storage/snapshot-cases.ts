import { crc32, isFailure } from '@quorate/interface';
import type { Failure, SnapshotMeta, SnapshotWriter } from '@quorate/interface';
import { expectEqual, expectThat } from '../expectation.ts';
import { refused, succeeded, type Life, type Place } from './life.ts';
import { sampleMeta } from './samples.ts';
import type { StorageCase } from './storage-case.ts';

/** Where the bytes of snapshots are kept. */
export const snapshotCases: readonly StorageCase[] = [
  ...[0, 1, 65_536, 200_000].map((count) => ({
    name: `a snapshot of ${count} bytes comes back in any parts, over a crash`,
    needs: [],
    play: (place: Place) => comesBack(place, count),
  })),
  {
    name: 'snapshots are listed with the newest first, and all but the named ones are removed',
    needs: [],
    play: listsAndRemoves,
  },
  { name: 'a snapshot is not listed before it is finished', needs: [], play: hidesUnfinished },
  { name: 'an unfinished snapshot is resumed in the same life and after a close', needs: [], play: resumes },
  { name: 'an unfinished snapshot is resumed after a crash where it ended', needs: ['keepsPartials'], play: resumesAfterCrash },
  { name: 'an unfinished snapshot never becomes a wrong one, whatever a crash left of it', needs: [], play: neverWrong },
  { name: 'a snapshot starts again where it was told to', needs: [], play: startsAgain },
  { name: 'a snapshot whose bytes do not match their checksum is refused', needs: [], play: refusesChecksum },
  { name: 'a snapshot that is not there is a failure, and leaves the others alone', needs: [], play: misses },
];

function bytesOf(count: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i * 13 + seed * 101 + (i >>> 9)) & 255);
}

async function writer(place: Place, life: Life, meta: SnapshotMeta, resume = false): Promise<SnapshotWriter> {
  const result = await place.answer<SnapshotWriter | Failure>('writer', (done) => life.snapshots.writer(meta, resume, done));
  return succeeded(result, 'writer');
}

/** Writes in chunks, through one buffer that is used again: the bytes of a chunk are the caller's once its write completed. */
async function write(place: Place, target: SnapshotWriter, bytes: Uint8Array): Promise<void> {
  const scratch = new Uint8Array(50_000);
  for (let at = 0; at < bytes.length; at += scratch.length) {
    const count = Math.min(scratch.length, bytes.length - at);
    scratch.set(bytes.subarray(at, at + count));
    const before = target.offset;
    const failed = await place.answer<Failure | undefined>('write', (done) => target.write(scratch.subarray(0, count), done));
    expectThat(failed === undefined, () => `write succeeds (got ${failed?.text})`);
    expectEqual(target.offset, before + count, 'the offset counts what was written');
    scratch.fill(0);
  }
}

function finish(place: Place, target: SnapshotWriter, checksum: number): Promise<SnapshotMeta | Failure> {
  return place.answer<SnapshotMeta | Failure>('finish', (done) => target.finish(checksum, done));
}

async function keep(place: Place, life: Life, index: number, bytes: Uint8Array): Promise<SnapshotMeta> {
  const target = await writer(place, life, sampleMeta(index));
  expectEqual(target.offset, 0, 'a new snapshot begins at 0');
  await write(place, target, bytes);
  return succeeded(await finish(place, target, crc32(bytes, 0)), 'finish');
}

async function list(place: Place, life: Life): Promise<readonly SnapshotMeta[]> {
  return succeeded(await place.answer<readonly SnapshotMeta[] | Failure>('list', (done) => life.snapshots.list(done)), 'list');
}

async function ids(place: Place, life: Life): Promise<string[]> {
  return (await list(place, life)).map(({ id }) => id);
}

function read(
  place: Place,
  life: Life,
  part: { readonly id: string; readonly offset: number; readonly maxBytes: number },
): Promise<Uint8Array | Failure> {
  return place.answer<Uint8Array | Failure>('read', (done) => life.snapshots.read(part.id, part.offset, part.maxBytes, done));
}

async function readWhole(place: Place, life: Life, id: string, maxBytes: number): Promise<Uint8Array> {
  const parts: number[] = [];
  for (;;) {
    const part = succeeded(await read(place, life, { id, offset: parts.length, maxBytes }), 'read');
    expectThat(part.length <= maxBytes, 'a read returns at most the bytes asked for');
    if (part.length === 0) return Uint8Array.from(parts);
    for (const byte of part) parts.push(byte);
  }
}

async function comesBack(place: Place, count: number): Promise<void> {
  const bytes = bytesOf(count);
  const meta = await keep(place, await place.start(), 10, bytes);
  expectEqual(meta, sampleMeta(10, count), 'the meta of a finished snapshot counts its bytes');
  const life = await place.restart();
  expectEqual(await list(place, life), [meta], 'a finished snapshot survives a crash, with its meta');
  for (const size of [1_000_000, 70_001, 50_000])
    expectEqual(await readWhole(place, life, meta.id, size), bytes, `its bytes in parts of ${size}`);
  const middle = succeeded(await read(place, life, { id: meta.id, offset: count >>> 1, maxBytes: 10 }), 'read');
  expectEqual(middle, bytes.subarray(count >>> 1, (count >>> 1) + 10), 'bytes from the middle');
}

async function listsAndRemoves(place: Place): Promise<void> {
  const life = await place.start();
  for (const index of [10, 30, 20]) await keep(place, life, index, bytesOf(100, index));
  expectEqual(await ids(place, life), ['snap-30', 'snap-20', 'snap-10'], 'the newest index comes first');
  life.snapshots.removeAllBut(['snap-20', 'snap-99']);
  await place.quiet();
  expectEqual(await ids(place, life), ['snap-20'], 'all but the named ones are removed');
  expectEqual(await readWhole(place, life, 'snap-20', 1_000), bytesOf(100, 20), 'the named one stays');
  life.snapshots.removeAllBut([]);
  await place.quiet();
  expectEqual(await ids(place, life), [], 'all can be removed');
}

async function hidesUnfinished(place: Place): Promise<void> {
  const life = await place.start();
  const target = await writer(place, life, sampleMeta(10));
  await write(place, target, bytesOf(100));
  expectEqual(await ids(place, life), [], 'an unfinished snapshot is none');
  target.abort();
  expectEqual(await ids(place, life), [], 'an aborted snapshot is none');
  expectEqual(await ids(place, await place.restart()), [], 'an unfinished snapshot is none after a crash');
}

async function resumes(place: Place): Promise<void> {
  const bytes = bytesOf(150_000);
  const which = sampleMeta(10, bytes.length);
  const life = await place.start();
  const first = await writer(place, life, which);
  await write(place, first, bytes.subarray(0, 60_000));
  first.abort();
  const second = await writer(place, life, which, true);
  expectEqual(second.offset, 60_000, 'it goes on where it ended');
  await write(place, second, bytes.subarray(60_000, 90_000));
  second.abort();
  await life.close();
  const later = await place.start();
  const third = await writer(place, later, which, true);
  expectEqual(third.offset, 90_000, 'it goes on where it ended, after a close');
  await write(place, third, bytes.subarray(90_000));
  expectEqual(succeeded(await finish(place, third, crc32(bytes, 0)), 'finish'), which, 'it is finished');
  expectEqual(await readWhole(place, later, which.id, 100_000), bytes, 'it is whole');
}

async function resumesAfterCrash(place: Place): Promise<void> {
  const bytes = bytesOf(150_000);
  const which = sampleMeta(10, bytes.length);
  const first = await writer(place, await place.start(), which);
  await write(place, first, bytes.subarray(0, 90_000));
  const life = await place.restart();
  const second = await writer(place, life, which, true);
  expectEqual(second.offset, 90_000, 'it goes on where it ended');
  await write(place, second, bytes.subarray(90_000));
  succeeded(await finish(place, second, crc32(bytes, 0)), 'finish');
  expectEqual(await readWhole(place, life, which.id, 100_000), bytes, 'it is whole');
}

async function neverWrong(place: Place): Promise<void> {
  const bytes = bytesOf(150_000);
  const which = sampleMeta(10, bytes.length);
  let life = await place.start();
  for (let round = 0; round < 4; round++) {
    const target = await writer(place, life, which, round > 0);
    expectThat(target.offset <= bytes.length, `no more is held than was written (${target.offset})`);
    await write(place, target, bytes.subarray(target.offset, Math.min(bytes.length, target.offset + 40_000)));
    life = await place.restart();
  }
  const resumed = await writer(place, life, which, true);
  await write(place, resumed, bytes.subarray(resumed.offset));
  const result = await finish(place, resumed, crc32(bytes, 0));
  // Bytes that were never synced may be wrong: then finish says so, and the snapshot is fetched again.
  if (isFailure(result)) {
    expectEqual(await ids(place, life), [], 'a snapshot that failed its check is none');
    await keep(place, life, 10, bytes);
  }
  expectEqual(await readWhole(place, life, which.id, 100_000), bytes, 'it is whole');
}

async function startsAgain(place: Place): Promise<void> {
  const life = await place.start();
  const first = await writer(place, life, sampleMeta(10));
  await write(place, first, bytesOf(1_000, 9));
  first.abort();
  first.abort();
  await keep(place, life, 10, bytesOf(300));
  expectEqual(await readWhole(place, life, 'snap-10', 1_000), bytesOf(300), 'nothing is left of the earlier attempt');
}

async function refusesChecksum(place: Place): Promise<void> {
  const life = await place.start();
  const target = await writer(place, life, sampleMeta(10));
  await write(place, target, bytesOf(100));
  refused(await finish(place, target, 1), 'a snapshot that does not match its checksum');
  expectEqual(await ids(place, life), [], 'it is not listed');
  const again = await writer(place, life, sampleMeta(10), true);
  expectEqual(again.offset, 0, 'its bytes are not resumed: they would only fail again');
}

async function misses(place: Place): Promise<void> {
  const life = await place.start();
  await keep(place, life, 10, bytesOf(100));
  refused(await read(place, life, { id: 'snap-11', offset: 0, maxBytes: 10 }), 'a snapshot that is not there');
  expectEqual(
    succeeded(await read(place, life, { id: 'snap-10', offset: 100, maxBytes: 10 }), 'read').length,
    0,
    'the end is empty',
  );
  expectEqual(
    succeeded(await read(place, life, { id: 'snap-10', offset: 500, maxBytes: 10 }), 'read').length,
    0,
    'beyond it too',
  );
  expectEqual(await ids(place, life), ['snap-10'], 'the others stay');
}
