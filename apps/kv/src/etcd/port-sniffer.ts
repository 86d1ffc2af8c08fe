import type { Socket } from 'node:net';

// The beginning of HTTP/2's connection preface; no HTTP/1 request begins like it.
const preface = 'PRI ';

/** Who takes over a connection once its first bytes say what it is. */
export interface SniffedPort {
  readonly http2: (socket: Socket) => void;
  readonly http1: (socket: Socket) => void;
  /** A connection that says nothing for this long is ended. */
  readonly patienceMs: number;
}

/** Waits for the first bytes of a connection and hands it over with them put back. */
export function sniff(socket: Socket, port: SniffedPort): void {
  let seen: Buffer = Buffer.alloc(0);
  const onData = (piece: Buffer): void => {
    seen = seen.length === 0 ? piece : Buffer.concat([seen, piece]);
    const known = Math.min(seen.length, preface.length);
    const http2 = seen.toString('latin1', 0, known) === preface.slice(0, known);
    if (http2 && known < preface.length) return;
    socket.off('data', onData);
    socket.off('error', onError);
    socket.off('timeout', onError);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(seen);
    if (http2) port.http2(socket);
    else {
      port.http1(socket);
      // An HTTP/1 parser reads from a flowing socket only.
      process.nextTick(() => socket.resume());
    }
  };
  const onError = (): void => {
    socket.destroy();
  };
  socket.on('data', onData);
  socket.on('error', onError);
  socket.on('timeout', onError);
  socket.setTimeout(port.patienceMs);
}
