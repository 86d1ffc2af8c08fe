import fs from 'node:fs';
import path from 'node:path';
import { failure } from '@quorate/interface';
import type { ExpectedIdentity, Failure, Identity, JournalBatch, MemberId, SnapshotStore, Storage } from '@quorate/interface';
import { OneFileJournal } from './one-file-journal.ts';
import { oneFileSnapshots, syncDirectory } from './one-file-snapshots.ts';
import { RecordFile } from './record-file.ts';

type Record =
  | { readonly identity: Identity; readonly formatVersion: number }
  | { readonly peer: MemberId; readonly diskId: string }
  | { readonly batch: JournalBatch };

/** A member's storage in a directory: one append-only file for identity, peers and log, and a file for each snapshot. */
export function oneFileStorage(directory: string): Storage {
  return new OneFileStorage(directory);
}

class OneFileStorage implements Storage {
  readonly journal: OneFileJournal;
  readonly snapshots: SnapshotStore;
  readonly #directory: string;
  #file: RecordFile | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    this.journal = new OneFileJournal(() => this.#opened());
    this.snapshots = oneFileSnapshots(directory);
  }

  open(expected: ExpectedIdentity, done: (identity: Identity | Failure) => void): void {
    fs.mkdirSync(this.#directory, { recursive: true });
    try {
      fs.closeSync(fs.openSync(this.#lock, 'wx'));
    } catch {
      return done(failure('E_DATA_LOCKED', `${this.#directory} has an owner (lock, got one, allowed none). Stop it first.`, 78));
    }
    let identity: Identity | undefined;
    let formatVersion = 0;
    const take = (record: Record): void => {
      if ('batch' in record) this.journal.take(record.batch);
      else if ('identity' in record) ({ identity, formatVersion } = record);
      else if (identity !== undefined)
        identity = { ...identity, peerDisks: new Map([...identity.peerDisks, [record.peer, record.diskId]]) };
    };
    this.#file = new RecordFile(path.join(this.#directory, 'log'), (record) => take(record as Record));
    const wrong = disagreement(identity, formatVersion, expected);
    if (wrong !== undefined) {
      this.#release();
      return done(wrong);
    }
    const { newDiskId, formatVersion: newest, ...names } = expected;
    const minted: Identity = {
      ...names,
      diskId: identity?.diskId ?? newDiskId,
      incarnation: (identity?.incarnation ?? 0) + 1,
      peerDisks: identity?.peerDisks ?? new Map(),
    };
    // Durable before anybody hears of this incarnation: messages of two lives must never look alike.
    this.#file.append([{ identity: minted, formatVersion: newest }]);
    syncDirectory(this.#directory);
    done(minted);
  }

  rememberPeer(peer: MemberId, diskId: string, done: (failed?: Failure) => void): void {
    this.#opened().append([{ peer, diskId }]);
    done();
  }

  close(done: (failed?: Failure) => void): void {
    if (this.#file === undefined) return done();
    this.journal.close((failed) => {
      this.#release();
      done(failed);
    });
  }

  get #lock(): string {
    return path.join(this.#directory, 'lock');
  }

  #opened(): RecordFile {
    if (this.#file === undefined) throw new Error('the storage is not open');
    return this.#file;
  }

  #release(): void {
    this.#file?.close();
    this.#file = undefined;
    fs.rmSync(this.#lock);
  }
}

function disagreement(known: Identity | undefined, formatVersion: number, expected: ExpectedIdentity): Failure | undefined {
  const refuse = (code: string, field: string): Failure =>
    failure(code, `the directory is another's (${field}). Use another directory.`, 78);
  if (known === undefined) return undefined;
  if (known.protocol !== expected.protocol) return refuse('E_PROTOCOL', 'protocol');
  if (formatVersion > expected.formatVersion) return refuse('E_VERSION', 'format version');
  if (known.clusterId !== expected.clusterId) return refuse('E_CLUSTER_ID', 'cluster id');
  if (known.member !== expected.member) return refuse('E_MEMBER_ID', 'member');
  return undefined;
}
