import type { Index } from '@quorate/interface';

/**
 * The name of a txn: the epoch of the leader that proposed it, and its place in that epoch, from 1 on (Zab §III). A pair of safe
 * integers, never shifted into one number. (0, 0) is before the first.
 */
export interface Zxid {
  readonly epoch: number;
  readonly counter: number;
}

/** Before everything. */
export const noZxid: Zxid = Object.freeze({ epoch: 0, counter: 0 });

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareZxids(a: Zxid, b: Zxid): number {
  return a.epoch === b.epoch ? a.counter - b.counter : a.epoch - b.epoch;
}

/** What a member may never forget, without its history. Votes are not in it: safety rests on discovery, not on elections. */
export interface HardState {
  /** The last epoch whose NEWEPOCH was accepted (f.p). Never falls. */
  readonly acceptedEpoch: number;
  /** The last epoch whose NEWLEADER was accepted (f.a). Never falls, never above `acceptedEpoch`. */
  readonly currentEpoch: number;
}

const formatVersion = 1;
const hardStateBytes = 17;

/** The hard state as the journal keeps it: version (u8), both epochs (u64), little-endian. */
export function encodeHardState({ acceptedEpoch, currentEpoch }: HardState): Uint8Array {
  const bytes = new Uint8Array(hardStateBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = formatVersion;
  writeU64(view, 1, acceptedEpoch);
  writeU64(view, 9, currentEpoch);
  return bytes;
}

/** Reads it back; undefined where it is malformed or of an unknown version. */
export function decodeHardState(bytes: Uint8Array): HardState | undefined {
  if (bytes.length !== hardStateBytes || bytes[0] !== formatVersion) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const acceptedEpoch = readU64(view, 1);
  const currentEpoch = readU64(view, 9);
  return Number.isSafeInteger(acceptedEpoch) && Number.isSafeInteger(currentEpoch) ? { acceptedEpoch, currentEpoch } : undefined;
}

/** Where an epoch begins in the history: the index of its txn with counter 1. With it, `index = first + counter - 1`. */
export interface EpochStart {
  readonly epoch: number;
  readonly first: Index;
}

/** The table of first indexes, as a snapshot's meta carries it: version (u8), then (epoch, first index) as u64, little-endian. */
export function encodeEpochStarts(starts: readonly EpochStart[]): Uint8Array {
  const bytes = new Uint8Array(1 + 16 * starts.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = formatVersion;
  for (const [place, { epoch, first }] of starts.entries()) {
    writeU64(view, 1 + 16 * place, epoch);
    writeU64(view, 9 + 16 * place, first);
  }
  return bytes;
}

/** Reads it back; undefined where it is malformed, or its epochs or indexes do not rise. */
export function decodeEpochStarts(bytes: Uint8Array): EpochStart[] | undefined {
  if (bytes[0] !== formatVersion || bytes.length % 16 !== 1) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: EpochStart[] = [];
  for (let offset = 1; offset < bytes.length; offset += 16) {
    const start = { epoch: readU64(view, offset), first: readU64(view, offset + 8) };
    if (!Number.isSafeInteger(start.epoch) || !Number.isSafeInteger(start.first)) return undefined;
    const before = starts.at(-1) ?? { epoch: 0, first: 0 };
    if (start.epoch <= before.epoch || start.first <= before.first) return undefined;
    starts.push(start);
  }
  return starts;
}

function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 0x1_0000_0000, true);
  view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
}

function readU64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
}
