import type {
  Config,
  CoreKind,
  CoreLimits,
  Host,
  MemberId,
  MessageCodec,
  RuntimeMessage,
  StateMachine,
  Storage,
  Transport,
} from '@quorate/interface';
import type { ReplicaEvent } from './replica-event.ts';

/** What one member is made of. Swapping the core, a transport, the storage or the state machine is one line each. */
export interface ReplicaOptions<M> {
  readonly host: Host;
  readonly core: CoreKind<M>;
  /** The codec of the core's own messages. */
  readonly codec: MessageCodec<M>;
  readonly runtimeCodec: MessageCodec<RuntimeMessage>;
  /** Between members. */
  readonly transport: Transport;
  /** The native clients' door; absent: there is none. */
  readonly clientTransport?: Transport;
  readonly storage: Storage;
  readonly stateMachine: StateMachine;
  readonly self: MemberId;
  readonly name: string;
  readonly clusterId: string;
  /** The configuration that the cluster was started with. */
  readonly genesis: Config;
  /** Used where the data directory is new; random, unique. */
  readonly newDiskId: string;
  /** Entries between two snapshots, at least; each member adds up to a quarter of its own choosing. */
  readonly snapshotCount: number;
  readonly limits?: Partial<ReplicaLimits>;
  /** True: the core's trace is passed on as events. */
  readonly tracing?: boolean;
  /** Plain data for the server and its logger. Called inside a turn: keep it short and do not throw. */
  readonly onEvent: (event: ReplicaEvent) => void;
}

/** Every bound of a member. All of them hold at any time; what happens at each is said with it. */
export interface ReplicaLimits {
  /** Bytes of own commands without an answer; above it `submit` fails with `E_OVERLOADED`. Default 64 MiB. */
  readonly inFlightBytes: number;
  /** Own commands without an answer, a power of two; above it `submit` fails with `E_OVERLOADED`. Default 65 536. */
  readonly inFlightCommands: number;
  /** The largest command; above it `submit` fails with `E_TOO_LARGE`. Default 2 MiB. */
  readonly commandBytes: number;
  /** Payload in one frame of forwarded commands; a single larger one travels alone. Below the transport's largest frame. Default 1 MiB. */
  readonly forwardBytes: number;
  /** Entries committed and not yet applied; above it new commands are refused with `E_OVERLOADED`. Default 50 000. */
  readonly unappliedEntries: number;
  /** Linearizable reads without an answer; above it `query` fails with `E_OVERLOADED`. Default 65 536. */
  readonly pendingReads: number;
  /** Bytes held back by gates per link; above it the link ends. Larger than the core's window. Default 64 MiB. */
  readonly gatedBytes: number;
  /** Bytes of frames held while a peer's disk id is made durable; above it the link ends. Default 4 MiB. */
  readonly heldBytes: number;
  /** Links of native clients; above it new ones are refused. Default 1 024. */
  readonly clientLinks: number;
  /** Bytes of unanswered commands and reads of one client link; above it they fail with `E_OVERLOADED`. Default 16 MiB. */
  readonly clientBytes: number;
  /** Time that apply, snapshots and restores take at a stretch before messages are looked at again. Default 2 ms. */
  readonly sliceMs: number;
  /** Bytes of a snapshot in one frame. Default 1 MiB. */
  readonly snapshotChunkBytes: number;
  /** Requests for snapshot bytes being answered; above it a peer's request is dropped, and the peer asks again. Default 8. */
  readonly snapshotReads: number;
  /** A snapshot is due once the journal has grown by twice the size of the last one, and by this much. Default 64 MiB. */
  readonly snapshotGrowthBytes: number;
  /** How long an unanswered request for snapshot bytes waits before another member is asked. Default 5 000 ms. */
  readonly snapshotPatienceMs: number;
  /** Before a refused command or a failed read is tried again, unless the leader changes. Default 20 ms. */
  readonly retryMs: number;
  /** Default of `execute` and `read`. Default 5 000 ms. */
  readonly requestTimeoutMs: number;
  /** The core's own bounds. */
  readonly core: CoreLimits;
}

const kib = 1024;
const mib = 1024 * kib;

/** See each field of {@link ReplicaLimits}. */
export const defaultReplicaLimits: ReplicaLimits = {
  inFlightBytes: 64 * mib,
  inFlightCommands: 65_536,
  commandBytes: 2 * mib,
  forwardBytes: mib,
  unappliedEntries: 50_000,
  pendingReads: 65_536,
  gatedBytes: 64 * mib,
  heldBytes: 4 * mib,
  clientLinks: 1024,
  clientBytes: 16 * mib,
  sliceMs: 2,
  snapshotChunkBytes: mib,
  snapshotReads: 8,
  snapshotGrowthBytes: 64 * mib,
  snapshotPatienceMs: 5000,
  retryMs: 20,
  requestTimeoutMs: 5000,
  core: {
    uncommittedBytes: 64 * mib,
    windowBytes: 8 * mib,
    windowMessages: 512,
    memoryBytes: 16 * mib,
    messageBytes: mib,
    tailBytes: 16 * mib,
  },
};

/** Options with every limit filled in. */
export interface ResolvedOptions<M> extends ReplicaOptions<M> {
  readonly limits: ReplicaLimits;
  readonly tracing: boolean;
}

/** Fills in limits and checks everything once; throws a `RangeError` that names every problem. */
export function resolveReplicaOptions<M>(options: ReplicaOptions<M>): ResolvedOptions<M> {
  const limits: ReplicaLimits = { ...defaultReplicaLimits, ...options.limits };
  const problems: string[] = [];
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    if (name !== 'core') checkCount(problems, `limits.${name}`, value, name === 'snapshotGrowthBytes' ? 0 : 1);
  }
  for (const [name, value] of Object.entries(limits.core) as [string, unknown][]) {
    checkCount(problems, `limits.core.${name}`, value, 0);
  }
  if ((limits.inFlightCommands & (limits.inFlightCommands - 1)) !== 0) {
    problems.push(`limits.inFlightCommands is ${limits.inFlightCommands}, not a power of two`);
  }
  checkCount(problems, 'snapshotCount', options.snapshotCount, 1);
  checkCount(problems, 'self', options.self, 1);
  if (!options.genesis.members.some(({ id }) => id === options.self)) {
    problems.push(`self is ${options.self}, which is no member of genesis`);
  }
  if (options.core.protocol !== options.codec.protocol) {
    problems.push(`codec is for ${options.codec.protocol}, but the core is ${options.core.protocol}`);
  }
  if (options.core.needs.fifoLinks && options.transport.delivery !== 'fifo') {
    problems.push(`transport delivers datagrams, but ${options.core.protocol} needs fifo links`);
  }
  if (problems.length > 0) throw new RangeError(`E_USAGE: ${problems.join('; ')}. Correct the options of createReplica.`);
  return { ...options, limits, tracing: options.tracing ?? false };
}

function checkCount(problems: string[], name: string, value: unknown, least: number): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return;
  problems.push(`${name} is ${String(value)}, not an integer of at least ${least}`);
}
