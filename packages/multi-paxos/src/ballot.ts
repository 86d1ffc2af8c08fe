import { compareEpochs, noEpoch } from '@quorate/interface';
import type { Epoch, MemberId } from '@quorate/interface';

/** A ballot number (Paxos Made Simple §2.2): a round and the member that owns it, compared in this order. No two members ever share one. */
export type Ballot = Epoch;

/** The smallest ballot of `owner` above `seen`: a later owner needs no new round. */
export function nextBallot(seen: Ballot, owner: MemberId): Ballot {
  return { round: seen.owner < owner && seen.round > 0 ? seen.round : seen.round + 1, owner };
}

/** The higher of two. */
export function higherBallot(a: Ballot, b: Ballot): Ballot {
  return compareEpochs(a, b) >= 0 ? a : b;
}

const formatVersion = 1;
const hardStateBytes = 17;

/**
 * What an acceptor may never forget, beside its votes: the promise. It covers every slot, and is not the ballot of any vote (those stand
 * with their entries in the journal; one variable for both is unsafe: Sutra 2019, M-4). Version (u8), round (u64), owner (u64), little-endian.
 */
export function encodePromised({ round, owner }: Ballot): Uint8Array {
  const bytes = new Uint8Array(hardStateBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = formatVersion;
  writeU64(view, 1, round);
  writeU64(view, 9, owner);
  return bytes;
}

/** Reads it back; undefined where it is malformed or of an unknown version. */
export function decodePromised(bytes: Uint8Array | undefined): Ballot | undefined {
  if (bytes === undefined) return noEpoch;
  if (bytes.length !== hardStateBytes || bytes[0] !== formatVersion) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const round = readU64(view, 1);
  const owner = readU64(view, 9);
  return Number.isSafeInteger(round) && Number.isSafeInteger(owner) ? { round, owner } : undefined;
}

function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 0x1_0000_0000, true);
  view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
}

function readU64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
}
