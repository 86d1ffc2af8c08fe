import { encodeText, type Lane } from '@quorate/interface';
import type { LinkOptions, LinkTransport } from '@quorate/links';
import { expect } from 'vitest';
import type { FakeHost } from './fake-host.ts';
import { recorder, type Recorder } from './recorder.ts';

/** A transport, and what its owner was told. */
export interface End {
  readonly transport: LinkTransport;
  readonly seen: Recorder;
}

/** Two ends that are linked. */
export interface LinkedEnds<N> {
  readonly network: N;
  readonly one: End;
  readonly two: End;
}

/** Makes ends on the fake network of one transport. */
export interface FakeEnds<N> {
  /** A network with nobody on it. */
  network(): N;
  /** A transport that has not started. */
  open(network: N, options: Partial<LinkOptions>): LinkTransport;
  /** An end that listens, unless it is a client's, and has started. */
  start(network: N, seen: Recorder, options?: Partial<LinkOptions>): End;
  /** Members 1 and 2; 2 dialled. */
  linked(options?: Partial<LinkOptions>): LinkedEnds<N>;
}

/** Ends on networks that `network` makes, with transports that `open` makes. */
export function fakeEnds<N extends { readonly host: FakeHost }>(
  network: () => N,
  open: (network: N, options: Partial<LinkOptions>) => LinkTransport,
): FakeEnds<N> {
  const start = (on: N, seen: Recorder, options: Partial<LinkOptions> = {}): End => {
    const transport = open(on, { listen: seen.self === 0 ? [] : [urlOf(seen.self)], ...options });
    transport.start(seen, (failure) => expect(failure).toBeUndefined());
    on.host.run();
    return { transport, seen };
  };
  return {
    network,
    open,
    start,
    linked(options = {}) {
      const on = network();
      const one = start(on, recorder(1), options);
      const two = start(on, recorder(2), options);
      dial(two, 1);
      on.host.run();
      expect([one.seen.calls, two.seen.calls]).toEqual([['up 2'], ['up 1']]);
      return { network: on, one, two };
    },
  };
}

/** Where a member of a fake network listens. */
export function urlOf(id: number): string {
  return `tcp://10.0.0.${id}:2380`;
}

/** Makes `to` the only peer of an end on a fake network. */
export function dial(from: End, to: number): void {
  from.transport.setPeers([{ id: to, urls: [urlOf(to)] }]);
}

/** Queues bytes on the link to a peer. */
export function sendBytes(from: End, to: number, bytes: Uint8Array, lane: Lane = 'log'): boolean {
  return from.transport.send(from.seen.links.get(to) ?? 0, lane, [bytes]);
}

/** Queues a text on the link to a peer. */
export function send(from: End, to: number, text: string, lane: Lane = 'log'): boolean {
  return sendBytes(from, to, encodeText(text), lane);
}

/** Sends a text in a write of its own. */
export function say(from: End, to: number, text: string, lane: Lane = 'log'): void {
  send(from, to, text, lane);
  from.transport.flush();
}
