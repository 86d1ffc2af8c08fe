import type { Core, CoreKind, Journal, Storage, Transport } from '@quorate/interface';

/** The same kind of core, whose cores are changed. */
export function decorateCore<M>(kind: CoreKind<M>, change: (core: Core<M>) => Partial<Core<M>>): CoreKind<M> {
  return {
    protocol: kind.protocol,
    formatVersion: kind.formatVersion,
    needs: kind.needs,
    abilities: kind.abilities,
    describe: (message) => kind.describe(message),
    create: (setup) => {
      const core = kind.create(setup);
      const same: Core<M> = {
        step: (input, now) => core.step(input, now),
        drain: (now) => core.drain(now),
        cached: (from, maxBytes) => core.cached(from, maxBytes),
        metaAt: (index) => core.metaAt(index),
        status: () => core.status(),
      };
      return { ...same, ...change(core) };
    },
  };
}

/** How a journal is changed. */
export interface JournalChange {
  readonly append: Journal['append'];
  /** Takes the place of the journal's own reports. */
  readonly listen?: (listener: Journal['onDurable']) => void;
}

/** The same storage, whose journal is changed. */
export function decorateJournal(storage: Storage, change: (journal: Journal) => JournalChange): Storage {
  let changed: Journal | undefined;
  return {
    open: (expected, done) => storage.open(expected, done),
    rememberPeer: (peer, diskId, done) => storage.rememberPeer(peer, diskId, done),
    get journal() {
      changed ??= journalWith(storage.journal, change(storage.journal));
      return changed;
    },
    get snapshots() {
      return storage.snapshots;
    },
    close: (done) => storage.close(done),
  };
}

function journalWith(journal: Journal, { append, listen }: JournalChange): Journal {
  return {
    open: (done) => journal.open(done),
    append,
    flush: () => journal.flush(),
    get onDurable() {
      return journal.onDurable;
    },
    set onDurable(listener) {
      if (listen === undefined) journal.onDurable = listener;
      else listen(listener);
    },
    get onFailure() {
      return journal.onFailure;
    },
    set onFailure(listener) {
      journal.onFailure = listener;
    },
    read: (range, maxBytes, done) => journal.read(range, maxBytes, done),
    grownBytes: () => journal.grownBytes(),
    stats: () => journal.stats(),
    close: (done) => journal.close(done),
  };
}

/** The same transport with another way to send. */
export function decorateSend(transport: Transport, send: Transport['send']): Transport {
  return {
    delivery: transport.delivery,
    start: (handlers, done) => transport.start(handlers, done),
    setPeers: (peers) => transport.setPeers(peers),
    send,
    flush: () => transport.flush(),
    queuedBytes: (link) => transport.queuedBytes(link),
    closeLink: (link, reason) => transport.closeLink(link, reason),
    close: (done) => transport.close(done),
  };
}
