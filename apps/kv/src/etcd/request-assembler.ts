import { frameHeadBytes } from './grpc-frame.ts';
import { Code, rpcStatus, type RpcStatus } from './rpc-status.ts';

const cutOff = rpcStatus(Code.internal, 'unexpected EOF');
const compressedIdentity = rpcStatus(Code.internal, 'grpc: compressed flag set with identity or empty encoding');

/** Puts a unary request together from the pieces that the network delivers. Nothing is allocated before its bytes are here. */
export class RequestAssembler {
  private readonly maxMessageBytes: number;
  private readonly encoding: string | undefined;
  private pieces: Buffer[] | undefined;
  private held = 0;
  /** One free byte, then the message; undefined until it is complete. */
  request: Uint8Array | undefined;
  failure: RpcStatus | undefined;

  constructor(maxMessageBytes: number, encoding: string | undefined) {
    this.maxMessageBytes = maxMessageBytes;
    this.encoding = encoding;
  }

  /** Takes a piece; true once `request` or `failure` is set. What follows the message is ignored, as grpc-go does. */
  push(piece: Buffer): boolean {
    if (this.request !== undefined || this.failure !== undefined) return true;
    let bytes = piece;
    if (this.pieces !== undefined) {
      this.pieces.push(piece);
      this.held += piece.length;
      // Only a piece that completes the head or the message makes it worth joining them.
      if (this.held < this.wanted()) return false;
      bytes = Buffer.concat(this.pieces, this.held);
    }
    return this.take(bytes);
  }

  /** The client has sent everything. */
  end(): void {
    if (this.request === undefined && this.failure === undefined) this.failure = cutOff;
  }

  private take(bytes: Buffer): boolean {
    if (bytes.length >= frameHeadBytes) {
      const length = bytes.readUInt32BE(1);
      this.failure = this.fault(bytes, length);
      if (this.failure !== undefined) return true;
      if (bytes.length >= frameHeadBytes + length) {
        // The byte before the message becomes the free one: no copy where the piece is used only here.
        this.request = bytes.subarray(frameHeadBytes - 1, frameHeadBytes + length);
        this.pieces = undefined;
        return true;
      }
    }
    this.pieces = [bytes];
    this.held = bytes.length;
    return false;
  }

  private wanted(): number {
    const first = this.pieces?.[0];
    return first === undefined || first.length < frameHeadBytes ? frameHeadBytes : frameHeadBytes + first.readUInt32BE(1);
  }

  private fault(bytes: Buffer, length: number): RpcStatus | undefined {
    if (length > this.maxMessageBytes) {
      return rpcStatus(Code.resourceExhausted, `grpc: received message larger than max (${length} vs. ${this.maxMessageBytes})`);
    }
    if (bytes[0] === 0) return undefined;
    if (bytes[0] !== 1) return rpcStatus(Code.internal, `grpc: received unexpected payload format ${bytes[0]}`);
    const { encoding } = this;
    if (encoding === undefined || encoding === 'identity') return compressedIdentity;
    return rpcStatus(Code.unimplemented, `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`);
  }
}
