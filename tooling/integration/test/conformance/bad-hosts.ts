import type { BrokenTransport } from './broken-transport.ts';

const refusals = [
  'reports the refusal of the end that was dialled at both ends, without a link',
  'reports the refusal of the end that dialled at both ends, without a link',
];

/** Transports that dial, admit or stop badly. */
export const badHosts: readonly BrokenTransport[] = [
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
