import type { Server } from 'node:http';
import type { Host } from '@quorate/interface';
import { LockApi, type LockApiOptions } from './lock-api.ts';
import { lockServer } from './lock-server.ts';
import { lockApiRoutes, openApiText } from './open-api.ts';

/** What the HTTP/JSON door is opened with. */
export interface LockDoorOptions extends Omit<LockApiOptions, 'openApi'> {
  readonly host: Pick<Host, 'monotonicMs' | 'endOfTurn' | 'at'>;
  /** Where to listen: `http://127.0.0.1:2281`. Port 0: any. */
  readonly listenUrls: readonly string[];
  /** Of a request's body. */
  readonly maxBodyBytes: number;
  /** For the whole of a request to arrive. */
  readonly requestArrivesMs: number;
  /** For each of `listenUrls`. */
  readonly maxConnections: number;
  /** Told of every answer once, for metrics; `id` is the route's operation id. */
  readonly observe: (id: string, status: number) => void;
}

/** An open HTTP/JSON door. */
export interface LockDoor {
  /** Where it listens, in the order of `listenUrls`, with the ports that were given. */
  readonly urls: readonly string[];
  /** Requests that wait for locks, and streams of observers. */
  readonly waiting: () => { readonly waits: number; readonly observers: number };
  /** To be called when a snapshot took the place of the state. */
  restored(): void;
  /** Answers those who wait, refuses new work, and ends connections when they are idle, or at the monotonic deadline. Never rejects. */
  close(deadlineMs: number): Promise<void>;
}

/** Opens the door. Rejects where it cannot listen. */
export async function openLockDoor(options: LockDoorOptions): Promise<LockDoor> {
  const api = new LockApi({ ...options, openApi: openApiText(options.version) });
  const servers: Server[] = [];
  try {
    for (const url of options.listenUrls) {
      const server = lockServer({ ...options, api, routes: lockApiRoutes });
      await listen(server, url);
      servers.push(server);
    }
  } catch (error) {
    for (const server of servers) server.close();
    api.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  return {
    urls: servers.map((server, place) => boundUrl(options.listenUrls[place] ?? '', server)),
    waiting: () => ({ waits: api.waits.taken, observers: api.observers.taken }),
    restored: () => api.restored(),
    close: (deadlineMs) => (closed ??= closeAll({ api, servers, host: options.host }, deadlineMs)),
  };
}

interface OpenParts {
  readonly api: LockApi;
  readonly servers: readonly Server[];
  readonly host: Pick<Host, 'at'>;
}

async function closeAll({ api, servers, host }: OpenParts, deadlineMs: number): Promise<void> {
  api.stop();
  const ended = Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const late = host.at(deadlineMs, () => {
    for (const server of servers) server.closeAllConnections();
  });
  await ended;
  late.cancel();
  api.close();
}

function listen(server: Server, url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port === '' ? 80 : port), hostname.replace(/^\[|\]$/gu, ''), () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function boundUrl(url: string, server: Server): string {
  const address = server.address();
  const bound = new URL(url);
  if (typeof address === 'object' && address !== null) bound.port = String(address.port);
  return bound.href.replace(/\/$/u, '');
}
