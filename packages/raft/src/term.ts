import type { MemberId } from '@quorate/interface';

/** What a member may never forget: Raft's Figure 2, "persistent state", without the log. */
export interface HardState {
  /** The latest term this member has seen. Never falls. */
  readonly currentTerm: number;
  /** Who got this member's vote in `currentTerm`; 0: nobody yet. */
  readonly votedFor: MemberId;
}

const formatVersion = 1;
const hardStateBytes = 17;

/** The hard state as the journal keeps it: version (u8), term (u64), vote (u64), little-endian. */
export function encodeHardState({ currentTerm, votedFor }: HardState): Uint8Array {
  const bytes = new Uint8Array(hardStateBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = formatVersion;
  writeU64(view, 1, currentTerm);
  writeU64(view, 9, votedFor);
  return bytes;
}

/** Reads it back; undefined where it is malformed or of an unknown version. */
export function decodeHardState(bytes: Uint8Array): HardState | undefined {
  if (bytes.length !== hardStateBytes || bytes[0] !== formatVersion) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const currentTerm = readU64(view, 1);
  const votedFor = readU64(view, 9);
  return Number.isSafeInteger(currentTerm) && Number.isSafeInteger(votedFor) ? { currentTerm, votedFor } : undefined;
}

/** Raft §5.4.1: the later last term is the more up to date; with equal terms, the longer log. True where the first is at least as good. */
export function isUpToDate(lastTerm: number, lastIndex: number, ownLastTerm: number, ownLastIndex: number): boolean {
  return lastTerm === ownLastTerm ? lastIndex >= ownLastIndex : lastTerm > ownLastTerm;
}

function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 0x1_0000_0000, true);
  view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
}

function readU64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
}
