import { isFailure } from '@quorate/interface';
import type { SnapshotStore } from '@quorate/interface';
import type { BrokenStorage } from './broken-storage.ts';

/** Snapshots that are not what was written. */
export const badSnapshots: readonly BrokenStorage[] = [
  {
    what: 'lists snapshots by age',
    snapshots: (inner) => ({ list: (done) => inner.list((found) => done(isFailure(found) ? found : found.toReversed())) }),
    red: ['snapshots are listed with the newest first, and all but the named ones are removed'],
  },
  {
    what: 'lists no snapshots',
    snapshots: () => ({ list: (done) => done([]) }),
    red: [
      'a snapshot of 0 bytes comes back in any parts, over a crash',
      'a snapshot of 200000 bytes comes back in any parts, over a crash',
    ],
  },
  {
    what: 'removes no snapshots',
    snapshots: () => ({ removeAllBut: () => undefined }),
    red: ['snapshots are listed with the newest first, and all but the named ones are removed'],
  },
  {
    what: 'removes all snapshots',
    snapshots: (inner) => ({ removeAllBut: () => inner.removeAllBut([]) }),
    red: ['snapshots are listed with the newest first, and all but the named ones are removed'],
  },
  {
    what: 'reads more than was asked for',
    snapshots: (inner) => ({ read: (id, offset, _maxBytes, done) => inner.read(id, offset, 1_000_000, done) }),
    red: ['a snapshot of 65536 bytes comes back in any parts, over a crash'],
  },
  {
    what: 'reads from the beginning',
    snapshots: (inner) => ({
      read: (id, offset, maxBytes, done) => inner.read(id, offset > 60_000 ? offset : 0, maxBytes, done),
    }),
    red: ['a snapshot of 1 bytes comes back in any parts, over a crash'],
  },
  {
    what: 'has bytes for any snapshot',
    snapshots: (inner) => ({
      read: (id, offset, maxBytes, done) =>
        inner.read(id, offset, maxBytes, (found) => done(isFailure(found) ? new Uint8Array(0) : found)),
    }),
    red: ['a snapshot that is not there is a failure, and leaves the others alone'],
  },
  {
    what: 'lists what is not finished',
    snapshots: (inner) => {
      const begun: Parameters<SnapshotStore['writer']>[0][] = [];
      return {
        writer(meta, resume, done) {
          begun.push(meta);
          inner.writer(meta, resume, done);
        },
        list: (done) => inner.list((found) => done(isFailure(found) || found.length > 0 ? found : begun)),
      };
    },
    red: ['a snapshot is not listed before it is finished', 'a snapshot whose bytes do not match their checksum is refused'],
  },
  {
    what: 'believes any checksum',
    writer: (inner) => {
      let crcOf: Uint8Array = new Uint8Array(0);
      return {
        write(chunk, done) {
          crcOf = Uint8Array.from([...crcOf, ...chunk]);
          inner.write(chunk, done);
        },
        finish: (checksum, done) => inner.finish(checksum === 1 ? tableCrc(crcOf) : checksum, done),
      };
    },
    red: ['a snapshot whose bytes do not match their checksum is refused'],
  },
  {
    what: 'resumes nothing',
    snapshots: (inner) => ({ writer: (meta, _resume, done) => inner.writer(meta, false, done) }),
    red: [
      'an unfinished snapshot is resumed in the same life and after a close',
      'an unfinished snapshot is resumed after a crash where it ended',
    ],
  },
  {
    what: 'resumes always',
    snapshots: (inner) => ({ writer: (meta, _resume, done) => inner.writer(meta, true, done) }),
    red: ['a snapshot starts again where it was told to'],
  },
  {
    what: 'keeps the chunks of its caller',
    writer: (inner) => {
      const kept: Uint8Array[] = [];
      let offset = inner.offset;
      return {
        get offset() {
          return offset;
        },
        write(chunk, done) {
          kept.push(chunk);
          offset += chunk.length;
          done();
        },
        finish(checksum, done) {
          for (const chunk of kept) inner.write(chunk, () => undefined);
          inner.finish(checksum, done);
        },
      };
    },
    red: [
      'a snapshot of 1 bytes comes back in any parts, over a crash',
      'a snapshot of 200000 bytes comes back in any parts, over a crash',
    ],
  },
  {
    what: 'resumes with a byte that is wrong',
    snapshots: (inner) => ({
      writer: (meta, resume, done) =>
        inner.writer(meta, false, (found) => {
          if (isFailure(found) || !resume) return done(found);
          found.write(new Uint8Array(1_000), () => done(found));
        }),
      list: (done) => inner.list((found) => done(found)),
    }),
    red: ['an unfinished snapshot is resumed in the same life and after a close'],
  },
  {
    what: 'finishes with wrong bytes',
    snapshots: (inner) => ({
      read: (id, offset, maxBytes, done) =>
        inner.read(id, offset, maxBytes, (found) =>
          done(isFailure(found) || found.length < 40_000 ? found : found.map((byte) => byte ^ 1)),
        ),
    }),
    red: ['an unfinished snapshot never becomes a wrong one, whatever a crash left of it'],
  },
];

/** CRC-32 without a table, for a writer that lies. */
function tableCrc(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return ~crc >>> 0;
}
