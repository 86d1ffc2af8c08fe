import { encodeText, type Lane, type LinkId, type Transport } from '@quorate/interface';
import { expect } from 'vitest';
import type { Recorder } from './member.ts';

/** Two members, 1 and 2, with one link between them. */
export interface LinkedPair {
  readonly transports: readonly [Transport, Transport];
  readonly seen: readonly [Recorder, Recorder];
  /** Waits until the condition holds. */
  until(condition: () => boolean): Promise<void>;
}

/** What every transport with `delivery: 'fifo'` promises; `run` is given a fresh pair. */
export const transportCases: readonly { readonly name: string; readonly run: (pair: LinkedPair) => Promise<void> }[] = [
  { name: 'announces a link at both ends before its first frame', run: announces },
  { name: 'keeps the order within a lane', run: keepsOrder },
  { name: 'joins the chunks of a frame', run: joinsChunks },
  { name: 'sends nothing before it is flushed, or at once where it needs no network', run: flushes },
  { name: 'ends a link at both ends, with the reason, and takes nothing more for it', run: closesLinks },
  { name: 'comes back with a new link after one ended', run: comesBack },
  { name: 'ends the links of peers that are no longer in the set', run: dropsPeers },
  { name: 'tells the other end when it closes', run: closes },
];

function send(pair: LinkedPair, text: string, lane: Lane = 'log'): boolean {
  return pair.transports[0].send(linkOf(pair), lane, [encodeText(text)]);
}

function linkOf(pair: LinkedPair): LinkId {
  return pair.seen[0].links.get(2) ?? 0;
}

async function announces(pair: LinkedPair): Promise<void> {
  send(pair, 'a');
  pair.transports[0].flush();
  await pair.until(() => pair.seen[1].frames.length === 1);
  expect(pair.seen[0].calls).toEqual(['up 2']);
  expect(pair.seen[1].calls).toEqual(['up 1', 'frame a']);
}

async function keepsOrder(pair: LinkedPair): Promise<void> {
  const expected = new Map<string, string[]>();
  for (let i = 0; i < 300; i++) {
    const lane = (['control', 'log', 'bulk'] as const)[i % 3] ?? 'log';
    const text = `${lane} ${i}`;
    expected.set(lane, [...(expected.get(lane) ?? []), `frame ${text}`]);
    send(pair, text, lane);
    if (i % 50 === 0) pair.transports[0].flush();
  }
  pair.transports[0].flush();
  await pair.until(() => pair.seen[1].frames.length === 300);
  for (const [lane, calls] of expected)
    expect(pair.seen[1].calls.filter((call) => call.startsWith(`frame ${lane}`))).toEqual(calls);
}

async function joinsChunks(pair: LinkedPair): Promise<void> {
  const large = new Uint8Array(100_000).fill(7);
  pair.transports[0].send(linkOf(pair), 'bulk', [Uint8Array.of(1), new Uint8Array(0), large, Uint8Array.of(2)]);
  pair.transports[0].flush();
  await pair.until(() => pair.seen[1].frames.length === 1);
  expect(pair.seen[1].frames[0]).toEqual(Uint8Array.of(1, ...large, 2));
}

async function flushes(pair: LinkedPair): Promise<void> {
  send(pair, 'a');
  expect(pair.seen[1].frames).toHaveLength(0);
  pair.transports[0].flush();
  await pair.until(() => pair.seen[1].frames.length === 1);
  expect(pair.transports[0].queuedBytes(linkOf(pair))).toBe(0);
}

async function closesLinks(pair: LinkedPair): Promise<void> {
  const link = linkOf(pair);
  pair.transports[0].closeLink(link, 'a gap');
  expect(pair.transports[0].send(link, 'log', [Uint8Array.of(1)])).toBe(false);
  // Never from within the call.
  expect(pair.seen[0].calls).toEqual(['up 2']);
  await pair.until(() => pair.seen.every(({ calls }) => calls.some((call) => call.startsWith('down'))));
  expect(pair.seen[0].calls[1]).toBe('down 2 a gap');
  expect(pair.seen[1].calls[1]).toMatch(/^down 1 .*a gap/);
}

async function comesBack(pair: LinkedPair): Promise<void> {
  const before = linkOf(pair);
  pair.transports[0].closeLink(before, 'a gap');
  await pair.until(() => pair.seen.every(({ calls }) => calls.filter((call) => call.startsWith('up')).length === 2));
  expect(linkOf(pair)).toBeGreaterThan(before);
  send(pair, 'again');
  pair.transports[0].flush();
  await pair.until(() => pair.seen[1].calls.at(-1) === 'frame again');
}

async function dropsPeers(pair: LinkedPair): Promise<void> {
  pair.transports[1].setPeers([]);
  pair.transports[0].setPeers([]);
  await pair.until(() => pair.seen.every(({ links }) => links.size === 0));
  expect(pair.seen[1].calls.at(-1)).toMatch(/^down 1/);
}

async function closes(pair: LinkedPair): Promise<void> {
  send(pair, 'the last');
  let done = false;
  pair.transports[0].close(() => {
    done = true;
  });
  await pair.until(() => done && pair.seen.every(({ links }) => links.size === 0));
  expect(pair.seen[1].calls.slice(0, 2)).toEqual(['up 1', 'frame the last']);
  expect(pair.seen[1].calls[2]).toMatch(/^down 1/);
}
