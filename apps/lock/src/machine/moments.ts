import { lockRecordCodec, type LockRecord } from '@quorate/codec-protobuf/lock';
import type { SnapshotReader } from '@quorate/interface';

/** A part of the state that changes and is snapshotted as a whole. */
export interface Recorded {
  /** `Moments.begun` when it was made: moments that began later contain it. */
  readonly born: number;
  record(): LockRecord;
}

/**
 * Snapshots of one moment while writes go on, by keeping what a part was before its first change: who changes a part calls `touch`
 * first. Nothing is copied while no snapshot is open.
 */
export class Moments {
  /** How many snapshots were begun. */
  begun = 0;
  private readonly open = new Set<Moment>();

  /** Before every change of `part`, and before it is removed. */
  touch(part: Recorded): void {
    if (this.open.size === 0) return;
    for (const moment of this.open) moment.keep(part);
  }

  /** Reads `parts` as they are now: a head, them in this order, an end. */
  begin(head: LockRecord, parts: readonly Recorded[]): SnapshotReader {
    this.begun += 1;
    const moment = new Moment(this.begun, head, parts, () => this.open.delete(moment));
    this.open.add(moment);
    return moment;
  }
}

class Moment implements SnapshotReader {
  private readonly number: number;
  private readonly parts: readonly Recorded[];
  private readonly closed: () => void;
  private readonly kept = new Map<Recorded, Uint8Array>();
  private following = 0;
  private ended = false;
  // Bytes that are made and not yet handed out.
  private pieces: Uint8Array[];
  private bytes: number;

  constructor(number: number, head: LockRecord, parts: readonly Recorded[], closed: () => void) {
    this.number = number;
    this.parts = parts;
    this.closed = closed;
    this.pieces = [framed(lockRecordCodec.encode(head))];
    this.bytes = this.pieces[0]?.length ?? 0;
  }

  keep(part: Recorded): void {
    if (part.born < this.number && !this.kept.has(part)) this.kept.set(part, lockRecordCodec.encode(part.record()));
  }

  next(maxBytes: number): Uint8Array | undefined {
    while (this.bytes < maxBytes && !this.ended) this.produce();
    if (this.bytes === 0) return undefined;
    const slice = new Uint8Array(Math.min(maxBytes, this.bytes));
    let filled = 0;
    let used = 0;
    for (let piece = this.pieces[used]; piece !== undefined && filled < slice.length; piece = this.pieces[used]) {
      const taken = piece.subarray(0, slice.length - filled);
      slice.set(taken, filled);
      filled += taken.length;
      if (taken.length === piece.length) used += 1;
      else this.pieces[used] = piece.subarray(taken.length);
    }
    this.pieces = this.pieces.slice(used);
    this.bytes -= filled;
    return slice;
  }

  close(): void {
    this.ended = true;
    this.bytes = 0;
    this.pieces = [];
    this.kept.clear();
    this.closed();
  }

  private produce(): void {
    const part = this.parts[this.following];
    if (part === undefined) {
      this.push(lockRecordCodec.encode({ kind: 'end', records: this.parts.length }));
      this.ended = true;
      return;
    }
    this.following += 1;
    this.push(this.kept.get(part) ?? lockRecordCodec.encode(part.record()));
  }

  private push(record: Uint8Array): void {
    const piece = framed(record);
    this.pieces.push(piece);
    this.bytes += piece.length;
  }
}

/** A record behind its length, four bytes, the lowest first. */
function framed(record: Uint8Array): Uint8Array {
  const piece = new Uint8Array(4 + record.length);
  new DataView(piece.buffer).setUint32(0, record.length, true);
  piece.set(record, 4);
  return piece;
}
