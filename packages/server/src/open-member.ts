import { protobufCodec, runtimeCodec } from '@quorate/codec-protobuf';
import { ConsensusError } from '@quorate/interface';
import type { CoreKind, Failure, MessageCodec, StateMachine, Storage, Transport } from '@quorate/interface';
import { createReplica } from '@quorate/replica';
import type { Replica, ReplicaEvent, ReplicaLimits } from '@quorate/replica';
import { loadProtocol, loadStorage, loadTransport } from './assembly.ts';
import { clusterIdOf, genesisOf, memberId, newDiskId } from './identity.ts';
import type { ClusterMember } from './member-flags.ts';
import { isLoopback, parseMemberUrl } from './member-url.ts';
import { nodeHost } from './node-host.ts';
import { peerSchemes } from './url-flags.ts';

/** A member inside somebody's own program. Only the first three fields are needed to begin with. */
export interface MemberOptions<M> {
  /** This member's name: a key of `members`. */
  readonly name: string;
  /** All members with the URL that the others dial, the same on each: `{ n1: 'tcp://127.0.0.1:7001', … }`. */
  readonly members: Readonly<Record<string, string>>;
  readonly stateMachine: StateMachine;
  /** The protocol. Default `raft()`. Another one is this line. */
  readonly core?: CoreKind<M>;
  /** Where everything durable is kept. Default `./NAME.quorate`. */
  readonly directory?: string;
  /** Default: the protobuf codec of the core's protocol. */
  readonly codec?: MessageCodec<M>;
  /** Default: TCP on the own URL of `members`. With another one, `members` may have URLs of a scheme of its own. */
  readonly transport?: Transport;
  /** Default: files in `directory`. */
  readonly storage?: Storage;
  /** A door for native clients; default none. */
  readonly clientTransport?: Transport;
  /** Tells clusters apart that have the same members. Default `quorate`. */
  readonly token?: string;
  /** Entries between two snapshots, at least. Default 10 000. */
  readonly snapshotCount?: number;
  readonly limits?: Partial<ReplicaLimits>;
  /** Must be true to listen beyond loopback: without TLS everyone who can connect can read and write. */
  readonly insecure?: boolean;
  /** Changes of role, snapshots, lines for a log. */
  readonly onEvent?: (event: ReplicaEvent) => void;
  /** The member has failed and acknowledges nothing any more. Default: the error is thrown in a turn of its own, which ends the process. */
  readonly onFailure?: (failure: Failure) => void;
}

/** A member at work: `execute`, `read`, `subscribe`, `status` and the rest of a replica, and an end. */
export interface Member extends Omit<Replica, 'start' | 'stop'> {
  /** Hands leadership over, finishes what is committed and closes files and sockets. Idempotent. */
  close(): Promise<void>;
}

const closeMs = 8000;

/**
 * Opens a member: recovers its directory, applies what was committed, and joins the others. Resolves without waiting for a leader; what
 * is executed meanwhile waits. Rejects with an error whose `code` is the printed name, such as `E_DATA_LOCKED`.
 */
export async function openMember<M = never>(options: MemberOptions<M>): Promise<Member> {
  const host = nodeHost();
  const members = membersOf(options);
  const { name, token = 'quorate', stateMachine, limits, clientTransport } = options;
  const own = members.find((member) => member.name === name);
  if (own === undefined) throw usage(`members has no member called ${name}. Add it, or correct name`);
  const parts = await protocolOf(options);
  const transport = options.transport ?? orThrow(await loadTransport('tcp', { listen: own.peerUrls, maxFrameBytes }));
  const storage = options.storage ?? (await loadStorage('file', { directory: options.directory ?? `./${name}.quorate`, host }));
  const onEvent = (event: ReplicaEvent): void => {
    options.onEvent?.(event);
    if (event.type === 'fatal') (options.onFailure ?? throwLater)(event.failure);
  };
  const replica = createReplica<M>({
    host,
    ...parts,
    runtimeCodec,
    transport,
    ...(clientTransport === undefined ? {} : { clientTransport }),
    storage,
    stateMachine,
    self: memberId(token, own),
    name,
    clusterId: clusterIdOf(token, members),
    genesis: genesisOf(token, members),
    newDiskId: newDiskId(),
    snapshotCount: options.snapshotCount ?? 10_000,
    ...(limits === undefined ? {} : { limits }),
    onEvent,
  });
  orThrow(await new Promise<Failure | undefined>((resolve) => replica.start(resolve)));
  return memberOf(replica, () => host.monotonicMs() + closeMs);
}

const maxFrameBytes = 4 * 1_048_576;

function memberOf(replica: Replica, deadlineMs: () => number): Member {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    new Promise((resolve, reject) => {
      replica.stop({ handOver: true, deadlineMs: deadlineMs() }, (failed) =>
        failed === undefined ? resolve() : reject(errorOf(failed)),
      );
    });
  return {
    execute: (command, options) => replica.execute(command, options),
    read: (request, options) => replica.read(request, options),
    submit: (command, deadline, done) => replica.submit(command, deadline, done),
    query: (request, consistency, deadline, done) => replica.query(request, consistency, deadline, done),
    subscribe: (listener) => replica.subscribe(listener),
    status: () => replica.status(),
    queues: () => replica.queues(),
    transfer: (to) => replica.transfer(to),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function membersOf<M>({ members, transport, insecure = false }: MemberOptions<M>): readonly ClusterMember[] {
  const problems: string[] = [];
  const result = Object.entries(members).map(([name, url]): ClusterMember => {
    // A transport of the caller's own may have addresses of its own; who can reach them is its affair.
    if (transport !== undefined && isForeign(url)) return { name, peerUrls: [url] };
    const parsed = parseMemberUrl(url, peerSchemes);
    if ('bad' in parsed) problems.push(`the URL of ${name}, ${JSON.stringify(url)}, ${parsed.bad}`);
    else if (!insecure && !isLoopback(parsed))
      problems.push(`${url} of ${name} is beyond loopback and there is no TLS: set insecure`);
    return { name, peerUrls: ['bad' in parsed ? url : parsed.href] };
  });
  if (new Set(result.map(({ peerUrls }) => peerUrls[0])).size < result.length) problems.push('two members have one URL');
  if (problems.length > 0) throw usage(problems.join('; '));
  return result;
}

/** A URL, with a scheme that none of our transports has. */
function isForeign(url: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/./u.exec(url)?.[1];
  return scheme !== undefined && !peerSchemes.includes(scheme);
}

async function protocolOf<M>(options: MemberOptions<M>): Promise<{ core: CoreKind<M>; codec: MessageCodec<M> }> {
  const { core, codec } = options;
  if (core === undefined) {
    const parts = orThrow(await loadProtocol('raft', { heartbeatMs: 100, electionTimeoutMs: 1000 }));
    return parts;
  }
  const found = codec ?? protobufCodec(core.protocol);
  if (found === undefined) throw usage(`there is no codec for ${core.protocol}. Give one as codec`);
  return { core, codec: found };
}

function usage(text: string): ConsensusError {
  return new ConsensusError('E_USAGE', `${text}.`, 'not-applied');
}

function orThrow<T>(result: T | Failure): T {
  if (typeof result === 'object' && result !== null && 'failure' in result) throw errorOf(result);
  return result;
}

/** A failure as an error: `code` is the printed name. */
function errorOf({ code, text }: Failure): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}

function throwLater(failed: Failure): void {
  setImmediate(() => {
    throw errorOf(failed);
  });
}
