import type { LinkId, Transport, TransportHandlers } from '@quorate/interface';
import { withChanges, type BrokenTransport } from './broken-transport.ts';

const order = 'keeps the order within each lane';
const complete = 'delivers every frame exactly once, under pressure and with the largest frames';
const ends = 'ends a link at both ends, with the reason, and takes nothing more for it';
const overflow = 'ends a link whose queue is over its cap, at both ends, and comes back';
const gone = 'knows nothing of links that are over or never were';

/** Transports that do not carry what they were given, or say nothing of links and queues. */
export const badCarriers: readonly BrokenTransport[] = [
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
];

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
