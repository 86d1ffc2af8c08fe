import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';

/** A gRPC status other than OK, or a connection that failed (code 14). */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }

  /** True where the text proves that the request never entered the log. Everything else may have happened. */
  get neverApplied(): boolean {
    return this.code === 3 || this.code === 8 || this.message.includes('connect ECONNREFUSED');
  }
}

/** Unary gRPC calls over one HTTP/2 connection, which is made again when it was lost. */
export interface UnaryCaller {
  /** Resolves with the response message, rejects with an {@link EtcdError}. */
  call(path: string, request: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  close(): void;
}

const prefixBytes = 5;
const unavailable = 14;
const deadlineExceeded = 4;

/** Calls to the server at `url`. Nothing is sent before the first call. */
export function createUnaryCaller(url: string): UnaryCaller {
  let session: ClientHttp2Session | undefined;
  let lastError = '';
  const connected = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    const opened = connect(url);
    opened.on('error', (error) => {
      lastError = error.message;
    });
    session = opened;
    return opened;
  };
  return {
    call: (path, request, timeoutMs) => callOnce(connected(), { path, request, timeoutMs, lastError: () => lastError }),
    close: () => session?.destroy(),
  };
}

interface Call {
  readonly path: string;
  readonly request: Uint8Array;
  readonly timeoutMs: number;
  readonly lastError: () => string;
}

function callOnce(session: ClientHttp2Session, { path, request, timeoutMs, lastError }: Call): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${timeoutMs}m`,
    });
    const chunks: Buffer[] = [];
    let status: EtcdError | 'ok' | undefined;
    const timer = setTimeout(() => {
      status = new EtcdError(deadlineExceeded, 'context deadline exceeded');
      stream.close(constants.NGHTTP2_CANCEL);
    }, timeoutMs);
    const readStatus = (headers: IncomingHttpHeaders): void => {
      const code = Number(headers['grpc-status'] ?? Number.NaN);
      if (code === 0) status = 'ok';
      else if (code > 0) status = new EtcdError(code, decodeURIComponent(single(headers['grpc-message'])));
    };
    stream.on('response', readStatus);
    stream.on('trailers', readStatus);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined); // 'close' follows and rejects.
    stream.on('close', () => {
      clearTimeout(timer);
      if (status === 'ok') resolve(Buffer.concat(chunks).subarray(prefixBytes));
      else reject(status ?? new EtcdError(unavailable, lastError() || 'the connection was lost'));
    });
    stream.end(framed(request));
  });
}

function single(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(', ') : (header ?? '');
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}
