import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { OperationOutcome } from './target.ts';
import {
  acknowledge,
  clientPreface,
  endStream,
  frame,
  frameHeadBytes,
  frameType,
  initialWindowBytes,
  initialWindowIn,
  putFrameHead,
  putUint32,
  requestHeaders,
  uint32,
} from './http2-frames.ts';

interface Call {
  readonly done: (outcome: OperationOutcome) => void;
  answered: boolean;
}

/** A call that waits for the server to open its window. */
interface Waiting {
  readonly path: string;
  readonly request: Uint8Array;
  readonly call: Call;
}

const prefixBytes = 5;
const streamOffset = 5;

/**
 * Unary gRPC calls over one plain HTTP/2 connection, as cheaply as JavaScript can make them: a load generator must not be what is
 * measured. Headers of answers are not decoded. A unary call that fails is answered by headers alone (gRPC over HTTP/2,
 * "Trailers-Only"), one that succeeds has a message; that is all that is needed to tell them apart.
 */
export class GrpcConnection {
  readonly #socket: Socket;
  readonly #headers = new Map<string, Uint8Array>();
  readonly #authority: string;
  readonly #calls = new Map<number, Call>();
  readonly #waiting: Waiting[] = [];
  #nextStream = 1;
  /** What the server lets us send, on the connection, and at first on each stream. */
  #window = initialWindowBytes;
  #streamWindow = initialWindowBytes;
  #out: Uint8Array[] = [];
  #rest: Uint8Array = new Uint8Array(0);
  #closed = false;
  /** Since the server's window was opened again. */
  #received = 0;

  constructor(url: string) {
    const { hostname, port, host } = new URL(url);
    this.#authority = host;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk: Uint8Array) => this.#take(chunk));
    this.#socket.on('error', () => undefined); // 'close' follows.
    this.#socket.on('close', () => this.#lost());
    this.#socket.write(clientPreface());
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Sends a request message. `done` is called once, later. */
  call(path: string, request: Uint8Array, done: (outcome: OperationOutcome) => void): void {
    const call = { done, answered: false };
    // Nothing of it left: whoever asks a dead connection knows that it did not happen.
    if (this.#closed) return void setImmediate(() => done('failed'));
    const bytes = prefixBytes + request.length;
    if (this.#waiting.length > 0 || bytes > this.#window || bytes > this.#streamWindow)
      this.#waiting.push({ path, request, call });
    else this.#send(path, request, call);
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(path: string, request: Uint8Array, call: Call): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#calls.set(stream, call);
    const headers = this.#headersOf(path);
    const length = prefixBytes + request.length;
    const bytes = Buffer.allocUnsafe(headers.length + frameHeadBytes + length);
    bytes.set(headers, 0);
    putUint32(bytes, streamOffset, stream);
    putFrameHead(bytes, headers.length, { type: frameType.data, flags: endStream, stream, length });
    const body = headers.length + frameHeadBytes;
    bytes[body] = 0;
    putUint32(bytes, body + 1, request.length);
    bytes.set(request, body + prefixBytes);
    this.#window -= length;
    this.#write(bytes);
  }

  #headersOf(path: string): Uint8Array {
    const known = this.#headers.get(path);
    if (known !== undefined) return known;
    const made = requestHeaders(path, this.#authority);
    this.#headers.set(path, made);
    return made;
  }

  /** All frames of a turn leave in one write. */
  #write(bytes: Uint8Array): void {
    if (this.#out.push(bytes) > 1) return;
    setImmediate(() => {
      const out = this.#out;
      this.#out = [];
      if (!this.#closed) this.#socket.write(out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out));
    });
  }

  #take(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let offset = 0;
    while (offset + frameHeadBytes <= bytes.length) {
      const length = uint32(bytes, offset) >>> 8;
      const end = offset + frameHeadBytes + length;
      if (end > bytes.length) break;
      const type = bytes[offset + 3] ?? 0;
      const flags = bytes[offset + 4] ?? 0;
      this.#frame(type, flags, uint32(bytes, offset + 5) & 0x7fff_ffff, bytes.subarray(offset + frameHeadBytes, end));
      offset = end;
    }
    this.#rest = bytes.subarray(offset);
    while (this.#waiting.length > 0 && this.#sendNext());
  }

  #sendNext(): boolean {
    const [next] = this.#waiting;
    if (next === undefined) return false;
    const bytes = prefixBytes + next.request.length;
    if (bytes > this.#window || bytes > this.#streamWindow) return false;
    this.#waiting.shift();
    this.#send(next.path, next.request, next.call);
    return true;
  }

  #frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    const call = this.#calls.get(stream);
    switch (type) {
      case frameType.data:
        this.#giveBack(payload.length);
        if (call !== undefined) call.answered ||= payload.length > 0;
        break;
      case frameType.rstStream:
        this.#end(stream, 'unknown');
        return;
      case frameType.settings:
        this.#settings(flags, payload);
        return;
      case frameType.ping:
        if ((flags & acknowledge) === 0) this.#write(frame(frameType.ping, acknowledge, 0, payload));
        return;
      case frameType.windowUpdate:
        if (stream === 0) this.#window += uint32(payload, 0);
        return;
      case frameType.goAway:
        this.#socket.destroySoon();
        return;
      default:
        break;
    }
    // A refusal says no more than that: for a load it has no known outcome, whatever the reason was.
    if ((flags & endStream) !== 0 && (type === frameType.data || type === frameType.headers))
      this.#end(stream, call?.answered === true ? 'succeeded' : 'unknown');
  }

  /** The connection's window is as large as it can be; long before it is used up, the server gets it back. */
  #giveBack(bytes: number): void {
    this.#received += bytes;
    if (this.#received < 2 ** 24) return;
    const update = new Uint8Array(4);
    putUint32(update, 0, this.#received);
    this.#received = 0;
    this.#write(frame(frameType.windowUpdate, 0, 0, update));
  }

  #settings(flags: number, payload: Uint8Array): void {
    if ((flags & acknowledge) !== 0) return;
    this.#streamWindow = initialWindowIn(payload) ?? this.#streamWindow;
    this.#write(frame(frameType.settings, acknowledge, 0, new Uint8Array(0)));
  }

  #end(stream: number, outcome: OperationOutcome): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    this.#calls.delete(stream);
    call.done(outcome);
  }

  #lost(): void {
    this.#closed = true;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { done } of calls) done('unknown');
    for (const { call } of this.#waiting.splice(0)) call.done('failed');
  }
}
