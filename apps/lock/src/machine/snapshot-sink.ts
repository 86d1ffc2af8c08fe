import { lockRecordCodec, type LockRecord } from '@quorate/codec-protobuf/lock';
import type { SnapshotSink } from '@quorate/interface';
import { LockState, snapshotVersion } from './lock-state.ts';

/** Above what any record takes: a lock with all its holders, waiters and their metadata. */
const recordBytes = 0x8000000;
const noBytes = new Uint8Array(0);

/** Builds a state from the bytes of a snapshot; `done` gets it once it is complete. Throws where the bytes are malformed. */
export function snapshotSink(done: (state: LockState) => void): SnapshotSink {
  const builder = new StateBuilder();
  return {
    write: (chunk) => builder.write(chunk),
    finish: () => done(builder.finish()),
  };
}

class StateBuilder {
  private readonly state = new LockState();
  private records = -1;
  private ended = false;
  /** Chunks whose records are not complete, and their bytes. */
  private held: Uint8Array[] = [];
  private heldBytes = 0;

  write(chunk: Uint8Array): void {
    this.held.push(chunk.slice());
    this.heldBytes += chunk.length;
    if (this.heldBytes < this.neededBytes()) return;
    const bytes = this.joined();
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = lengthAt(bytes, at);
      if (bytes.length - at < 4 + length) break;
      this.take(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.held = [bytes.slice(at)];
    this.heldBytes = bytes.length - at;
  }

  /** A record in many small chunks is not joined anew with each. */
  private neededBytes(): number {
    const first = this.held[0] ?? noBytes;
    return first.length < 4 ? 4 : 4 + lengthAt(first, 0);
  }

  private joined(): Uint8Array {
    if (this.held.length === 1) return this.held[0] ?? noBytes;
    const bytes = new Uint8Array(this.heldBytes);
    let at = 0;
    for (const piece of this.held) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  private take(bytes: Uint8Array): void {
    if (this.ended) throw malformed('bytes follow its end');
    const record = lockRecordCodec.decode(bytes);
    if (record === undefined) throw malformed('a record in it cannot be read');
    if (this.records < 0) {
      if (record.kind !== 'head' || record.version !== snapshotVersion) throw malformed('it is not a snapshot of this version');
      this.state.table.token = record.token;
    } else this.add(record);
    if (!this.ended) this.records += 1;
  }

  private add(record: LockRecord): void {
    const { sessions, table } = this.state;
    switch (record.kind) {
      case 'session':
        if (!sessions.restore(record)) throw malformed('a session is in it twice');
        break;
      case 'name':
        if (!table.restoreLock(record)) throw malformed('a lock in it is impossible');
        break;
      case 'finished':
        // Locks come first: their sessions are known by now, and so is what they have to do with locks.
        if (!table.restoreFinished(record)) throw malformed('requests of a session are in it twice');
        break;
      case 'end':
        if (record.records !== this.records) throw malformed('records are missing');
        this.ended = true;
        break;
      default:
        throw malformed('a record in it is out of place');
    }
  }

  finish(): LockState {
    if (!this.ended || this.heldBytes > 0) throw malformed('it is cut off');
    const { sessions, table } = this.state;
    for (const session of table.owners()) {
      if (sessions.get(session) === undefined) throw malformed('a session that holds something is missing');
    }
    return this.state;
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
  if (length > recordBytes) throw malformed('a record in it is too long');
  return length;
}

function malformed(what: string): Error {
  return new Error(`E_SNAPSHOT_MALFORMED: the snapshot cannot be restored: ${what}. Take it from another member.`);
}
