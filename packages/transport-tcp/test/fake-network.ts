import { crc32 } from '@quorate/interface';
import type { Network, Socket, SocketHandlers } from '../src/network.ts';
import { formatTcpUrl } from '../src/tcp-address.ts';

/** Sockets and time of a test: bytes and timers move only when it says so. */
export interface FakeNetwork extends Network {
  /** Bytes that the kernel of each socket takes before it makes the writer wait. */
  kernelBytes: number;
  /** Bytes written by sockets of one direction are lost: a block that nobody is told of. */
  silent: 'dialled' | 'accepted' | undefined;
  /** Every call of `write`: how many bytes. */
  readonly writes: number[];
  readonly dials: string[];
  /** Delivers everything that is under way now, at this instant. */
  run(): void;
  /** Lets time pass, in steps of a millisecond. */
  pass(ms: number): void;
  /** Time passes without anybody running: a suspended process. */
  sleep(ms: number): void;
}

interface Task {
  readonly at: number;
  readonly run: () => void;
  cancelled: boolean;
}

interface FakeSocket extends Socket {
  handlers: SocketHandlers | undefined;
  other: FakeSocket | undefined;
  inbox: Uint8Array[];
  pending: number;
  over: boolean;
}

/** A network without listeners. */
export function fakeNetwork(): FakeNetwork {
  let now = 1_000;
  let soon: (() => void)[] = [];
  let timers: Task[] = [];
  const sockets: FakeSocket[] = [];
  const listeners = new Map<string, (socket: Socket) => SocketHandlers>();

  const closeBoth = (socket: FakeSocket, error: string): void => {
    if (socket.over) return;
    socket.over = true;
    const { other } = socket;
    soon.push(() => socket.handlers?.closed(''));
    if (other !== undefined && !other.over) {
      other.over = true;
      soon.push(() => {
        for (const chunk of other.inbox.splice(0)) other.handlers?.data(chunk);
        other.handlers?.closed(error);
      });
    }
  };

  const socketOf = (remote: string, direction: 'dialled' | 'accepted'): FakeSocket => {
    const socket: FakeSocket = {
      remote,
      handlers: undefined,
      other: undefined,
      inbox: [],
      pending: 0,
      over: false,
      get pendingBytes() {
        return socket.pending;
      },
      write(chunks) {
        const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        network.writes.push(bytes);
        const queued = (socket.other?.inbox ?? []).reduce((sum, chunk) => sum + chunk.length, 0);
        socket.pending = Math.max(0, queued + bytes - network.kernelBytes);
        if (network.silent !== direction) socket.other?.inbox.push(...chunks.map((chunk) => Uint8Array.from(chunk)));
        soon.push(() => {
          if (socket.pending === 0) socket.handlers?.written();
        });
      },
      end: () => closeBoth(socket, ''),
      destroy: () => closeBoth(socket, 'ECONNRESET'),
    };
    sockets.push(socket);
    return socket;
  };

  const deliver = (): boolean => {
    const tasks = soon;
    soon = [];
    for (const task of tasks) task();
    let busy = tasks.length > 0;
    for (const socket of sockets) {
      if (socket.over) continue;
      for (const chunk of socket.inbox.splice(0)) {
        busy = true;
        socket.handlers?.data(chunk);
      }
      const writer = socket.other;
      if (writer !== undefined && writer.pending > 0 && !writer.over) {
        writer.pending = 0;
        busy = true;
        writer.handlers?.written();
      }
    }
    return busy;
  };

  const network: FakeNetwork = {
    kernelBytes: Number.POSITIVE_INFINITY,
    silent: undefined,
    writes: [],
    dials: [],
    crc32,
    allocate: (bytes) => new Uint8Array(bytes),
    monotonicMs: () => now,
    random: () => 0.5,
    soon: (run) => void soon.push(run),
    after(delayMs, run) {
      const task: Task = { at: now + delayMs, run, cancelled: false };
      timers.push(task);
      return {
        cancel() {
          task.cancelled = true;
        },
      };
    },
    dial(address, handlers) {
      const url = formatTcpUrl(address);
      network.dials.push(url);
      const socket = socketOf(url, 'dialled');
      socket.handlers = handlers;
      soon.push(() => {
        const accept = listeners.get(url);
        if (socket.over) return;
        if (accept === undefined) {
          socket.over = true;
          handlers.closed('ECONNREFUSED');
          return;
        }
        const other = socketOf('10.0.0.9:5000', 'accepted');
        socket.other = other;
        other.other = socket;
        other.handlers = accept(other);
        handlers.opened();
      });
      return socket;
    },
    listen(address, accept, done) {
      const url = formatTcpUrl(address);
      listeners.set(url, accept);
      soon.push(() =>
        done({
          address,
          close(closed) {
            listeners.delete(url);
            soon.push(closed);
          },
        }),
      );
    },
    run() {
      while (deliver());
    },
    pass(ms) {
      for (let i = 0; i < ms; i++) {
        now++;
        runTimers();
        network.run();
      }
    },
    sleep(ms) {
      now += ms;
      runTimers();
      network.run();
    },
  };

  const runTimers = (): void => {
    const due = timers.filter((task) => task.at <= now);
    timers = timers.filter((task) => task.at > now);
    for (const task of due) if (!task.cancelled) task.run();
  };

  return network;
}
