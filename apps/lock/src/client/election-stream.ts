import { pathOf } from './door-path.ts';
import type { EndpointCaller } from './endpoint-caller.ts';
import { linked, pause } from './pause.ts';

/** Who leads an election. */
export interface Leader {
  readonly session: number;
  readonly token: number;
  /** What the leader last proclaimed. */
  readonly value: string;
}

/** How the leaders of an election are observed. */
export interface Observation {
  readonly caller: EndpointCaller;
  readonly send: typeof fetch;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Longer than the pause between the comments that the members send. */
const silenceMs = 15_000;
const reconnectMs = 50;

/** The leader as it is, then every change. After a lost connection: the leader as it is then, unless it is still the same. */
export async function* observeLeaders(observation: Observation): AsyncGenerator<Leader | undefined> {
  const { signal } = observation;
  let last: string | undefined;
  while (!signal.aborted) {
    for await (const data of streamOf(observation)) {
      if (signal.aborted) return;
      if (data === last) continue;
      last = data;
      yield (JSON.parse(data) as { readonly leader: Leader | null }).leader ?? undefined;
    }
    await pause(reconnectMs, signal);
  }
}

/** The data of one connection's events; ends with it. */
async function* streamOf({ caller, send, name, signal }: Observation): AsyncGenerator<string> {
  const { endpoint } = caller;
  const scope = linked([signal]);
  const cut = (): void => scope.abort(new Error('the connection is silent'));
  const unwatch = caller.watch(endpoint, cut);
  let timer = setTimeout(cut, silenceMs);
  try {
    const response = await send(`${endpoint}${pathOf('elections', name, 'observe')}`, { signal: scope.signal });
    if (response.status !== 200 || response.body === null) {
      await response.text();
      return;
    }
    const decoder = new TextDecoder();
    let text = '';
    for await (const piece of response.body) {
      clearTimeout(timer);
      timer = setTimeout(cut, silenceMs);
      text += decoder.decode(piece as Uint8Array, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.*)$/mu.exec(event)?.[1];
        if (data !== undefined) yield data;
      }
    }
  } catch {
    // The connection ended: there will be another one.
  } finally {
    clearTimeout(timer);
    unwatch();
    // The connection is given up also where the caller stopped in the midst of it.
    scope.abort(new Error('nobody reads any more'));
    scope.unlink();
    if (!signal.aborted) caller.leave(endpoint);
  }
}
