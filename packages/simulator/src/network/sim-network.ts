import { invariant } from '@quorate/interface';
import type { Crc32, Lane, Transport } from '@quorate/interface';
import { chanceKinds } from '../chance.ts';
import type { Chance } from '../chance.ts';
import { logarithm } from '../portable-math.ts';
import type { SimProcess } from '../process.ts';
import type { Scheduler } from '../scheduler.ts';
import { Connection } from './connection.ts';
import { Endpoint } from './endpoint.ts';
import { newNetworkCounters } from './network-faults.ts';
import type { NetworkCounters, NetworkFaults } from './network-faults.ts';

/** What a network of a world is made of. */
export interface NetworkSetup {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly crc32: Crc32;
  readonly faults: NetworkFaults;
  /** `datagram`: links lose, duplicate and reorder frames one by one. */
  readonly delivery: 'fifo' | 'datagram';
  /** Frames of a `datagram` link are numbered, and a gap ends the link: what is left is in order and complete, as on a `fifo` link. */
  readonly numbered: boolean;
  /** A link that hears nothing for this long ends. */
  readonly idleMs: number;
  /** Bytes that one end of a link may hold back. */
  readonly queueBytes: number;
  /** What a frame needs beside `delayMs`, from member `a` to member `b`: row `a` − 1, column `b` − 1. Machines that have no place there: 0. */
  readonly distancesMs?: Distances;
  /** Sees every frame as it is sent; for traces. */
  readonly watch?: (from: number, to: number, lane: Lane, frame: Uint8Array) => void;
}

/** One-way times between members, milliseconds: a square table. */
export type Distances = readonly (readonly number[])[];

/** A machine's number: members 1 … n, clients above. */
type Machine = number;

const machines = 4096;

/** The wires between all machines of a world, and what is wrong with them. */
export class SimNetwork {
  readonly setup: NetworkSetup;
  readonly counters: NetworkCounters = newNetworkCounters();
  private readonly listeners = new Map<string, Endpoint>();
  private readonly connections = new Set<Connection>();
  /** Directions that are blocked, by who blocks them. */
  private readonly blocks = new Map<string, (from: Machine, to: Machine) => boolean>();
  private readonly connectionCounts = new Map<number, number>();
  /** The last frames between two machines, for replays. */
  private readonly records = new Map<number, { lane: Lane; frame: Uint8Array }[]>();

  constructor(setup: NetworkSetup) {
    this.setup = setup;
  }

  /** A transport of a process. `url`: where others dial it; a native client has none. */
  transport(process: SimProcess, machine: Machine, url: string | undefined): Transport {
    return new Endpoint(this, { process, machine, url });
  }

  get nowMs(): number {
    return this.setup.scheduler.nowMs;
  }

  /** Blocks directions under a name; the same name again replaces them, undefined lifts them. */
  block(name: string, directions: ((from: Machine, to: Machine) => boolean) | undefined): void {
    if (directions === undefined) this.blocks.delete(name);
    else this.blocks.set(name, directions);
    for (const connection of this.connections) connection.reachChanged();
  }

  /** Lifts every block. */
  heal(): void {
    this.blocks.clear();
    for (const connection of this.connections) connection.reachChanged();
  }

  isBlocked(from: Machine, to: Machine): boolean {
    for (const directions of this.blocks.values()) if (directions(from, to)) return true;
    return false;
  }

  /** Connections between two machines break; both ends learn of it. */
  breakLinks(chosen: (a: Machine, b: Machine) => boolean): number {
    let broken = 0;
    for (const connection of this.connections) {
      if (!chosen(connection.dialler.machine, connection.acceptor.machine)) continue;
      connection.fail('the connection was reset');
      broken += 1;
    }
    this.counters.linksLost += broken;
    return broken;
  }

  /** A process of this machine ended. `silent`: the machine itself is gone, and the others notice by silence only. */
  processEnded(machine: Machine, silent: boolean): void {
    for (const [url, endpoint] of this.listeners) if (endpoint.machine === machine) this.listeners.delete(url);
    for (const connection of this.connections) connection.machineEnded(machine, silent);
  }

  listen(url: string, endpoint: Endpoint): boolean {
    const other = this.listeners.get(url);
    if (other !== undefined && other.isOpen) return false;
    this.listeners.set(url, endpoint);
    return true;
  }

  unlisten(url: string, endpoint: Endpoint): void {
    if (this.listeners.get(url) === endpoint) this.listeners.delete(url);
  }

  listener(url: string): Endpoint | undefined {
    return this.listeners.get(url);
  }

  /** A new connection under way; its number makes its luck its own. */
  connect(dialler: Endpoint, acceptor: Endpoint): Connection {
    const pair = dialler.machine * machines + acceptor.machine;
    const count = (this.connectionCounts.get(pair) ?? 0) + 1;
    this.connectionCounts.set(pair, count);
    const connection = new Connection(this, { dialler, acceptor, number: count });
    this.connections.add(connection);
    return connection;
  }

  ended(connection: Connection): void {
    invariant(this.connections.delete(connection), 'a connection ends once');
  }

  /** A delay from its own luck. */
  delay(from: Machine, to: Machine, ordinal: number, kind: number = chanceKinds.delay): number {
    const { faults, chance, distancesMs } = this.setup;
    const leastMs = faults.delayMs + (distancesMs?.[from - 1]?.[to - 1] ?? 0);
    if (faults.jitterMs === 0) return leastMs;
    const draw = chance.draw(kind, from * machines + to, ordinal);
    return leastMs - logarithm(1 - draw) * faults.jitterMs;
  }

  /** Keeps a frame for replays, and may give back an older one. */
  replayed(pair: number, ordinal: number, lane: Lane, frame: Uint8Array): { lane: Lane; frame: Uint8Array } | undefined {
    const { faults, chance } = this.setup;
    if (faults.replay === 0) return undefined;
    let record = this.records.get(pair);
    if (record === undefined) this.records.set(pair, (record = []));
    record.push({ lane, frame });
    if (record.length > recordedFrames) record.shift();
    const draw = chance.draw(chanceKinds.replay, pair, ordinal);
    if (draw >= faults.replay) return undefined;
    return record[Math.floor((draw / faults.replay) * record.length)];
  }
}

const recordedFrames = 64;
