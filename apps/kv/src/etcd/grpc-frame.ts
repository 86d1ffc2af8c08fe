import { putFieldHead, putNumberField, numberFieldBytes, varintBytes } from '../store/wire.ts';

/** gRPC puts these before every message: one of compression, four of length. */
export const frameHeadBytes = 5;

// Longer bodies are sent as they are, behind their head; shorter ones are cheaper to copy than to write twice.
const longestCopyBytes = 16_384;

/** Who answers, and in which term: the part of etcd's ResponseHeader that stays. */
export class HeaderWriter {
  private readonly identity: Uint8Array;
  private term = 0;

  /** `clusterId`: 16 hexadecimal digits. */
  constructor(clusterId: string, memberId: number) {
    this.identity = Uint8Array.from([...bigField(0x08, BigInt(`0x${clusterId}`)), ...bigField(0x10, BigInt(memberId))]);
  }

  /** The newest term known; it never falls. */
  setTerm(term: number): void {
    if (term > this.term) this.term = term;
  }

  /**
   * The gRPC frame of a response whose first field is its header; `revision` 0 is left out. Where a second array is returned, it is
   * the end of `body` and continues the first one.
   */
  frame(revision: number, body: Uint8Array, bodyOffset: number): readonly [Uint8Array, Uint8Array | undefined] {
    const headerBytes = this.identity.length + numberFieldBytes(revision) + numberFieldBytes(this.term);
    const bodyBytes = body.length - bodyOffset;
    const messageBytes = 1 + varintBytes(headerBytes) + headerBytes + bodyBytes;
    const copied = bodyBytes <= longestCopyBytes;
    const frame = Buffer.allocUnsafe(frameHeadBytes + messageBytes - (copied ? 0 : bodyBytes));
    putFrameHead(frame, messageBytes);
    let end = putFieldHead(frame, frameHeadBytes, 0x0a, headerBytes);
    frame.set(this.identity, end);
    end = putNumberField(frame, end + this.identity.length, 0x18, revision);
    end = putNumberField(frame, end, 0x20, this.term);
    if (!copied) return [frame, body.subarray(bodyOffset)];
    frame.set(bodyOffset === 0 ? body : body.subarray(bodyOffset), end);
    return [frame, undefined];
  }
}

/** The gRPC frame of a message that has no header. */
export function plainFrame(message: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(frameHeadBytes + message.length);
  putFrameHead(frame, message.length);
  frame.set(message, frameHeadBytes);
  return frame;
}

function putFrameHead(frame: Buffer, messageBytes: number): void {
  frame[0] = 0;
  frame.writeUInt32BE(messageBytes, 1);
}

// Cluster and member ids use all 64 bits; encoded once.
function bigField(tag: number, value: bigint): number[] {
  const bytes = [tag];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return bytes;
}
