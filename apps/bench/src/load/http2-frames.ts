/** Frame types and flags of HTTP/2 (RFC 9113 §6) that a client of unary calls meets. */
export const frameType = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
export const endStream = 1;
export const acknowledge = 1;
const endHeaders = 4;

/** What both ends may send before anything else is said. */
export const initialWindowBytes = 65_535;

/** Every frame begins with this many bytes. */
export const frameHeadBytes = 9;

/** A frame. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frameHeadBytes + payload.length);
  putFrameHead(bytes, 0, { type, flags, stream, length: payload.length });
  bytes.set(payload, frameHeadBytes);
  return bytes;
}

/** The head of a frame. */
export interface FrameHead {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly length: number;
}

/** Writes a frame's head. */
export function putFrameHead(bytes: Uint8Array, offset: number, { type, flags, stream, length }: FrameHead): void {
  bytes[offset] = length >>> 16;
  bytes[offset + 1] = length >>> 8;
  bytes[offset + 2] = length;
  bytes[offset + 3] = type;
  bytes[offset + 4] = flags;
  putUint32(bytes, offset + 5, stream);
}

/** Writes a number of 32 bits, the highest byte first. */
export function putUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** Reads a number of 32 bits. */
export function uint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] ?? 0) << 24) |
      ((bytes[offset + 1] ?? 0) << 16) |
      ((bytes[offset + 2] ?? 0) << 8) |
      (bytes[offset + 3] ?? 0)) >>>
    0
  );
}

const windowBytes = 0x7fff_ffff;
const settingId = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4 } as const;

/** The preface: no compression state, no pushes, and windows so large that answers never wait for us. */
export function clientPreface(): Uint8Array {
  const settings = new Uint8Array(18);
  const entries = [
    [settingId.headerTableSize, 0],
    [settingId.enablePush, 0],
    [settingId.initialWindowSize, windowBytes],
  ] as const;
  for (const [place, [id, value]] of entries.entries()) {
    settings[place * 6 + 1] = id;
    putUint32(settings, place * 6 + 2, value);
  }
  const update = new Uint8Array(4);
  putUint32(update, 0, windowBytes - initialWindowBytes);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    frame(frameType.settings, 0, 0, settings),
    frame(frameType.windowUpdate, 0, 0, update),
  ]);
}

/** The server's initial window for streams, where a SETTINGS frame names it. */
export function initialWindowIn(settings: Uint8Array): number | undefined {
  for (let offset = 0; offset + 6 <= settings.length; offset += 6) {
    if (((settings[offset] ?? 0) << 8) + (settings[offset + 1] ?? 0) === settingId.initialWindowSize)
      return uint32(settings, offset + 2);
  }
  return undefined;
}

/** HEADERS of a unary gRPC call, the stream's number left at 0: HPACK without a table (RFC 7541 §6.2.2), so that every call has the same bytes. */
export function requestHeaders(path: string, authority: string): Uint8Array {
  const post = Uint8Array.of(0x83);
  const http = Uint8Array.of(0x86);
  const fields = [
    indexedName(4, path),
    indexedName(1, authority),
    literal('content-type', 'application/grpc'),
    literal('te', 'trailers'),
  ];
  return frame(frameType.headers, endHeaders, 0, Buffer.concat([post, http, ...fields]));
}

function indexedName(index: number, value: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(index), text(value)]);
}

function literal(name: string, value: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(0), text(name), text(value)]);
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length > 126) throw new RangeError('the header is longer than one byte of length says');
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}
