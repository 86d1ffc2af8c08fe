import type { Failure, Journal, Storage } from '@quorate/interface';

/**
 * Lets an owner name its journal callbacks before the storage is open. The contract makes a journal usable once `open` completed,
 * and a file storage has none before it knows its identity.
 */
export function withLateJournal(storage: Storage): Storage {
  let onDurable: Journal['onDurable'] = () => undefined;
  let onFailure: (failure: Failure) => void = () => undefined;
  let opened = false;
  const journal = {
    get onDurable(): Journal['onDurable'] {
      return onDurable;
    },
    set onDurable(call: Journal['onDurable']) {
      onDurable = call;
    },
    get onFailure(): Journal['onFailure'] {
      return onFailure;
    },
    set onFailure(call: Journal['onFailure']) {
      onFailure = call;
    },
  } as Journal;
  return {
    open: (expected, done) =>
      storage.open(expected, (identity) => {
        if (!('failure' in identity)) {
          opened = true;
          storage.journal.onDurable = (write) => onDurable(write);
          storage.journal.onFailure = (failed) => onFailure(failed);
        }
        done(identity);
      }),
    rememberPeer: (peer, diskId, done) => storage.rememberPeer(peer, diskId, done),
    get journal() {
      return opened ? storage.journal : journal;
    },
    get snapshots() {
      return storage.snapshots;
    },
    close: (done) => storage.close(done),
  };
}
