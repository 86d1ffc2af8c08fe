import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

/** A socket whose incoming bytes go past `filter` first, which may change them in place. */
export class FilteredSocket extends Duplex {
  private readonly socket: Socket;

  constructor(socket: Socket, filter: (piece: Buffer) => void) {
    super();
    this.socket = socket;
    socket.on('data', (piece: Buffer) => {
      filter(piece);
      if (!this.push(piece)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.socket.resume();
  }

  // The callback waits for the socket's own, so that what one side cannot take yet holds the other side back.
  override _write(piece: Buffer, encoding: BufferEncoding, done: Done): void {
    this.socket.write(piece, encoding, done);
  }

  // What gathered meanwhile leaves with one system call.
  override _writev(pieces: readonly { readonly chunk: Buffer }[], done: Done): void {
    const { socket } = this;
    socket.cork();
    for (const [place, { chunk }] of pieces.entries()) {
      if (place < pieces.length - 1) socket.write(chunk);
      else socket.write(chunk, done);
    }
    socket.uncork();
  }

  override _final(done: Done): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.socket.destroy();
    done(error);
  }
}
