import { ConsensusError } from '@quorate/interface';
import { parseTcpUrl } from './tcp-address.ts';

/** What a transport made of links can be told. */
export interface LinkOptions {
  /** Addresses where others come in, as `tcp://host:port`; port 0 lets the system choose. None: this end only dials. */
  readonly listen: readonly string[];
  /**
   * Bytes that a link may hold back before it ends with `E_OVERFLOW`. Default 32 MiB. Larger than the core's window per peer and
   * the largest frame, or a healthy link ends; larger costs memory while a peer is slow.
   */
  readonly queueBytes: number;
  /** The largest payload of a frame, in bytes, both ways. Default 4 MiB: a request of 2 MiB, or a snapshot chunk of 1 MiB, and what is around it. */
  readonly maxFrameBytes: number;
  /** Milliseconds from a dial, or from where another one came in, until the link is up. Default 5 000; 1 000 to 30 000 is sensible. */
  readonly connectTimeoutMs: number;
  /**
   * Milliseconds of silence after which a link ends; an idle one is pinged three times as often. Default 5 000. Below the longest pause of a
   * healthy member's event loop links end for nothing; above, a network that swallows one direction is noticed late.
   */
  readonly idleMs: number;
  /** Milliseconds before the first new attempt to dial; doubles up to `reconnectMaxMs`, with jitter. Default 50. */
  readonly reconnectMinMs: number;
  /** Default 1 000 milliseconds. */
  readonly reconnectMaxMs: number;
  /** The most others that came in at a time. Beyond it the oldest one that is not admitted gives way. Default 1 024. */
  readonly maxInbound: number;
}

/** The defaults. */
export const defaultLinkOptions: LinkOptions = {
  listen: [],
  queueBytes: 32 * 1_048_576,
  maxFrameBytes: 4 * 1_048_576,
  connectTimeoutMs: 5_000,
  idleMs: 5_000,
  reconnectMinMs: 50,
  reconnectMaxMs: 1_000,
  maxInbound: 1_024,
};

/**
 * Fills in the defaults. Throws a ConsensusError `E_USAGE` that names every problem. `binding`: what the text calls the transport, and
 * the largest frame that its format carries.
 */
export function resolveLinkOptions(
  options: Partial<LinkOptions>,
  binding: { readonly name: string; readonly maxFrameBytes: number },
): LinkOptions {
  const resolved = { ...defaultLinkOptions, ...options };
  const problems: string[] = [];
  for (const url of resolved.listen) {
    if (parseTcpUrl(url) === undefined)
      problems.push(`listen (got ${JSON.stringify(url)}, allowed tcp://host:port or tcp://[address]:port)`);
  }
  const check = (name: keyof Omit<LinkOptions, 'listen'>, min: number, max: number): void => {
    const value = resolved[name];
    if (!Number.isSafeInteger(value) || value < min || value > max)
      problems.push(`${name} (got ${value}, allowed ${min} to ${max})`);
  };
  check('maxFrameBytes', 1_024, binding.maxFrameBytes);
  check('queueBytes', resolved.maxFrameBytes, 2 ** 40);
  check('connectTimeoutMs', 1, 3_600_000);
  check('idleMs', 4, 3_600_000);
  check('reconnectMinMs', 1, 3_600_000);
  check('reconnectMaxMs', resolved.reconnectMinMs, 3_600_000);
  check('maxInbound', 1, 1_000_000);
  if (problems.length === 0) return resolved;
  throw new ConsensusError(
    'E_USAGE',
    `the ${binding.name} transport cannot use ${problems.join('; ')}. Correct these options.`,
    'not-applied',
  );
}
