import { encodeText, type Lane } from '@quorate/interface';
import { expect } from 'vitest';
import { linkTransport, type ZeromqTransport } from '../src/link-transport.ts';
import { resolveZeromqOptions, type ZeromqOptions } from '../src/options.ts';
import { FakeNetwork } from './fake-network.ts';
import { recorder, type Recorder } from './member.ts';

/** A transport on a fake network, and what its owner was told. */
export interface End {
  readonly transport: ZeromqTransport;
  readonly seen: Recorder;
}

export const urlOf = (id: number): string => `tcp://10.0.0.${id}:2380`;

export function start(network: FakeNetwork, seen: Recorder, options: Partial<ZeromqOptions> = {}): End {
  const listen = seen.self === 0 ? [] : [urlOf(seen.self)];
  const transport = linkTransport(network, resolveZeromqOptions({ listen, ...options }));
  transport.start(seen, (failure) => expect(failure).toBeUndefined());
  network.run();
  return { transport, seen };
}

export function dial(from: End, to: number): void {
  from.transport.setPeers([{ id: to, urls: [urlOf(to)] }]);
}

/** Members 1 and 2; 2 dialled. */
export function linked(options: Partial<ZeromqOptions> = {}): { network: FakeNetwork; one: End; two: End } {
  const network = new FakeNetwork();
  const one = start(network, recorder(1), options);
  const two = start(network, recorder(2), options);
  dial(two, 1);
  network.run();
  expect(one.seen.calls).toEqual(['up 2']);
  expect(two.seen.calls).toEqual(['up 1']);
  return { network, one, two };
}

export function send(from: End, to: number, text: string, lane: Lane = 'log'): boolean {
  return sendBytes(from, to, encodeText(text), lane);
}

export function sendBytes(from: End, to: number, bytes: Uint8Array, lane: Lane = 'log'): boolean {
  return from.transport.send(from.seen.links.get(to) ?? 0, lane, [bytes]);
}

/** Sends one text in a message of its own. */
export function say(from: End, to: number, text: string, lane: Lane = 'log'): void {
  send(from, to, text, lane);
  from.transport.flush();
}
