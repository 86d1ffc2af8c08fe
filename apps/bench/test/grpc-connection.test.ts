import { createServer } from 'node:http2';
import type { Http2Server, ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GrpcConnection } from '../src/load/grpc-connection.ts';
import { frame, frameHeadBytes, frameType, putUint32, uint32 } from '../src/load/http2-frames.ts';
import type { OperationOutcome } from '../src/load/target.ts';

const framed = (message: Uint8Array): Buffer => {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
};

describe('the lean gRPC client', () => {
  let server: Http2Server;
  let connection: GrpcConnection;
  let answer: (stream: ServerHttp2Stream, path: string, request: Buffer) => void = () => undefined;

  beforeEach(async () => {
    server = createServer();
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on('error', () => undefined); // A test ends connections on purpose.
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => answer(stream, headers[':path'] ?? '', Buffer.concat(chunks)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    connection = new GrpcConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(async () => {
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const call = (path: string, request: Uint8Array): Promise<OperationOutcome> =>
    new Promise((resolve) => connection.call(path, request, resolve));

  const succeed = (stream: ServerHttp2Stream): void => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(framed(Uint8Array.of(1, 2, 3)));
  };

  it('sends whole requests, also many more bytes than the window of the server', async () => {
    const seen: Buffer[] = [];
    answer = (stream, path, request) => {
      expect(path).toBe('/etcdserverpb.KV/Put');
      seen.push(request);
      succeed(stream);
    };
    const requests = Array.from({ length: 200 }, (_, i) => new Uint8Array(5000).fill(i));
    const outcomes = await Promise.all(requests.map((request) => call('/etcdserverpb.KV/Put', request)));
    expect(new Set(outcomes)).toEqual(new Set(['succeeded']));
    expect(seen.map((bytes) => bytes.toString('hex'))).toEqual(requests.map((bytes) => framed(bytes).toString('hex')));
  });

  it('takes an answer without a message for no success', async () => {
    answer = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' }, { endStream: true });
    };
    expect(await call('/etcdserverpb.KV/Put', Uint8Array.of(1))).toBe('unknown');
  });

  it('knows nothing of calls on a connection that was lost, and refuses new ones', async () => {
    answer = (stream) => stream.session?.destroy();
    expect(await call('/etcdserverpb.KV/Put', Uint8Array.of(1))).toBe('unknown');
    expect(connection.isClosed).toBe(true);
    expect(await call('/etcdserverpb.KV/Put', Uint8Array.of(1))).toBe('failed');
  });
});

it('never sends more than the window, and goes on once it is opened', async () => {
  const prefaceBytes = 24;
  let dataBytes = 0;
  let pings = 0;
  let onFrame: () => void = () => undefined;
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      onFrame = () => {
        if (holds()) resolve();
      };
      onFrame();
    });
  let peer: Socket | undefined;
  const server = createTcpServer((socket) => {
    peer = socket;
    let rest = Buffer.alloc(0);
    let skip = prefaceBytes;
    socket.on('error', () => undefined); // The connection is cut at the end.
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, Buffer.from(chunk)]);
      while (rest.length >= skip + frameHeadBytes) {
        const length = uint32(rest, skip) >>> 8;
        if (rest.length < skip + frameHeadBytes + length) break;
        if (rest[skip + 3] === frameType.data) dataBytes += length;
        if (rest[skip + 3] === frameType.ping) pings++;
        rest = rest.subarray(skip + frameHeadBytes + length);
        skip = 0;
      }
      onFrame();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connection = new GrpcConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (let i = 0; i < 100; i++) connection.call('/x', new Uint8Array(995), () => undefined);
  await until(() => dataBytes > 0);
  // Whatever was written before the answer to a ping is here when that answer is.
  peer?.write(frame(frameType.ping, 0, 0, new Uint8Array(8)));
  await until(() => pings === 1);
  expect(dataBytes).toBe(65_000);
  const update = new Uint8Array(4);
  putUint32(update, 0, 100_000);
  peer?.write(frame(frameType.windowUpdate, 0, 0, update));
  await until(() => dataBytes === 100_000);
  connection.close();
  await new Promise((resolve) => server.close(resolve));
});
