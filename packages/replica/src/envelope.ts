/**
 * What the replica wraps around each command; the core sees only bytes. Little-endian, at fixed offsets, so that the proposing
 * leader stamps a forwarded command where it lies:
 *
 *     0 version u8 · 1 kind u8 · 2 bytes of principal u16 · 4 incarnation u32 · 8 origin f64 · 16 sequence f64
 *     24 clusterMs f64 · 32 wallMs f64 · then, in session commands only, 40 session f64 · 48 session sequence f64
 *     56 lowest unanswered f64, and in commands under a tenure only, 40 tenure f64 · then the principal (empty until
 *     authentication exists) · then the command
 *
 * The last two kinds are made by a leader for its own duties, never forwarded, and unknown to programs before them.
 */
export const envelopeKinds = { command: 1, sessionCommand: 2, openSession: 3, beginTenure: 4, tenureCommand: 5 } as const;

/** One of {@link envelopeKinds}. */
export type EnvelopeKind = (typeof envelopeKinds)[keyof typeof envelopeKinds];

/** The version that this program writes, and the only one that it reads. */
export const envelopeVersion = 1;

const plainBytes = 40;
const sessionBytes = 64;
const tenureBytes = 48;

/** Where a session command stands in its session. */
export interface SessionPlace {
  readonly session: number;
  readonly sequence: number;
  readonly lowestUnanswered: number;
}

/** Bytes in front of the command. */
export function envelopeBytes(kind: EnvelopeKind): number {
  if (kind === envelopeKinds.sessionCommand) return sessionBytes;
  return kind === envelopeKinds.tenureCommand ? tenureBytes : plainBytes;
}

/** Whether a leader made it for its duties: void under another tenure, and nothing that may be forwarded. */
export function isTenured(kind: number | undefined): boolean {
  return kind === envelopeKinds.beginTenure || kind === envelopeKinds.tenureCommand;
}

/** Who wraps, and as what. */
export interface EnvelopeFields {
  readonly kind: EnvelopeKind;
  readonly origin: number;
  readonly incarnation: number;
  readonly sequence: number;
  /** In session commands only. */
  readonly place: SessionPlace | undefined;
  /** In commands under a tenure only; 0 otherwise. */
  readonly tenure: number;
}

/** Writes everything in front of the command at `offset`; the stamps are zero until the leader sets them. */
export function writeEnvelope(view: DataView, offset: number, fields: EnvelopeFields): void {
  view.setUint8(offset, envelopeVersion);
  view.setUint8(offset + 1, fields.kind);
  view.setUint16(offset + 2, 0, true);
  view.setUint32(offset + 4, fields.incarnation, true);
  view.setFloat64(offset + 8, fields.origin, true);
  view.setFloat64(offset + 16, fields.sequence, true);
  view.setFloat64(offset + 24, 0, true);
  view.setFloat64(offset + 32, 0, true);
  if (fields.kind === envelopeKinds.tenureCommand) view.setFloat64(offset + 40, fields.tenure, true);
  if (fields.place === undefined) return;
  view.setFloat64(offset + 40, fields.place.session, true);
  view.setFloat64(offset + 48, fields.place.sequence, true);
  view.setFloat64(offset + 56, fields.place.lowestUnanswered, true);
}

/** Sets the stamps of envelopes. Keeps one view per buffer: a turn's commands share one. */
export class EnvelopeStamper {
  private view: DataView = new DataView(new ArrayBuffer(0));

  stamp(bytes: Uint8Array, clusterMs: number, wallMs: number): void {
    if (this.view.buffer !== bytes.buffer) this.view = new DataView(bytes.buffer);
    this.view.setFloat64(bytes.byteOffset + 24, clusterMs, true);
    this.view.setFloat64(bytes.byteOffset + 32, wallMs, true);
  }
}

/** What `EnvelopeReader.read` found. */
export type EnvelopeCheck = 'ok' | 'version' | 'malformed';

/** Reads envelopes into its own fields: one object for all entries. */
export class EnvelopeReader {
  kind: EnvelopeKind = envelopeKinds.command;
  incarnation = 0;
  origin = 0;
  sequence = 0;
  clusterMs = 0;
  wallMs = 0;
  /** 0: no session. */
  session = 0;
  sessionSequence = 0;
  lowestUnanswered = 0;
  /** Of a command under a tenure; 0 in all others. */
  tenure = 0;
  /** Offset of the command in the payload. */
  commandAt = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));

  /** Fills the fields; they mean nothing unless the result is `ok`. Never throws. */
  read(bytes: Uint8Array): EnvelopeCheck {
    if (bytes.length < plainBytes) return 'malformed';
    if (bytes[0] !== envelopeVersion) return 'version';
    if (this.view.buffer !== bytes.buffer) this.view = new DataView(bytes.buffer);
    const view = this.view;
    const at = bytes.byteOffset;
    const kind = view.getUint8(at + 1);
    // A kind that a later version adds must stop the member, like a later version.
    if (kind < envelopeKinds.command || kind > envelopeKinds.tenureCommand) return 'version';
    this.kind = kind as EnvelopeKind;
    this.incarnation = view.getUint32(at + 4, true);
    this.origin = view.getFloat64(at + 8, true);
    this.sequence = view.getFloat64(at + 16, true);
    this.clusterMs = view.getFloat64(at + 24, true);
    this.wallMs = view.getFloat64(at + 32, true);
    this.commandAt = envelopeBytes(this.kind) + view.getUint16(at + 2, true);
    if (this.commandAt > bytes.length) return 'malformed';
    this.tenure = kind === envelopeKinds.tenureCommand ? view.getFloat64(at + 40, true) : 0;
    if (kind === envelopeKinds.sessionCommand) return this.readPlace(view, at);
    this.session = 0;
    if (!isCount(this.tenure)) return 'malformed';
    return isCount(this.origin) && isCount(this.sequence) && isTime(this.clusterMs) && isTime(this.wallMs) ? 'ok' : 'malformed';
  }

  private readPlace(view: DataView, at: number): EnvelopeCheck {
    this.session = view.getFloat64(at + 40, true);
    this.sessionSequence = view.getFloat64(at + 48, true);
    this.lowestUnanswered = view.getFloat64(at + 56, true);
    const place = isCount(this.session) && isCount(this.sessionSequence) && isCount(this.lowestUnanswered);
    if (!place || this.session === 0 || this.sessionSequence === 0) return 'malformed';
    return isCount(this.origin) && isCount(this.sequence) && isTime(this.clusterMs) && isTime(this.wallMs) ? 'ok' : 'malformed';
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isTime(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
