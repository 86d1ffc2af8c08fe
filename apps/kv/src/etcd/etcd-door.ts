import { createServer, type Server, type Socket } from 'node:net';
import type { Server as HttpServer } from 'node:http';
import type { Host } from '@quorate/interface';
import { Method } from '../store/method.ts';
import { EtcdService, type EtcdServiceOptions } from './etcd-service.ts';
import { httpDoor } from './http-door.ts';
import { openHttp2 } from './http2-opening.ts';
import { nodeRpcServer, type NodeRpcServer } from './node-rpc-server.ts';
import { sniff } from './port-sniffer.ts';

const sniffMs = 10_000;
const healthMs = 1000;
const maxIncompleteBytes = 128 * 1024 * 1024;
// etcd allows this much around the largest request.
const grpcOverheadBytes = 512 * 1024;

/** What etcd's port is opened with. */
export interface EtcdDoorOptions extends Omit<EtcdServiceOptions, 'host'> {
  readonly host: Pick<Host, 'monotonicMs' | 'endOfTurn' | 'at'>;
  /** Where to listen: `http://127.0.0.1:2379`. Port 0: any. */
  readonly listenUrls: readonly string[];
  /** Calls of one connection at a time. */
  readonly maxConcurrentCalls: number;
  /** The member's own opinion, without asking others. */
  readonly health: () => { readonly healthy: boolean; readonly reason: string };
  /** The text of `/metrics`. */
  readonly metrics: () => string;
}

/** An open port that speaks gRPC and HTTP/1.1. */
export interface EtcdDoor {
  /** Where it listens, in the order of `listenUrls`, with the ports that were given. */
  readonly urls: readonly string[];
  /** Ends idle connections now, and the others when their calls are answered, or at the monotonic deadline. Never rejects. */
  close(deadlineMs: number): Promise<void>;
}

/** Opens etcd's port: gRPC and HTTP/1.1 on the same one, told apart by a connection's first bytes. Rejects where it cannot listen. */
export async function openEtcdDoor(options: EtcdDoorOptions): Promise<EtcdDoor> {
  const { host, maxRequestBytes, maxConcurrentCalls, listenUrls } = options;
  const limits = { maxMessageBytes: maxRequestBytes + grpcOverheadBytes, maxConcurrentCalls, maxIncompleteBytes };
  const rpc = nodeRpcServer({ host, limits });
  const service = new EtcdService(options, rpc);
  service.start();
  const http = httpDoor({
    version: JSON.stringify({ etcdserver: options.version, etcdcluster: clusterVersion(options.version) }),
    health: (query, answer) => checkHealth(options, query.get('serializable') === 'true', answer),
    metrics: options.metrics,
  });
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    sniff(socket, {
      http2: (taken) => openHttp2(taken, { adopt: (opened) => rpc.adopt(opened), patienceMs: sniffMs }),
      http1: (taken) => http.emit('connection', taken),
      patienceMs: sniffMs,
    });
  };
  const listeners: Server[] = [];
  try {
    for (const url of listenUrls) listeners.push(await listen(url, onConnection));
  } catch (error) {
    for (const listener of listeners) listener.close();
    http.close();
    throw error;
  }
  const urls = listeners.map((listener, place) => boundUrl(listenUrls[place] ?? '', listener));
  return { urls, close: closeOnce({ host, service, rpc, http, listeners, sockets }) };
}

interface Parts {
  readonly host: Pick<Host, 'at'>;
  readonly service: EtcdService;
  readonly rpc: NodeRpcServer;
  readonly http: HttpServer;
  readonly listeners: readonly Server[];
  readonly sockets: ReadonlySet<Socket>;
}

function closeOnce(parts: Parts): (deadlineMs: number) => Promise<void> {
  let closed: Promise<void> | undefined;
  return (deadlineMs) => (closed ??= closeAll(parts, deadlineMs));
}

async function closeAll({ host, service, rpc, http, listeners, sockets }: Parts, deadlineMs: number): Promise<void> {
  service.stopping = true;
  const ended = Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  const late = host.at(deadlineMs, () => {
    rpc.destroy();
    for (const socket of sockets) socket.destroy();
  });
  http.close();
  await rpc.close();
  for (const socket of sockets) socket.destroySoon();
  await ended;
  late.cancel();
}

function checkHealth(
  { health, host, replica }: EtcdDoorOptions,
  serializable: boolean,
  answer: (healthy: boolean, reason: string) => void,
): void {
  // As etcd does: a member is healthy when it can serve a read. Where a local one is enough, it needs no leader: a probe that ends
  // members without one would end all of them just when the cluster has lost its quorum.
  const { healthy, reason } = health();
  if (!healthy && !serializable) return answer(false, reason);
  const request = Uint8Array.of(Method.sizeQuery);
  return replica.query(request, serializable ? 'local' : 'linearizable', host.monotonicMs() + healthMs, (error) => {
    if (error === undefined) answer(true, '');
    else answer(false, `RANGE ERROR:${error.message}`);
  });
}

function listen(url: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const { hostname, port } = new URL(url);
  const server = createServer({ noDelay: true }, onConnection);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port === '' ? 80 : port), hostname.replace(/^\[|\]$/g, ''), () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function boundUrl(url: string, server: Server): string {
  const address = server.address();
  const bound = new URL(url);
  if (typeof address === 'object' && address !== null) bound.port = String(address.port);
  return bound.href.replace(/\/$/, '');
}

function clusterVersion(version: string): string {
  return version.replace(/\.\d+$/, '.0');
}
