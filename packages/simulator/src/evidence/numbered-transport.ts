import type { Lane, LinkId, Transport, TransportHandlers } from '@quorate/interface';
import type { Ledger, MemberRecord } from './ledger.ts';

const lanes: readonly Lane[] = ['control', 'log', 'bulk'];
/** The lane, then the frame's place in link and lane. */
const headBytes = 5;

/** Frames of one link so far, by lane. */
interface Counts {
  readonly sent: Uint32Array;
  readonly received: Uint32Array;
}

/**
 * The same transport, whose frames carry their place within link and lane. On a `fifo` link a frame that is missing, early or repeated
 * breaks the contract that everything above it was built on (contract of `Transport.delivery`), whatever becomes of it there.
 */
export function numberedTransport(transport: Transport, ledger: Ledger, record: MemberRecord): Transport {
  if (transport.delivery !== 'fifo') return transport;
  const links = new Map<LinkId, Counts>();
  // The simulated network copies what it is given within `send`: one array of chunks, and one head, serve all frames.
  const head = new Uint8Array(headBytes);
  const parts: Uint8Array[] = [];
  const countsOf = (link: LinkId): Counts => {
    let counts = links.get(link);
    if (counts === undefined)
      links.set(link, (counts = { sent: new Uint32Array(lanes.length), received: new Uint32Array(lanes.length) }));
    return counts;
  };
  const arrived = (link: LinkId, frame: Uint8Array): void => {
    const lane = frame[0] ?? 0;
    const place = readPlace(frame);
    const { received } = countsOf(link);
    const expected = received[lane] ?? 0;
    if (place !== expected)
      ledger.violate(
        'link',
        `member ${record.id} gets frame ${place} of lane ${lanes[lane]} on link ${link}, and expects ${expected}`,
      );
    received[lane] = place + 1;
  };
  const seen = (handlers: TransportHandlers): TransportHandlers => ({
    hello: handlers.hello,
    self: handlers.self,
    admit: (hello, credentials) => handlers.admit(hello, credentials),
    linkUp: (peer, link, kind) => handlers.linkUp(peer, link, kind),
    linkDown: (peer, link, reason) => {
      links.delete(link);
      handlers.linkDown(peer, link, reason);
    },
    frame: (link, frame) => {
      arrived(link, frame);
      handlers.frame(link, frame.subarray(headBytes));
    },
    drained: (link) => handlers.drained(link),
    trouble: (peer, text) => handlers.trouble(peer, text),
  });
  return {
    delivery: transport.delivery,
    start: (handlers, done) => transport.start(seen(handlers), done),
    setPeers: (peers) => transport.setPeers(peers),
    send: (link, lane, chunks) => {
      const number = lanes.indexOf(lane);
      const { sent } = countsOf(link);
      const place = sent[number] ?? 0;
      head[0] = number;
      writePlace(head, place);
      parts.length = 0;
      parts.push(head);
      for (const chunk of chunks) parts.push(chunk);
      const taken = transport.send(link, lane, parts);
      // A link that is over is forgotten with its linkDown: what was under way may still arrive before.
      if (taken) sent[number] = place + 1;
      return taken;
    },
    flush: () => transport.flush(),
    queuedBytes: (link) => transport.queuedBytes(link),
    closeLink: (link, reason) => transport.closeLink(link, reason),
    close: (done) => transport.close(done),
  };
}

// By hand: a DataView for each frame costs more than all the rest of this file.
function writePlace(head: Uint8Array, place: number): void {
  for (let byte = 0; byte < 4; byte++) head[byte + 1] = (place >>> (8 * byte)) & 0xff;
}

function readPlace(frame: Uint8Array): number {
  let place = 0;
  for (let byte = 3; byte >= 0; byte--) place = place * 256 + (frame[byte + 1] ?? 0);
  return place;
}
