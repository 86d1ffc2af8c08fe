import { protobufCodec } from '@quorate/codec-protobuf';
import { failure } from '@quorate/interface';
import type { CoreKind, Failure, Host, MessageCodec, Storage, Transport } from '@quorate/interface';
import type { MemberFlags } from './member-flags.ts';

type Timing = Pick<MemberFlags, 'heartbeatMs' | 'electionTimeoutMs'>;

// One line per protocol, the default first. Modules are loaded when they are asked for: a member carries only what it runs.
const protocols = {
  raft: async (timing: Timing) => erased((await import('@quorate/raft')).raft(timing)),
  'multi-paxos': async (timing: Timing) => erased((await import('@quorate/multi-paxos')).multiPaxos(timing)),
  zab: async (timing: Timing) => erased((await import('@quorate/zab')).zab(timing)),
} as const;

const transports = {
  tcp: async (options: TransportOptions) => (await import('@quorate/transport-tcp')).tcpTransport(options),
  // An optional dependency: its native library is 34 MB and not built for every platform, and a member over TCP must install without it.
  zeromq: async (options: TransportOptions) => (await import('@quorate/transport-zeromq')).zeromqTransport(options),
} as const;

/** The transports that `--transport` knows. */
export const transportNames: readonly string[] = Object.keys(transports);

/** The protocols that `--protocol` knows. */
export const protocolNames: readonly string[] = Object.keys(protocols);

/** What a transport is told. URLs as in the flags. */
export interface TransportOptions {
  readonly listen: readonly string[];
  readonly maxFrameBytes: number;
}

/** A core with its codec. `never`: the two belong together, and nobody else may know their messages. */
export interface ProtocolParts {
  readonly core: CoreKind<never>;
  readonly codec: MessageCodec<never>;
}

/** The core and codec of a protocol by name. */
export async function loadProtocol(name: string, timing: Timing): Promise<ProtocolParts | Failure> {
  const load = Object.hasOwn(protocols, name) ? protocols[name as keyof typeof protocols] : undefined;
  const codec = protobufCodec(name);
  if (load === undefined || codec === undefined) {
    return failure('E_PROTOCOL', `there is no protocol ${name} (allowed: ${protocolNames.join(', ')}). Choose one of them.`, 78);
  }
  const { heartbeatMs, electionTimeoutMs } = timing;
  return { core: await load({ heartbeatMs, electionTimeoutMs }), codec };
}

/** A transport by name. A failure with exit code 78 where there is none, or where its library is not installed or not built for this platform. */
export async function loadTransport(name: string, options: TransportOptions): Promise<Transport | Failure> {
  const load = Object.hasOwn(transports, name) ? transports[name as keyof typeof transports] : undefined;
  if (load === undefined) {
    return failure(
      'E_TRANSPORT',
      `there is no transport ${name} (allowed: ${transportNames.join(', ')}). Choose one of them.`,
      78,
    );
  }
  try {
    return await load(options);
  } catch (error) {
    // Options out of range are a bug of the caller.
    if (error instanceof Error && 'outcome' in error) throw error;
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return failure(
      'E_TRANSPORT',
      `the transport ${name} cannot be loaded here (${reason}). Run npm install @quorate/transport-${name}, or use --transport tcp.`,
      78,
    );
  }
}

/** The storage of a member: a directory, or memory for trials. */
export async function loadStorage(
  kind: 'file' | 'memory',
  options: { readonly directory: string; readonly host: Host },
): Promise<Storage> {
  if (kind === 'memory') return (await import('@quorate/storage-memory')).memoryStorage({ host: options.host });
  const { fileStorage, nodeDisk } = await import('@quorate/storage-file');
  return fileStorage({ directory: options.directory, disk: nodeDisk(), host: options.host });
}

function erased<M>(core: CoreKind<M>): CoreKind<never> {
  return core as unknown as CoreKind<never>;
}
