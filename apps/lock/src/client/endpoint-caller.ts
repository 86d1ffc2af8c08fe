import { LockClientError } from './lock-client-error.ts';
import { monotonicMs, onAbort, pause } from './pause.ts';

/** One call, with as many attempts as it takes. */
export interface CallPlan {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** An attempt without an answer is given up after this time, and the next endpoint is asked. */
  readonly attemptMs: number;
  /** No attempt begins later. Asked before each attempt, because keep-alives move it. */
  readonly untilMs: () => number;
}

/** The answer to a call. */
export interface CallAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** When the attempt was sent that was answered. */
  readonly sentMs: number;
}

const longestPauseMs = 500;
const firstPauseMs = 10;
/** Statuses that another member, or another time, may answer otherwise. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Calls the endpoints one after the other until one answers. All calls go to the same one; once it is silent towards one call, the
 * others leave it too, so that a long poll at a dead member ends when a keep-alive finds out.
 */
export class EndpointCaller {
  private readonly endpoints: readonly string[];
  private readonly send: typeof fetch;
  private current = 0;
  /** How to take back the attempts at an endpoint. */
  private readonly running = new Map<string, Set<() => void>>();

  constructor(endpoints: readonly string[], send: typeof fetch) {
    this.endpoints = endpoints;
    this.send = send;
  }

  get endpoint(): string {
    return this.endpoints[this.current] ?? '';
  }

  /** Rejects with a `LockClientError`, or the reason of the signal. Safe for requests that may be made twice. */
  async call(plan: CallPlan): Promise<CallAnswer> {
    let last: LockClientError | undefined;
    let unknown = false;
    for (let attempt = 0; ; attempt++) {
      if (attempt > 0 && attempt % this.endpoints.length === 0) {
        const longestMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt / this.endpoints.length));
        await pause(longestMs * (0.5 + Math.random() / 2), plan.signal);
      }
      plan.signal.throwIfAborted();
      if (attempt > 0 && monotonicMs() >= plan.untilMs()) throw gaveUp(last, unknown);
      const { endpoint } = this;
      const answer = await this.attempt(endpoint, plan);
      plan.signal.throwIfAborted();
      if (answer !== undefined && answer.status < 400) return answer;
      last = answer === undefined ? undefined : errorOf(answer);
      if (last !== undefined && !passing.has(answer?.status ?? 0)) throw unknown ? doubted(last) : last;
      unknown ||= last === undefined || last.outcome === 'unknown';
      this.leave(endpoint);
    }
  }

  /** No call uses the endpoint any more, until the others have failed too. */
  lost(endpoint: string): void {
    this.leave(endpoint);
    for (const takeBack of this.running.get(endpoint) ?? []) takeBack();
  }

  /** Takes back the request when the endpoint turns out to be dead; returns how to stop that. */
  watch(endpoint: string, takeBack: () => void): () => void {
    const all = this.running.get(endpoint) ?? new Set();
    this.running.set(endpoint, all.add(takeBack));
    return () => void all.delete(takeBack);
  }

  /** Later calls begin with the next endpoint. */
  leave(endpoint: string): void {
    if (endpoint === this.endpoint) this.current = (this.current + 1) % this.endpoints.length;
  }

  /** Undefined: no answer of a member, and it is not known whether the request arrived. */
  private async attempt(endpoint: string, { method, path, body, signal, attemptMs }: CallPlan): Promise<CallAnswer | undefined> {
    const controller = new AbortController();
    const takeBack = (): void => controller.abort();
    const unwatch = this.watch(endpoint, takeBack);
    const timer = setTimeout(takeBack, attemptMs);
    const forget = onAbort(signal, takeBack);
    const sentMs = monotonicMs();
    try {
      const content = body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
      const response = await this.send(`${endpoint}${path}`, { method, ...content, signal: controller.signal });
      const answer = objectOf(await response.text());
      // What succeeds without a word of a member's is a page of somebody in between, and says nothing about the request.
      if (answer === undefined && response.status < 400) return undefined;
      return { status: response.status, body: answer ?? {}, sentMs };
    } catch {
      unwatch();
      if (!signal.aborted) this.lost(endpoint);
      return undefined;
    } finally {
      unwatch();
      clearTimeout(timer);
      forget();
    }
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The same refusal, where an earlier copy of the request may still be on its way and meet something else. */
function doubted(refusal: LockClientError): LockClientError {
  const text = refusal.message.replace(`${refusal.code}: `, '');
  return new LockClientError(refusal.code, text, 'unknown', { cause: refusal });
}

function errorOf({ status, body }: CallAnswer): LockClientError {
  const { code, message, outcome } = body;
  const known = typeof code === 'string' && typeof message === 'string';
  // A proxy's own page, for example.
  if (!known) return new LockClientError('E_UNAVAILABLE', `the endpoint answered with status ${status}. Try again.`, 'unknown');
  return new LockClientError(code, message, outcome === 'not-applied' ? 'not-applied' : 'unknown');
}

function gaveUp(last: LockClientError | undefined, unknown: boolean): LockClientError {
  const text = 'no endpoint answered in time. Check the endpoints, and try again.';
  const options = last === undefined ? undefined : { cause: last };
  return new LockClientError('E_UNAVAILABLE', text, unknown ? 'unknown' : 'not-applied', options);
}
