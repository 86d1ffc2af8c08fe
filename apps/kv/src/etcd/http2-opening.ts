import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { authorityFilter } from './authority-filter.ts';
import { AuthorityReader } from './authority-reader.ts';
import { FilteredSocket } from './filtered-socket.ts';
import { FrameFlag, FrameType, FrameWalker, headBytes, payloadBytes, preface } from './frame-walker.ts';
import { HeaderBlockWalker } from './header-block-walker.ts';

const emptySettings = Uint8Array.of(0, 0, 0, FrameType.settings, 0, 0, 0, 0, 0);
// More than a client may send before it has seen a SETTINGS frame and the windows that come with it.
const maxHeldBytes = 1 << 20;

/** Who takes over a connection of HTTP/2, with all its bytes put back. */
export interface Http2Opening {
  readonly adopt: (socket: Duplex) => void;
  /** A connection that owes an answer for this long is ended. */
  readonly patienceMs: number;
}

/**
 * Reads an HTTP/2 connection up to its first call, because `node:http2` refuses calls whose `:authority` is no host name, which etcd
 * does not: `etcdctl` sends the endpoint's URL, Go clients 3.5.0 `#initially=…`. A connection whose first authority is one that node
 * takes is handed over as the socket it is, which node reads natively; any other goes past `authorityFilter`, at a price per call.
 */
export function openHttp2(socket: Socket, opening: Http2Opening): void {
  new Opening(socket, opening).begin();
}

class Opening {
  private readonly socket: Socket;
  private readonly opening: Http2Opening;
  private readonly reader = new AuthorityReader();
  private readonly frames = new FrameWalker(new HeaderBlockWalker(this.reader));
  private held: Buffer = Buffer.alloc(256);
  private fill = 0;
  /** Where the first frame begins that is not read yet. */
  private at = preface.length;
  private asked = false;
  private acknowledged = false;
  /** The first call has come whole, or something that wants an answer. */
  private called = false;

  constructor(socket: Socket, opening: Http2Opening) {
    this.socket = socket;
    this.opening = opening;
  }

  begin(): void {
    const { socket, opening } = this;
    socket.on('data', this.onData);
    socket.on('error', this.onError);
    socket.on('timeout', this.onError);
    socket.setTimeout(opening.patienceMs);
    socket.resume();
  }

  private readonly onError = (): void => {
    this.socket.destroy();
  };

  private readonly onData = (piece: Buffer): void => {
    if (this.fill + piece.length > maxHeldBytes) {
      this.socket.destroy();
      return;
    }
    this.hold(piece);
    this.frames.walk(piece);
    while (this.frame());
    if (this.called && this.asked === this.acknowledged) this.handOver();
    // Go clients wait for the server's SETTINGS before they call (RFC 9113 §3.4 lets them).
    else if (!this.called && !this.asked && this.at > preface.length) this.ask();
    // Once it has acknowledged, a client may be silent between frames, as clients connect ahead of their first call.
    else this.socket.setTimeout(this.acknowledged && this.at === this.fill ? 0 : this.opening.patienceMs);
  };

  private hold(piece: Buffer): void {
    if (this.fill + piece.length > this.held.length) {
      const larger = Buffer.alloc(2 * (this.fill + piece.length));
      this.held.copy(larger, 0, 0, this.fill);
      this.held = larger;
    }
    piece.copy(this.held, this.fill);
    this.fill += piece.length;
  }

  // Reads the next frame; false: it is not here, or not whole.
  private frame(): boolean {
    const { held, at, fill } = this;
    if (at + headBytes > fill) return false;
    const type = held[at + 3] ?? 0;
    const settings = type === FrameType.settings;
    const silent = settings || type === FrameType.windowUpdate || type === FrameType.priority || type === FrameType.continuation;
    if (type === FrameType.headers) this.called ||= this.frames.blocks > 0;
    else if (!silent) this.called = true;
    const end = at + headBytes + payloadBytes(held, at);
    if (end > fill || (type === FrameType.headers && !this.called)) return false;
    const acknowledges = settings && ((held[at + 4] ?? 0) & FrameFlag.ack) !== 0 && end === at + headBytes;
    if (acknowledges && this.asked && !this.acknowledged) {
      // This answers the SETTINGS sent here, of which node does not know.
      held.copyWithin(at, end, fill);
      this.fill -= headBytes;
      this.acknowledged = true;
    } else this.at = end;
    return true;
  }

  private ask(): void {
    this.asked = true;
    this.socket.write(emptySettings);
  }

  private handOver(): void {
    const { socket, frames, reader, opening } = this;
    socket.off('data', this.onData);
    socket.off('error', this.onError);
    socket.off('timeout', this.onError);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(this.held.subarray(0, this.fill));
    opening.adopt(frames.blocks > 0 && reader.legal ? socket : new FilteredSocket(socket, authorityFilter()));
  }
}
