import type { TransportEnd, TransportHarness } from '@quorate/conformance/transport';
import type { Transport, TransportHandlers } from '@quorate/interface';
import { memoryNetwork } from '@quorate/transport-memory';

/** One broken promise: what it does to a transport, and to what its owner is told. */
export interface BrokenTransport {
  readonly what: string;
  readonly transport?: (inner: Transport, world: World) => Partial<Transport>;
  readonly handlers?: (owner: TransportHandlers) => Partial<TransportHandlers>;
  /** The harness promises another cap than the network has. */
  readonly queueBytes?: number;
  /** Cases that must be red, among others. */
  readonly red: readonly string[];
}

/** What a broken transport may know and do that no transport can. */
export interface World {
  /** Ends the turns that are due, at once. */
  run(): void;
  isOpen(url: string): boolean;
}

/** The network in memory with something broken in all of its ends. */
export function brokenHarness({ transport, handlers, queueBytes = 262_144 }: BrokenTransport): TransportHarness {
  let waiting: (() => void)[] = [];
  const host = { endOfTurn: (run: () => void): void => void waiting.push(run) };
  const run = (): void => {
    for (let turn = 0; waiting.length > 0 && turn < 100; turn++) {
      const now = waiting;
      waiting = [];
      for (const one of now) one();
    }
  };
  const network = memoryNetwork({ host, mode: 'serialised', queueBytes });
  const urls = new Map<TransportEnd, string>();
  const open = new Set<string>();
  const world = { run, isOpen: (url: string): boolean => open.has(url) };
  const urlOf = (end: TransportEnd): string => urls.get(end) ?? '';
  return {
    queueBytes: 262_144,
    maxFrameBytes: 65_536,
    open({ dialsOnly = false, place }) {
      const url = place === undefined ? `memory://${urls.size + 1}` : urlOf(place);
      const inner = dialsOnly ? network.transport() : network.transport(url);
      const watched: Transport = {
        ...delegating(inner),
        close(done) {
          open.delete(url);
          inner.close(done);
        },
      };
      open.add(url);
      const changed = { ...watched, ...transport?.(watched, world) };
      const start: Transport['start'] = (owner, done) => changed.start(withChanges(owner, handlers), done);
      const end: TransportEnd = { transport: { ...changed, start }, urls: () => (dialsOnly ? [] : [url]) };
      urls.set(end, url);
      return end;
    },
    async until(condition, what) {
      for (let turn = 0; turn < 30 && !condition(); turn++) run();
      if (!condition()) throw new Error(`it never came true that ${what}`);
    },
    sever(a, b) {
      network.cut(urlOf(a), urlOf(b));
      network.heal(urlOf(a), urlOf(b));
    },
    close: () => Promise.resolve(),
  };
}

/** The methods of a transport as an object that can be spread. */
function delegating(inner: Transport): Transport {
  return {
    delivery: inner.delivery,
    start: (owner, done) => inner.start(owner, done),
    setPeers: (peers) => inner.setPeers(peers),
    send: (link, lane, chunks) => inner.send(link, lane, chunks),
    flush: () => inner.flush(),
    queuedBytes: (link) => inner.queuedBytes(link),
    closeLink: (link, reason) => inner.closeLink(link, reason),
    close: (done) => inner.close(done),
  };
}

/** What the owner is told is changed. */
export function withChanges(owner: TransportHandlers, change: BrokenTransport['handlers']): TransportHandlers {
  const whole: TransportHandlers = {
    self: owner.self,
    hello: owner.hello,
    admit: (hello, credentials) => owner.admit(hello, credentials),
    linkUp: (peer, link, kind) => owner.linkUp(peer, link, kind),
    linkDown: (peer, link, reason) => owner.linkDown(peer, link, reason),
    frame: (link, frame) => owner.frame(link, frame),
    drained: (link) => owner.drained(link),
    trouble: (peer, text) => owner.trouble(peer, text),
  };
  return { ...whole, ...change?.(owner) };
}
