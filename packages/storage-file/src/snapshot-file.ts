import { failure, isFailure } from '@quorate/interface';
import type { Disk, Failure, SnapshotMeta } from '@quorate/interface';
import { padded } from './batch-format.ts';
import { decodeMeta, encodeMeta } from './snapshot-meta.ts';
import { getU64, setU64 } from './u64.ts';

// A snapshot file: the bytes | CRC-32 of each block of 64 KiB (u32 each) | meta as JSON | zeros to 8 | footer (40).
export const blockBytes = 65_536;
const footerBytes = 40;
const footerMagic = 0x4e53_5251; // "QRSN"
const formatVersion = 1;

/** What the parts of a snapshot store share. */
export interface SnapshotContext {
  readonly disk: Disk;
  readonly directory: string;
}

/** A finished snapshot, open for reading. */
export interface SnapshotFile {
  readonly path: string;
  readonly meta: SnapshotMeta;
  /** CRC-32 of each block: damage is found in whatever part is read. */
  readonly blocks: Uint32Array;
}

/** What follows the bytes of a snapshot. */
export function encodeTrailer(meta: SnapshotMeta, blocks: readonly number[], crc32: Disk['crc32']): Uint8Array {
  const json = encodeMeta(meta);
  const tableBytes = 4 * blocks.length;
  const bytes = new Uint8Array(padded(tableBytes + json.length) + footerBytes);
  const view = new DataView(bytes.buffer);
  for (const [i, crc] of blocks.entries()) view.setUint32(4 * i, crc, true);
  bytes.set(json, tableBytes);
  const footer = bytes.length - footerBytes;
  view.setUint32(footer, footerMagic, true);
  view.setUint32(footer + 4, formatVersion, true);
  setU64(view, footer + 8, meta.bytes);
  view.setUint32(footer + 16, blocks.length, true);
  view.setUint32(footer + 20, json.length, true);
  view.setUint32(footer + 24, crc32(bytes.subarray(0, footer), 0), true);
  setU64(view, footer + 28, 0);
  view.setUint32(footer + 36, crc32(bytes.subarray(footer, footer + 36), 0), true);
  return bytes;
}

/** Reads and checks the trailer of a finished snapshot. */
export function readTrailer(
  disk: Disk,
  opened: { readonly file: number; readonly path: string },
  done: (file: SnapshotFile | Failure) => void,
): void {
  const { file, path } = opened;
  disk.size(file, (size) => {
    if (isFailure(size)) return done(size);
    if (size < footerBytes) return done(damagedSnapshot(path, 0));
    disk.read(file, size - footerBytes, footerBytes, (footer) => {
      if (isFailure(footer)) return done(footer);
      const view = new DataView(footer.buffer, footer.byteOffset, footer.length);
      const whole = footer.length === footerBytes && view.getUint32(0, true) === footerMagic;
      if (!whole || disk.crc32(footer.subarray(0, 36), 0) !== view.getUint32(36, true))
        return done(damagedSnapshot(path, size - footerBytes));
      if (view.getUint32(4, true) !== formatVersion) return done(newerSnapshot(path, view.getUint32(4, true)));
      const bytes = getU64(view, 8);
      const count = view.getUint32(16, true);
      const jsonBytes = view.getUint32(20, true);
      const tableBytes = padded(4 * count + jsonBytes);
      if (bytes + tableBytes + footerBytes !== size || count !== Math.ceil(bytes / blockBytes))
        return done(damagedSnapshot(path, size - footerBytes));
      disk.read(file, bytes, tableBytes, (table) => {
        if (isFailure(table)) return done(table);
        const sound = table.length === tableBytes && disk.crc32(table, 0) === view.getUint32(24, true);
        const meta = sound ? decodeMeta(table.subarray(4 * count, 4 * count + jsonBytes)) : undefined;
        if (meta === undefined) return done(damagedSnapshot(path, bytes));
        const words = new DataView(table.buffer, table.byteOffset, table.length);
        done({ path, meta, blocks: Uint32Array.from({ length: count }, (_, i) => words.getUint32(4 * i, true)) });
      });
    });
  });
}

/** Bytes that do not match their checksum. */
export function damagedSnapshot(path: string, offset: number): Failure {
  const what = `the snapshot is damaged or cut short (file ${path}, offset ${offset}, got a wrong checksum)`;
  return failure('E_SNAP_DAMAGED', `${what}. Replace this member: its peers have the state.`, 65);
}

function newerSnapshot(path: string, got: number): Failure {
  const what = `the snapshot was written by a newer version (file ${path}, got format ${got}, allowed ${formatVersion})`;
  return failure('E_VERSION', `${what}. Start the version that wrote it; nothing was changed.`, 78);
}
