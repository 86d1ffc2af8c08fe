import type { TransportEnd, TransportHarness } from '@quorate/conformance/transport';
import type { LinkId, Transport, TransportHandlers } from '@quorate/interface';
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
interface World {
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

function withChanges(owner: TransportHandlers, change: BrokenTransport['handlers']): TransportHandlers {
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

type Sent = readonly [link: LinkId, lane: 'control' | 'log' | 'bulk', chunks: readonly Uint8Array[]];

/** Every seventh frame waits for the next one, and goes behind it. */
function reordering(inner: Transport): Partial<Transport> {
  let count = 0;
  let held: Sent | undefined;
  return {
    send(...sent) {
      if (++count % 7 === 0 && held === undefined) {
        held = sent;
        return true;
      }
      const done = inner.send(...sent);
      if (held !== undefined) inner.send(...held);
      held = undefined;
      return done;
    },
  };
}

function everyNth(n: number, run: (sent: Sent) => boolean, otherwise: (sent: Sent) => boolean): Transport['send'] {
  let count = 0;
  return (...sent) => (++count % n === 0 ? run(sent) : otherwise(sent));
}

/** Frames over one buffer that is used again and again. */
function poolingFrames(owner: TransportHandlers): Partial<TransportHandlers> {
  const pool = new Uint8Array(100_000);
  return {
    frame(link, frame) {
      pool.set(frame);
      owner.frame(link, pool.subarray(0, frame.length));
    },
  };
}

/** Calls what is changed with the owner, once there is one. */
function withOwner(
  inner: Transport,
  change: (owner: () => TransportHandlers | undefined) => Partial<Transport>,
): Partial<Transport> {
  let owner: TransportHandlers | undefined;
  return {
    ...change(() => owner),
    start(handlers, done) {
      owner = handlers;
      inner.start(handlers, done);
    },
  };
}

/** A frame for one peer goes to all of them. */
function broadcasting(inner: Transport): Partial<Transport> {
  const links = new Set<LinkId>();
  return {
    start: (owner, done) =>
      inner.start(
        withChanges(owner, () => ({
          linkUp(peer, link, kind) {
            links.add(link);
            owner.linkUp(peer, link, kind);
          },
        })),
        done,
      ),
    send(link, lane, chunks) {
      for (const other of links) if (other !== link) inner.send(other, lane, chunks);
      return inner.send(link, lane, chunks);
    },
  };
}

function delayedUps(owner: TransportHandlers): Partial<TransportHandlers> {
  const waiting: (() => void)[] = [];
  return {
    linkUp: (peer, link, kind) => void waiting.push(() => owner.linkUp(peer, link, kind)),
    frame(link, frame) {
      owner.frame(link, frame);
      for (const up of waiting.splice(0)) up();
    },
  };
}

const order = 'keeps the order within each lane';
const complete = 'delivers every frame exactly once, under pressure and with the largest frames';
const ends = 'ends a link at both ends, with the reason, and takes nothing more for it';
const overflow = 'ends a link whose queue is over its cap, at both ends, and comes back';
const gone = 'knows nothing of links that are over or never were';
const refusals = [
  'reports the refusal of the end that was dialled at both ends, without a link',
  'reports the refusal of the end that dialled at both ends, without a link',
];

export const brokenTransports: readonly BrokenTransport[] = [
  {
    what: 'drops a frame',
    transport: (inner) => ({
      send: everyNth(
        20,
        () => true,
        (sent) => inner.send(...sent),
      ),
    }),
    red: [order, complete, 'carries frames both ways at once'],
  },
  {
    what: 'delivers a frame twice',
    transport: (inner) => ({
      send: everyNth(
        20,
        (sent) => inner.send(...sent) && inner.send(...sent),
        (sent) => inner.send(...sent),
      ),
    }),
    red: [order, complete],
  },
  { what: 'reorders a lane', transport: reordering, red: [order, complete, 'carries frames both ways at once'] },
  {
    what: 'ends a link over an empty frame',
    transport: (inner) => ({
      send(link, lane, chunks) {
        if (chunks.length === 0) inner.closeLink(link, 'empty');
        return inner.send(link, lane, chunks);
      },
    }),
    red: ['carries an empty frame or refuses it as a bug of its caller, and lives on'],
  },
  { what: 'sends every frame to every peer', transport: broadcasting, red: ['keeps frames to several peers apart'] },
  {
    what: 'hands short frames over from within send',
    transport: (inner, world) => ({
      send(link, lane, chunks) {
        const done = inner.send(link, lane, chunks);
        if (chunks[0]?.length === 1) {
          inner.flush();
          world.run();
        }
        return done;
      },
    }),
    red: ['hands nothing over before it is flushed, or at once where it needs no network'],
  },
  {
    what: 'forgets peers that it was given too early',
    transport: (inner) =>
      withOwner(inner, (owner) => ({ setPeers: (peers) => void (owner() !== undefined && inner.setPeers(peers)) })),
    red: ['takes its peers also before it has started'],
  },
  {
    what: 'introduces itself to itself',
    transport: (inner) =>
      withOwner(inner, (owner) => ({
        setPeers(peers) {
          const self = owner();
          if (peers.some(({ id }) => id === self?.self)) self?.admit(self.hello, undefined);
          inner.setPeers(peers);
        },
      })),
    red: ['does not dial itself'],
  },
  {
    what: 'gives up on peers that are not there',
    transport: (inner, world) => ({
      setPeers: (peers) => inner.setPeers(peers.map(({ id, urls }) => ({ id, urls: urls.filter((url) => world.isOpen(url)) }))),
    }),
    red: ['links up as soon as a peer is there that was not'],
  },
  {
    what: 'cuts off what is large',
    handlers: (owner) => ({ frame: (link, frame) => owner.frame(link, frame.slice(0, 60_000)) }),
    red: [complete, 'joins the chunks of a frame, empty ones too'],
  },
  {
    what: 'takes only the first chunk',
    transport: (inner) => ({ send: (link, lane, chunks) => inner.send(link, lane, chunks.slice(0, 1)) }),
    red: ['joins the chunks of a frame, empty ones too', 'shares the chunks of its caller without changing them'],
  },
  {
    what: 'changes a bit of long frames',
    handlers: (owner) => ({
      frame(link, frame) {
        if (frame.length > 200) frame[100] = (frame[100] ?? 0) ^ 1;
        owner.frame(link, frame);
      },
    }),
    red: ['delivers a frame as it was sent, whatever its bytes', complete],
  },
  {
    what: 'writes into the chunks of its caller',
    transport: (inner) => ({
      send(link, lane, chunks) {
        const done = inner.send(link, lane, chunks);
        for (const chunk of chunks) chunk.fill(0);
        return done;
      },
    }),
    red: ['shares the chunks of its caller without changing them'],
  },
  { what: 'uses the bytes of a frame again', handlers: poolingFrames, red: ['never touches a frame again that it handed over'] },
  {
    what: 'never flushes',
    transport: () => ({ flush: () => undefined }),
    red: [order, 'announces a link at both ends before its first frame'],
  },
  {
    what: 'flushes the first turn only',
    transport(inner) {
      let turns = 0;
      return { flush: () => void (++turns < 20 && inner.flush()) };
    },
    red: ['delivers what was flushed in one turn after another without losing the last'],
  },
  { what: 'announces links late', handlers: delayedUps, red: ['announces a link at both ends before its first frame'] },
  {
    what: 'gives every link the same number',
    handlers: (owner) => ({ linkUp: (peer, link, kind) => owner.linkUp(peer, Math.min(link, 2), kind) }),
    red: ['comes back with a new link after one ended', 'finds out at both ends that a connection broke, and redials'],
  },
  {
    what: 'does not say that a link ended',
    handlers: () => ({ linkDown: () => undefined }),
    red: [ends, overflow, 'comes back with a new link after one ended', 'ends every link when it closes'],
  },
  {
    what: 'says twice that a link ended',
    handlers: (owner) => ({
      linkDown(peer, link, reason) {
        owner.linkDown(peer, link, reason);
        owner.linkDown(peer, link, reason);
      },
    }),
    red: [ends, 'ends every link when it closes'],
  },
  {
    what: 'loses the reason',
    handlers: (owner) => ({ linkDown: (peer, link) => owner.linkDown(peer, link, 'it ended') }),
    red: [ends, overflow],
  },
  {
    what: 'takes frames for links that are over',
    transport: (inner) => ({ send: (...sent) => inner.send(...sent) || true }),
    red: [ends, gone, overflow, 'ends every link when it closes'],
  },
  { what: 'knows no queue', transport: () => ({ queuedBytes: () => 0 }), red: ['counts what waits for the network'] },
  { what: 'never ends a link for its queue', queueBytes: 64 * 1_048_576, red: [overflow] },
  { what: 'ends a link far below its cap', queueBytes: 100_000, red: [overflow, complete] },
  {
    what: 'never says that a queue drained',
    handlers: () => ({ drained: () => undefined }),
    red: ['says when a long queue is short again'],
  },
  {
    what: 'says of every frame that the queue drained',
    transport: () => ({}),
    handlers: (owner) => ({
      frame(link, frame) {
        owner.frame(link, frame);
        owner.drained(link);
      },
    }),
    red: ['says nothing of a queue that was never long', 'says when a long queue is short again'],
  },
  {
    what: 'calls its owner from within a call',
    transport: (inner) =>
      withOwner(inner, (owner) => ({
        setPeers(peers) {
          owner()?.trouble(undefined, 'E_TALKATIVE: the peers change');
          inner.setPeers(peers);
        },
      })),
    red: ['keeps one link where both ends dial at once', ends],
  },
  {
    what: 'closes no link',
    transport: () => ({ closeLink: () => undefined }),
    red: [ends, gone, 'comes back with a new link after one ended'],
  },
  {
    what: 'forgets nobody',
    transport(inner) {
      const all = new Map<number, readonly string[]>();
      return {
        setPeers(peers) {
          for (const { id, urls } of peers) all.set(id, urls);
          inner.setPeers([...all].map(([id, urls]) => ({ id, urls })));
        },
      };
    },
    red: ['ends the links of peers that are no longer in the set, and no others'],
  },
  {
    what: 'dials the first peers only',
    transport(inner) {
      let asked = false;
      return {
        setPeers(peers) {
          if (!asked) inner.setPeers(peers);
          asked = true;
        },
      };
    },
    red: ['dials a peer that is added to the set', 'links up once a refusal is lifted'],
  },
  {
    what: 'dials the first URL only',
    transport: (inner) => ({
      setPeers: (peers) => inner.setPeers(peers.map(({ id, urls }) => ({ id, urls: urls.slice(0, 1) }))),
    }),
    red: ['tries the other URLs of a peer'],
  },
  {
    what: 'says nothing of trouble',
    handlers: () => ({ trouble: () => undefined }),
    red: [...refusals, 'does not take one member for another'],
  },
  {
    what: 'reports trouble without a code',
    handlers: (owner) => ({ trouble: (peer, text) => owner.trouble(peer, `something is wrong: ${text}`) }),
    red: refusals,
  },
  {
    what: 'admits everybody',
    handlers: (owner) => ({
      admit(hello, credentials) {
        const judged = owner.admit(hello, credentials);
        return 'refuse' in judged ? { peer: 2, kind: 'member', incarnation: 1 } : judged;
      },
    }),
    red: refusals,
  },
  {
    what: 'takes all lives of a member for the same',
    handlers: (owner) => ({
      admit(hello, credentials) {
        const judged = owner.admit(hello, credentials);
        return 'refuse' in judged ? judged : { ...judged, incarnation: 1 };
      },
    }),
    red: ['lets the newer life of a peer take the place of the older one'],
  },
  {
    what: 'lets any life take the place of another',
    handlers(owner) {
      let newest = 1;
      return {
        admit(hello, credentials) {
          const judged = owner.admit(hello, credentials);
          return 'refuse' in judged ? judged : { ...judged, incarnation: newest++ };
        },
      };
    },
    red: ['does not let an older life of a peer take the place of the newer one'],
  },
  {
    what: 'takes clients for members',
    handlers: (owner) => ({
      admit(hello, credentials) {
        const judged = owner.admit(hello, credentials);
        return 'refuse' in judged ? judged : { ...judged, kind: 'member' };
      },
    }),
    red: ['links native clients beside members, any number of them'],
  },
  {
    what: 'loses the last words when it closes',
    transport: (inner) => ({
      close(done) {
        for (let link = 1; link < 10; link++) inner.closeLink(link, 'going away');
        inner.close(done);
      },
    }),
    red: ['delivers what was flushed before it closes, and tells the other end'],
  },
  {
    what: 'closes once only',
    transport(inner) {
      let closed = false;
      return {
        close(done) {
          if (!closed) inner.close(done);
          closed = true;
        },
      };
    },
    red: ['closes as often as it is told to, also before it started'],
  },
  {
    what: 'says at once that it closed',
    transport: (inner) => ({ close: (done) => (done(), inner.close(() => undefined)) }),
    red: ['ends every link when it closes'],
  },
  {
    what: 'starts in any case',
    transport: (inner) => ({ start: (handlers, done) => inner.start(handlers, () => done()) }),
    red: ['fails to start where another one listens'],
  },
];
