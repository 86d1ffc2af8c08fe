import type { Crc32 } from '@quorate/interface';
import { readU32 } from '@quorate/links';
import { headerBytes, magic, wireVersion } from './frame-format.ts';

/** Takes decoded frames. `payload` is the receiver's: a view of the chunk it came in, or a buffer of its own. */
export interface FrameSink {
  /** False: stop, nothing more is wanted. */
  frame(kind: number, payload: Uint8Array): boolean;
}

/** Cuts a stream of bytes into frames, whatever the chunks are. */
export interface FrameDecoder {
  /** Hands every complete frame to `sink`. Returns `E_NAME: text` where the stream is malformed; nothing may follow then. */
  push(chunk: Uint8Array, sink: FrameSink): string | undefined;
  /** The stream ended: `E_FRAME_EOF: text` within a frame. */
  end(): string | undefined;
  /** The most payload that a frame may announce from now on. */
  maxFrameBytes: number;
}

// A frame of at most this much is collected in a buffer of its full size. A larger one's buffer doubles with what arrived, so that
// an announced length alone never costs more than this.
const eagerBytes = 262_144;

const empty = new Uint8Array(0);

/** A decoder at the start of a stream. */
export function createFrameDecoder(maxFrameBytes: number, crc32: Crc32): FrameDecoder {
  return new StreamDecoder(maxFrameBytes, crc32);
}

class StreamDecoder implements FrameDecoder {
  maxFrameBytes: number;
  private readonly crc32: Crc32;
  // A header that straddles chunks.
  private readonly header = new Uint8Array(headerBytes);
  private headerLength = 0;
  // A payload that straddles chunks. `wanted` is 0 while a header is awaited.
  private partial: Uint8Array = empty;
  private partialLength = 0;
  private wanted = 0;

  constructor(maxFrameBytes: number, crc32: Crc32) {
    this.maxFrameBytes = maxFrameBytes;
    this.crc32 = crc32;
  }

  push(chunk: Uint8Array, sink: FrameSink): string | undefined {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.wanted === 0) {
        const result = this.takeHeader(chunk, offset);
        if (typeof result === 'string') return result;
        offset = result;
        if (this.wanted === 0) return undefined;
        continue;
      }
      const end = offset + this.wanted - this.partialLength;
      if (end > chunk.length) {
        this.collect(chunk.subarray(offset));
        return undefined;
      }
      const payload = this.partialLength === 0 ? chunk.subarray(offset, end) : this.complete(chunk.subarray(offset, end));
      offset = end;
      this.wanted = 0;
      if (this.crc32(payload, 0) !== readU32(this.header, 8)) return crcError(payload.length);
      if (!sink.frame(this.header[3] as number, payload)) return undefined;
    }
    return undefined;
  }

  end(): string | undefined {
    if (this.wanted === 0 && this.headerLength === 0) return undefined;
    const got = this.wanted === 0 ? this.headerLength : headerBytes + this.partialLength;
    const announced = this.wanted === 0 ? `at least ${headerBytes}` : headerBytes + this.wanted;
    return `E_FRAME_EOF: the connection ended within a frame (got=${got}, announced=${announced}). The other end will dial again.`;
  }

  /** Returns the offset behind the header, or the end of the chunk where it is not complete, or what is wrong with it. */
  private takeHeader(chunk: Uint8Array, offset: number): number | string {
    const bytes = Math.min(headerBytes - this.headerLength, chunk.length - offset);
    for (let i = 0; i < bytes; i++) this.header[this.headerLength + i] = chunk[offset + i] as number;
    this.headerLength += bytes;
    // Four bytes tell a stranger from a peer; waiting for twelve would leave a short greeting to the deadline.
    if (this.headerLength >= 4) {
      const problem = startProblem(this.header);
      if (problem !== undefined) return problem;
    }
    if (this.headerLength < headerBytes) return chunk.length;
    this.headerLength = 0;
    const length = readU32(this.header, 4);
    if (length === 0 || length > this.maxFrameBytes) return sizeError(length, this.maxFrameBytes);
    this.wanted = length;
    return offset + bytes;
  }

  private collect(part: Uint8Array): void {
    const length = this.partialLength + part.length;
    if (length > this.partial.length) {
      const size = this.wanted <= eagerBytes ? this.wanted : Math.min(this.wanted, Math.max(eagerBytes, length * 2));
      const grown = new Uint8Array(size);
      grown.set(this.partialLength === this.partial.length ? this.partial : this.partial.subarray(0, this.partialLength));
      this.partial = grown;
    }
    this.partial.set(part, this.partialLength);
    this.partialLength = length;
  }

  private complete(part: Uint8Array): Uint8Array {
    this.collect(part);
    const payload = this.partial.length === this.partialLength ? this.partial : this.partial.subarray(0, this.partialLength);
    this.partial = empty;
    this.partialLength = 0;
    return payload;
  }
}

function startProblem(header: Uint8Array): string | undefined {
  if (((header[0] as number) | ((header[1] as number) << 8)) !== magic) return magicError(header);
  const version = header[2] as number;
  if (version === wireVersion) return undefined;
  return `E_VERSION: the frame has an unknown wire version (got=${version}, allowed=${wireVersion}). Upgrade the older member.`;
}

const httpStarts = new Set(['GET ', 'PUT ', 'POST', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'PRI ', 'HTTP']);

function magicError(header: Uint8Array): string {
  const text = String.fromCharCode(...header.subarray(0, 4));
  let guess = 'it does not start like a frame';
  if (httpStarts.has(text)) guess = 'it looks like HTTP; HTTP and gRPC clients use the client port';
  else if (header[0] === 0x16 && header[1] === 0x03) guess = 'it looks like a TLS hello, and this port speaks plain TCP';
  const got = Array.from(header.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `E_PROTO_MAGIC: this is not the peer protocol (got=${got}): ${guess}. Check the address and the port.`;
}

function sizeError(length: number, max: number): string {
  return `E_FRAME_SIZE: the length of a frame is out of range (got=${length}, allowed=1 to ${max}). Check that both ends allow the same sizes.`;
}

function crcError(length: number): string {
  return `E_FRAME_CRC: the checksum of a frame of ${length} bytes is wrong. The network or a host damages data; the link starts anew.`;
}
