import { ConsensusError } from '@quorate/interface';
import type { Host, MessageCodec, RuntimeMessage, Transport } from '@quorate/interface';

/** What a native client is made of. */
export interface ClientOptions {
  /** URLs of members' native doors (`--listen-native-urls`), such as `tcp://127.0.0.1:2378`. At least one; tried in order. */
  readonly endpoints: readonly string[];
  /** A transport of the client's own; it is started and closed by the client. */
  readonly transport: Transport;
  readonly host: Pick<Host, 'monotonicMs' | 'random' | 'endOfTurn' | 'at'>;
  readonly codec: MessageCodec<RuntimeMessage>;
  /** The cluster that is meant. Empty (default): the one of the first member that answers; another one is refused after that. */
  readonly clusterId?: string;
  /**
   * True (default): commands run in a replicated session, so that each is applied at most once and retried until its deadline.
   * False: one replicated entry less at the start, but a lost link leaves commands unknown.
   */
  readonly sessions?: boolean;
  /** For `execute` and `read` without their own. Milliseconds, default 5000, sensible 100 … 60 000. */
  readonly timeoutMs?: number;
  /** How long one endpoint may take to answer a dial before the next one is tried. Milliseconds, default 1000, 50 … 30 000. */
  readonly dialTimeoutMs?: number;
  /** Without any answer for this long, another endpoint is tried. Milliseconds, default 2000, above the election timeout. */
  readonly stallMs?: number;
  /** Sent and unanswered commands, and likewise reads. Default 1024. More wait in the queue. */
  readonly maxInFlight?: number;
  /** Bytes of the same. Default 4 MiB; keep it below the transport's cap per link. */
  readonly maxInFlightBytes?: number;
  /** Operations in the client altogether; above it `E_OVERLOADED`. Default 16 384. */
  readonly maxPending?: number;
  /** Bytes of the same. Default 32 MiB. A single command above it is `E_TOO_LARGE`. */
  readonly maxPendingBytes?: number;
}

/** The options with nothing left out. */
export type ResolvedClientOptions = Required<ClientOptions>;

/** What is taken where {@link ClientOptions} leave a field out. */
export const defaultClientOptions: Omit<ResolvedClientOptions, 'endpoints' | 'transport' | 'host' | 'codec'> = Object.freeze({
  clusterId: '',
  sessions: true,
  timeoutMs: 5000,
  dialTimeoutMs: 1000,
  stallMs: 2000,
  maxInFlight: 1024,
  maxInFlightBytes: 4 * 1024 * 1024,
  maxPending: 16_384,
  maxPendingBytes: 32 * 1024 * 1024,
});

/** Checks all options at once. Throws `E_USAGE` naming every problem. */
export function resolveClientOptions(options: ClientOptions): ResolvedClientOptions {
  const problems: string[] = [];
  const resolved = { ...defaultClientOptions, ...options };
  if (resolved.endpoints.length === 0) problems.push('endpoints is empty: give at least one URL of a native door');
  for (const url of resolved.endpoints) {
    if (!isEndpoint(url)) problems.push(`endpoint ${JSON.stringify(url)} is not a URL such as tcp://127.0.0.1:2378`);
  }
  if (new Set(resolved.endpoints).size < resolved.endpoints.length) problems.push('an endpoint is named twice');
  for (const name of counts) {
    const value = resolved[name];
    if (!Number.isSafeInteger(value) || value < 1) problems.push(`${name} must be an integer of at least 1, got ${value}`);
  }
  if (problems.length > 0) throw new ConsensusError('E_USAGE', `${problems.join('; ')}.`, 'not-applied');
  return resolved;
}

const counts = [
  'timeoutMs',
  'dialTimeoutMs',
  'stallMs',
  'maxInFlight',
  'maxInFlightBytes',
  'maxPending',
  'maxPendingBytes',
] as const satisfies readonly (keyof ClientOptions)[];

// Every transport has its own address forms; a scheme, something behind it, and a port in range if there is one is all they share.
function isEndpoint(url: unknown): boolean {
  if (typeof url !== 'string') return false;
  const place = /^[a-z][a-z0-9+.-]*:\/\/([^\s/]+)$/u.exec(url)?.[1];
  if (place === undefined) return false;
  const port = /:([^:\]]*)$/u.exec(place)?.[1];
  return port === undefined || (/^\d{1,5}$/u.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
}
