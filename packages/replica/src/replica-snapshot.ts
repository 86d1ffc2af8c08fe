import { invariant } from '@quorate/interface';
import type { Crc32 } from '@quorate/interface';
import { sessionBounds } from './session-table.ts';
import type { Session } from './session-table.ts';

/** The replica's own share of the replicated state. */
export interface ReplicaState {
  readonly ordinal: number;
  readonly clusterMs: number;
  readonly wallMs: number;
  readonly tenure: number;
  readonly sessions: Iterable<Session>;
}

/**
 * A snapshot is: magic u32, version u32, length of the replica's section u64 as f64, the section, the state machine's bytes, and the CRC-32
 * of all that (u32). All little-endian. A CRC over data that ends with its own CRC is a constant, so that whoever copies
 * a snapshot, resumed or not, checks the whole of it without being told a checksum. The section of version 2 ends with the tenure (f64);
 * one without any tenure is written as version 1, which programs before it read.
 */
export const snapshotResidue = 0x2144df1c;

const magic = 0x314e5351;
const tenureless = 1;
const version = 2;
const headBytes = 16;
/** Bytes behind the state machine's. */
export const snapshotTrailerBytes = 4;

/** The head and the replica's section, of this moment. */
export function encodeReplicaState(state: ReplicaState): Uint8Array {
  const sessions = [...state.sessions];
  let bytes = state.tenure === 0 ? 28 : 36;
  for (const { results } of sessions) {
    bytes += 28;
    for (const result of results.values()) bytes += 12 + result.length;
  }
  const out = new Uint8Array(headBytes + bytes);
  const view = new DataView(out.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, state.tenure === 0 ? tenureless : version, true);
  view.setFloat64(8, bytes, true);
  view.setFloat64(16, state.ordinal, true);
  view.setFloat64(24, state.clusterMs, true);
  view.setFloat64(32, state.wallMs, true);
  view.setUint32(40, sessions.length, true);
  let at = 44;
  for (const session of sessions) at = writeSession(out, view, at, session);
  if (state.tenure !== 0) {
    view.setFloat64(at, state.tenure, true);
    at += 8;
  }
  invariant(at === out.length, 'the section is as long as was counted');
  return out;
}

function writeSession(out: Uint8Array, view: DataView, start: number, session: Session): number {
  let at = start;
  view.setFloat64(at, session.id, true);
  view.setFloat64(at + 8, session.last, true);
  view.setFloat64(at + 16, session.usedMs, true);
  view.setUint32(at + 24, session.results.size, true);
  at += 28;
  for (const [sequence, result] of session.results) {
    view.setFloat64(at, sequence, true);
    view.setUint32(at + 8, result.length, true);
    out.set(result, at + 12);
    at += 12 + result.length;
  }
  return at;
}

/** What a restore found in the replica's section. */
export interface RestoredState {
  readonly ordinal: number;
  readonly clusterMs: number;
  readonly wallMs: number;
  readonly tenure: number;
  readonly sessions: readonly Session[];
}

/** Takes a snapshot apart as its chunks arrive. */
export class SnapshotDecoder {
  /** Set once the section is complete. */
  state: RestoredState | undefined;
  private readonly crc32: Crc32;
  private readonly body: (chunk: Uint8Array) => void;
  private checksum = 0;
  private held: Uint8Array = new Uint8Array(0);

  constructor(crc32: Crc32, body: (chunk: Uint8Array) => void) {
    this.crc32 = crc32;
    this.body = body;
  }

  /** False: malformed. The state machine's bytes go to `body`, all but the last four, which may be the trailer. */
  write(chunk: Uint8Array): boolean {
    this.checksum = this.crc32(chunk, this.checksum);
    let bytes = this.held.length === 0 ? chunk : join(this.held, chunk);
    if (this.state === undefined) {
      const length = sectionLength(bytes);
      if (length === undefined) return false;
      if (length === 0 || bytes.length < headBytes + length) {
        this.held = bytes;
        return true;
      }
      this.state = decodeSection(bytes.subarray(headBytes, headBytes + length), bytes[4] !== tenureless);
      if (this.state === undefined) return false;
      bytes = bytes.subarray(headBytes + length);
    }
    const ready = bytes.length - snapshotTrailerBytes;
    if (ready > 0) this.body(bytes.subarray(0, ready));
    this.held = bytes.subarray(Math.max(ready, 0));
    return true;
  }

  /** True: complete and undamaged. */
  finish(): boolean {
    return this.state !== undefined && this.held.length === snapshotTrailerBytes && this.checksum === snapshotResidue;
  }
}

/** 0: not yet known; undefined: malformed. */
function sectionLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < headBytes) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const written = view.getUint32(4, true);
  if (view.getUint32(0, true) !== magic || written < tenureless || written > version) return undefined;
  const length = view.getFloat64(8, true);
  const bound = 2 * sessionBounds.totalBytes + 64 * sessionBounds.sessions;
  return Number.isSafeInteger(length) && length >= 28 && length <= bound ? length : undefined;
}

function decodeSection(bytes: Uint8Array, tenured: boolean): RestoredState | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sessions: Session[] = [];
  let at = 28;
  const count = view.getUint32(24, true);
  for (let i = 0; i < count; i++) {
    if (at + 28 > bytes.length) return undefined;
    const results = new Map<number, Uint8Array>();
    const session = {
      id: view.getFloat64(at, true),
      last: view.getFloat64(at + 8, true),
      usedMs: view.getFloat64(at + 16, true),
      bytes: 0,
      results,
    };
    const kept = view.getUint32(at + 24, true);
    at += 28;
    for (let k = 0; k < kept; k++) {
      if (at + 12 > bytes.length) return undefined;
      const length = view.getUint32(at + 8, true);
      if (at + 12 + length > bytes.length) return undefined;
      results.set(view.getFloat64(at, true), bytes.slice(at + 12, at + 12 + length));
      session.bytes += length + sessionBounds.overheadBytes;
      at += 12 + length;
    }
    sessions.push(session);
  }
  if (at + (tenured ? 8 : 0) !== bytes.length) return undefined;
  return {
    ordinal: view.getFloat64(0, true),
    clusterMs: view.getFloat64(8, true),
    wallMs: view.getFloat64(16, true),
    tenure: tenured ? view.getFloat64(at, true) : 0,
    sessions,
  };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a, 0);
  both.set(b, a.length);
  return both;
}
