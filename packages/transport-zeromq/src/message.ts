import type { Crc32 } from '@quorate/interface';
import { readU32, writeU32, type LinkHost, type QueuedFrame } from '@quorate/links';
import { frameHeadBytes, headBytes, magic, positionAt, wireVersion } from './frame-format.ts';

/** Where a message stands on its link, and how far its sender has received. */
export interface Place {
  readonly position: number;
  readonly acknowledged: number;
}

/** What it takes to make up a message. */
export type MessageTools = Pick<LinkHost, 'crc32' | 'allocate'>;

/**
 * Frames as one message. Everything is copied: ZeroMQ would take a list of pieces, but then the receiver, who owes its owner frames in one
 * piece, had to copy them.
 */
export function layOut(frames: readonly QueuedFrame[], place: Place, tools: MessageTools): Uint8Array {
  let bytes = headBytes;
  for (const { length } of frames) bytes += frameHeadBytes + length;
  const message = tools.allocate(bytes);
  message[0] = magic & 0xff;
  message[1] = magic >>> 8;
  message[2] = wireVersion;
  message[3] = 0;
  writeU32(message, positionAt, place.position);
  writeU32(message, 12, place.acknowledged);
  let end = headBytes;
  for (const { kind, chunks, length } of frames) {
    message[end] = kind;
    writeU32(message, end + 1, length);
    end += frameHeadBytes;
    for (const chunk of chunks) {
      message.set(chunk, end);
      end += chunk.length;
    }
  }
  writeU32(message, 4, tools.crc32(message.subarray(8), 0));
  return message;
}

/** The head of a message whose bytes are those that were sent, or `E_NAME: text`. */
export function readHead(message: Uint8Array, crc32: Crc32): Place | string {
  const strange = startProblem(message);
  if (strange !== undefined) return strange;
  if (message.length < headBytes) return cutError(message.length, headBytes);
  if (crc32(message.subarray(8), 0) !== readU32(message, 4)) {
    return `E_FRAME_CRC: the checksum of a message of ${message.length} bytes is wrong. The network or a host damages data; the link starts anew.`;
  }
  return { position: readU32(message, positionAt), acknowledged: readU32(message, 12) };
}

/** What keeps the first bytes of a message from being ours, as `E_NAME: text`. */
export function startProblem(message: Uint8Array): string | undefined {
  if (message.length < 4 || ((message[0] as number) | ((message[1] as number) << 8)) !== magic) return magicError(message);
  const version = message[2] as number;
  if (version === wireVersion) return undefined;
  return `E_VERSION: the message has an unknown wire version (got=${version}, allowed=${wireVersion}). Upgrade the older member.`;
}

/** Hands every frame of a message whose head was read to `sink`, as views of it, until that returns false. Returns what is malformed. */
export function readFrames(
  message: Uint8Array,
  maxFrameBytes: number,
  sink: (kind: number, payload: Uint8Array) => boolean,
): string | undefined {
  let offset = headBytes;
  while (offset < message.length) {
    const start = offset + frameHeadBytes;
    if (start > message.length) return cutError(message.length, start);
    const length = readU32(message, offset + 1);
    if (length === 0 || length > maxFrameBytes) return sizeError(length, maxFrameBytes);
    const end = start + length;
    if (end > message.length) return cutError(message.length, end);
    if (!sink(message[offset] as number, message.subarray(start, end))) return undefined;
    offset = end;
  }
  return undefined;
}

function magicError(message: Uint8Array): string {
  const got = Array.from(message.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `E_PROTO_MAGIC: this is not the peer protocol (got=${got}): it does not start like a message. Check the address and the port.`;
}

function sizeError(length: number, max: number): string {
  return `E_FRAME_SIZE: the length of a frame is out of range (got=${length}, allowed=1 to ${max}). Check that both ends allow the same sizes.`;
}

function cutError(got: number, announced: number): string {
  return `E_FRAME_EOF: a message ends within a frame (got=${got}, announced=${announced}). The other end will dial again.`;
}
