import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { isFailure } from '@quorate/interface';
import type { LinkId, Transport, TransportHandlers } from '@quorate/interface';
import { loadTransport } from '@quorate/server';

/** Frames to one other process and back. */
export interface Pipe {
  send(frame: Uint8Array): void;
  /** Hands what was sent in this turn to the network. */
  flush(): void;
  close(): Promise<void>;
}

/** A pipe that listens, at a port of its own. */
export interface ListeningPipe extends Pipe {
  readonly port: number;
}

/** A frame of this size is not sent back: only that it arrived is said. */
export const largeBytes = 65_536;

/** The bare socket, which every transport is compared with. */
export const bareSocket = 'socket';

type OnFrame = (frame: Uint8Array) => void;

/** Listens at `port` (0: any that is free, for the bare socket only) for one peer. */
export async function listen(kind: string, port: number, onFrame: OnFrame): Promise<ListeningPipe> {
  if (kind !== bareSocket) return { port, ...(await overTransport(kind, { self: 1, port, dials: false }, onFrame)).pipe };
  let socket: Socket | undefined;
  const server = createServer((opened) => {
    socket = opened;
    readFrames(opened, onFrame);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    send: (frame) => void socket?.write(framed(frame)),
    flush: () => undefined,
    close: () => closeServer(server, socket),
  };
}

/** Connects to a pipe that listens. */
export async function dial(kind: string, port: number, onFrame: OnFrame): Promise<Pipe> {
  if (kind !== bareSocket) {
    const { pipe, up } = await overTransport(kind, { self: 2, port, dials: true }, onFrame);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, linkWithinMs, false)));
    const isUp = await Promise.race([up.then(() => true), late]);
    clearTimeout(timer);
    if (isUp) return pipe;
    await pipe.close();
    throw new Error(`${kind} made no link to the other process within ${linkWithinMs} ms`);
  }
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  readFrames(socket, onFrame);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', resolve);
  });
  return {
    send: (frame) => void socket.write(framed(frame)),
    flush: () => undefined,
    close: () => {
      socket.destroy();
      return Promise.resolve();
    },
  };
}

const linkWithinMs = 5000;
const headBytes = 4;

function framed(frame: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(headBytes + frame.length);
  bytes.writeUInt32BE(frame.length, 0);
  bytes.set(frame, headBytes);
  return bytes;
}

function readFrames(socket: Socket, onFrame: OnFrame): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let offset = 0;
    while (offset + headBytes <= bytes.length) {
      const end = offset + headBytes + bytes.readUInt32BE(offset);
      if (end > bytes.length) break;
      onFrame(bytes.subarray(offset + headBytes, end));
      offset = end;
    }
    rest = bytes.subarray(offset);
  });
}

function closeServer(server: Server, socket: Socket | undefined): Promise<void> {
  socket?.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

const maxFrameBytes = 4 * 1_048_576;

/** One of the transports that members use, with nothing above it: whoever says hello is let in. */
async function overTransport(
  name: string,
  { self, port, dials }: { readonly self: number; readonly port: number; readonly dials: boolean },
  onFrame: OnFrame,
): Promise<{ readonly pipe: Pipe; readonly up: Promise<void> }> {
  const url = `tcp://127.0.0.1:${port}`;
  const transport = await loadTransport(name, { listen: dials ? [] : [url], maxFrameBytes });
  if (isFailure(transport)) throw new Error(`${transport.code}: ${transport.text}`);
  let link: LinkId = 0;
  let isUp: () => void = () => undefined;
  const up = new Promise<void>((resolve) => (isUp = resolve));
  const peer = 3 - self;
  await start(transport, {
    hello: Uint8Array.of(self),
    self,
    admit: () => ({ peer, kind: 'member', incarnation: 1 }),
    linkUp: (_peer, opened) => {
      link = opened;
      isUp();
    },
    linkDown: () => undefined,
    frame: (_link, frame) => onFrame(frame),
    drained: () => undefined,
    trouble: () => undefined,
  });
  transport.setPeers(dials ? [{ id: peer, urls: [url] }] : []);
  const pipe = {
    send: (frame: Uint8Array): void => void transport.send(link, 'log', [frame]),
    flush: () => transport.flush(),
    close: () => new Promise<void>((resolve) => transport.close(resolve)),
  };
  return { pipe, up };
}

function start(transport: Transport, handlers: TransportHandlers): Promise<void> {
  return new Promise((resolve, reject) => {
    transport.start(handlers, (failed) =>
      failed === undefined ? resolve() : reject(new Error(`${failed.code}: ${failed.text}`)),
    );
  });
}
