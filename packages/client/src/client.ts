import type { Consistency } from '@quorate/interface';
import { NativeClient } from './native-client.ts';
import type { ClientStatus } from './native-client.ts';
import type { Done, Operation } from './operation.ts';
import { resolveClientOptions } from './options.ts';
import type { ClientOptions } from './options.ts';

/** As much of an `AbortSignal` as is needed; every `AbortSignal` is one. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** How long to wait, and a way to stop waiting. A command that was sent may still take effect afterwards. */
export interface CallOptions {
  readonly signal?: CancelSignal;
  /** Milliseconds; default: the client's. */
  readonly timeoutMs?: number;
}

/** Options of a read. */
export interface ReadOptions extends CallOptions {
  /** Default `linearizable`. */
  readonly consistency?: Consistency;
}

/** A native client of a cluster. Errors are `ConsensusError`s; `outcome` says whether the command may have been applied. */
export interface Client {
  /**
   * Replicates a command and resolves with the state machine's result, whose bytes are the caller's. With sessions it is applied
   * at most once and tried again until the deadline; `unknown` (`E_TIMEOUT`, `E_ABORTED`, `E_SESSION_EXPIRED`, `E_LINK_LOST`)
   * means that it may have been applied, or still may. Do not change `command` before the promise settles.
   */
  execute(command: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Reads the state machine. A failed read has no effect: always `not-applied`. */
  read(request: Uint8Array, options?: ReadOptions): Promise<Uint8Array>;
  /** `execute` without a promise. `deadlineMs` is monotonic, on the host's clock. `done` is never called within this call. */
  submit(command: Uint8Array, deadlineMs: number, done: Done): void;
  /** `read` without a promise. */
  query(request: Uint8Array, options: { readonly consistency: Consistency; readonly deadlineMs: number }, done: Done): void;
  status(): ClientStatus;
  /** Fails what is pending with `E_STOPPED` and closes the transport. Idempotent. */
  close(): Promise<void>;
}

/** Creates a client and starts to connect. Throws `E_USAGE` listing everything wrong with the options. */
export function createClient(options: ClientOptions): Client {
  const resolved = resolveClientOptions(options);
  const machine = new NativeClient(resolved);
  machine.start();
  const { host } = resolved;
  const call = (body: Uint8Array, consistency: Consistency | undefined, options: CallOptions): Promise<Uint8Array> => {
    checkBytes(body, consistency === undefined ? 'command' : 'request');
    const timeoutMs = options.timeoutMs ?? resolved.timeoutMs;
    if (!(timeoutMs > 0)) throw new TypeError(`timeoutMs must be a number above 0, got ${String(timeoutMs)}`);
    return settle(machine, { body, consistency, deadlineMs: host.monotonicMs() + timeoutMs, signal: options.signal });
  };
  return {
    execute: async (command, options = {}) => call(command, undefined, options),
    read: async (request, options = {}) => call(request, options.consistency ?? 'linearizable', options),
    submit: (command, deadlineMs, done) => {
      checkCall(command, 'command', { deadlineMs, done });
      machine.submit(command, undefined, { deadlineMs, done });
    },
    query: (request, { consistency, deadlineMs }, done) => {
      checkCall(request, 'request', { deadlineMs, done });
      machine.submit(request, consistency, { deadlineMs, done });
    },
    status: () => machine.status(),
    close: () => new Promise((resolve) => machine.close(resolve)),
  };
}

interface Call {
  readonly body: Uint8Array;
  readonly consistency: Consistency | undefined;
  readonly deadlineMs: number;
  readonly signal: CancelSignal | undefined;
}

function settle(machine: NativeClient, { body, consistency, deadlineMs, signal }: Call): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let operation: Operation | undefined;
    const abort = (): void => {
      if (operation !== undefined) machine.cancel(operation);
    };
    const done: Done = (error, result) => {
      signal?.removeEventListener('abort', abort);
      if (error !== undefined) reject(error);
      else resolve(result ?? new Uint8Array(0));
    };
    operation = machine.submit(body, consistency, { deadlineMs, done });
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
  });
}

function checkCall(body: Uint8Array, name: string, caller: { readonly deadlineMs: number; readonly done: Done }): void {
  checkBytes(body, name);
  if (Number.isNaN(caller.deadlineMs) || typeof caller.deadlineMs !== 'number')
    throw new TypeError('deadlineMs must be a number');
  if (typeof caller.done !== 'function') throw new TypeError('done must be a function');
}

function checkBytes(bytes: unknown, name: string): void {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`${name} must be a Uint8Array, got ${bytes === null ? 'null' : typeof bytes}`);
}
