import { decodeText, encodeText, type LinkId, type LinkKind, type MemberId, type TransportHandlers } from '@quorate/interface';

/** What a test sees of one end: every call of its handlers, in order. */
export interface Recorder extends TransportHandlers {
  /** `up 2`, `down 2 reason`, `frame text`, `drained`, `trouble E_…`. */
  readonly calls: string[];
  readonly frames: Uint8Array[];
  /** The newest link that is up, by peer. */
  readonly links: Map<MemberId, LinkId>;
  readonly troubles: string[];
}

/** A member whose hello is `id incarnation`, or a client (id 0). `refuse` turns others away. */
export function recorder(
  self: MemberId,
  options: { incarnation?: number; refuse?: (peer: MemberId) => string | undefined } = {},
): Recorder {
  const calls: string[] = [];
  const frames: Uint8Array[] = [];
  const troubles: string[] = [];
  const links = new Map<MemberId, LinkId>();
  return {
    calls,
    frames,
    troubles,
    links,
    self,
    hello: encodeText(`${self} ${options.incarnation ?? 1}`),
    admit(hello) {
      const [id, incarnation] = (decodeText(hello) ?? '').split(' ').map(Number);
      if (id === undefined || incarnation === undefined || Number.isNaN(id)) return { refuse: 'E_NOT_MEMBER: not a hello' };
      const refuse = options.refuse?.(id);
      if (refuse !== undefined) return { refuse };
      return { peer: id, kind: id === 0 ? 'client' : 'member', incarnation };
    },
    linkUp(peer: MemberId, link: LinkId, kind: LinkKind) {
      links.set(peer, link);
      calls.push(kind === 'client' ? `up client ${peer}` : `up ${peer}`);
    },
    linkDown(peer, link, reason) {
      if (links.get(peer) === link) links.delete(peer);
      calls.push(`down ${peer} ${reason}`);
    },
    frame(_link, frame) {
      frames.push(Uint8Array.from(frame));
      calls.push(`frame ${decodeText(frame.subarray(0, 40)) ?? ''}`);
    },
    drained: () => void calls.push('drained'),
    trouble(_peer, text) {
      troubles.push(text);
    },
  };
}
