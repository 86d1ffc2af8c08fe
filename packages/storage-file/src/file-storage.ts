import { encodeText, failure, invariant, isFailure } from '@quorate/interface';
import type { Disk, ExpectedIdentity, Failure, Identity, Journal, MemberId, SnapshotStore, Storage } from '@quorate/interface';
import { createFileJournal } from './file-journal.ts';
import { createFileSnapshots } from './file-snapshots.ts';
import type { FileSnapshotStore } from './file-snapshots.ts';
import { checkIdentity, encodeIdentity, mintIdentity } from './identity-file.ts';
import { inOrder } from './loop.ts';
import { resolveFileStorageOptions } from './options.ts';
import type { FileStorageOptions } from './options.ts';
import { readFile, replaceFile } from './whole-file.ts';
import type { Done } from './whole-file.ts';

/** Everything that a member owns, in one directory: `identity`, `lock`, `journal/`, `snapshots/`. One object per process life. */
export function fileStorage(options: FileStorageOptions): Storage {
  return new FileStorage(resolveFileStorageOptions(options));
}

class FileStorage implements Storage {
  readonly #options: Required<FileStorageOptions>;
  #journal: Journal | undefined;
  #snapshots: FileSnapshotStore | undefined;
  #identity: Identity | undefined;
  #formatVersion = 0;
  #locked = false;
  // Rewrites of the identity, one at a time.
  readonly #remembering: (() => void)[] = [];
  /** Calls that change the directory: the lock is not given back before they are over. */
  #underWay = 0;
  #whenQuiet: (() => void) | undefined;
  /** Who waits for the end of `close`. */
  #closing: Done[] = [];

  constructor(options: Required<FileStorageOptions>) {
    this.#options = options;
  }

  get journal(): Journal {
    invariant(this.#journal !== undefined, 'the storage is not open');
    return this.#journal;
  }

  get snapshots(): SnapshotStore {
    invariant(this.#snapshots !== undefined, 'the storage is not open');
    return this.#snapshots;
  }

  open(expected: ExpectedIdentity, opened: (identity: Identity | Failure) => void): void {
    const { directory, disk } = this.#options;
    const done = this.#begin(opened);
    this.#formatVersion = expected.formatVersion;
    const fail = (failed: Failure): void => this.#unlock(() => done(failed));
    disk.makeDirectory(directory, (unmade) => {
      if (unmade !== undefined) return done(aboutDirectory(directory, unmade));
      disk.lock(`${directory}/lock`, (unlocked) => {
        if (unlocked !== undefined) return done(unlocked);
        this.#locked = true;
        const directories = ['journal', 'snapshots'].map(
          (name) => (next: Done) => disk.makeDirectory(`${directory}/${name}`, next),
        );
        const names = [
          // A lost name of the directory would be a lost member: the next start would mint another one.
          (next: Done): void => syncParent(disk, directory, next),
          ...directories,
          (next: Done): void => disk.syncDirectory(directory, next),
        ];
        inOrder(names, (failed) => {
          if (failed !== undefined) return fail(failed);
          this.#identify(expected, (identity) => {
            if (isFailure(identity)) return fail(identity);
            this.#assemble(identity);
            done(identity);
          });
        });
      });
    });
  }

  rememberPeer(peer: MemberId, diskId: string, remembered: (failed?: Failure) => void): void {
    const done = this.#begin(remembered);
    const run = (): void => {
      const identity = this.#identity;
      invariant(identity !== undefined, 'the storage is not open');
      const finish = (failed?: Failure): void => {
        done(failed);
        this.#remembering.shift();
        this.#remembering[0]?.();
      };
      if (identity.peerDisks.get(peer) === diskId) return finish();
      const changed = { ...identity, peerDisks: new Map([...identity.peerDisks, [peer, diskId]]) };
      this.#write(changed, finish);
    };
    this.#remembering.push(run);
    if (this.#remembering.length === 1) run();
  }

  close(done: (failed?: Failure) => void): void {
    this.#closing.push(done);
    if (this.#closing.length > 1) return;
    if (this.#underWay > 0) this.#whenQuiet = () => this.#close();
    else this.#close();
  }

  #close(): void {
    const finish = (failed?: Failure): void => {
      const waiting = this.#closing;
      this.#closing = [];
      for (const done of waiting) done(failed);
    };
    const release = (failed?: Failure): void => this.#unlock((unreleased) => finish(failed ?? unreleased));
    this.#snapshots?.close();
    if (this.#journal === undefined) release();
    else this.#journal.close(release);
  }

  /** Counts a call until its completion was told. */
  #begin<A extends unknown[]>(done: (...result: A) => void): (...result: A) => void {
    this.#underWay++;
    return (...result) => {
      done(...result);
      this.#underWay--;
      if (this.#underWay > 0) return;
      const quiet = this.#whenQuiet;
      this.#whenQuiet = undefined;
      quiet?.();
    };
  }

  #identify(expected: ExpectedIdentity, done: (identity: Identity | Failure) => void): void {
    const { directory, disk } = this.#options;
    const path = `${directory}/identity`;
    const store = (identity: Identity): void => this.#write(identity, (failed) => done(failed ?? identity));
    disk.list(directory, (names) => {
      if (isFailure(names)) return done(names);
      if (names.includes('identity'))
        return readFile(disk, path, (bytes) => {
          if (isFailure(bytes)) return done(bytes);
          const found = checkIdentity({ path, bytes }, expected, disk.crc32);
          if (isFailure(found)) done(found);
          else store({ ...found, incarnation: found.incarnation + 1 });
        });
      // A journal without an identity could be anyone's: its owner may have voted.
      disk.list(`${directory}/journal`, (files) => {
        if (isFailure(files)) done(files);
        else if (files.length > 0) done(identityMissing(path));
        else store(mintIdentity(expected));
      });
    });
  }

  #write(identity: Identity, done: Done): void {
    const { directory, disk } = this.#options;
    const bytes = encodeIdentity(identity, this.#formatVersion, disk.crc32);
    replaceFile(disk, { directory, name: 'identity' }, bytes, (failed) => {
      if (failed === undefined) this.#identity = identity;
      done(failed);
    });
  }

  #assemble(identity: Identity): void {
    const { directory, disk, host, group, segmentBytes, report } = this.#options;
    // Bytes of another disk's journal never have this salt.
    const owner = { group, salt: disk.crc32(encodeText(identity.diskId), 0) };
    this.#journal = createFileJournal({ disk, host, directory: `${directory}/journal`, owner, segmentBytes, report });
    this.#snapshots = createFileSnapshots({ disk, directory: `${directory}/snapshots` });
  }

  #unlock(done: Done): void {
    if (!this.#locked) return done();
    this.#locked = false;
    this.#options.disk.unlock(`${this.#options.directory}/lock`, done);
  }
}

/** Where the parent may not even be read, the operator made the directory, and vouches for it. */
function syncParent(disk: Disk, directory: string, done: Done): void {
  const trimmed = directory.replace(/(?<=.)\/+$/u, '');
  const slash = trimmed.lastIndexOf('/');
  const parent = slash < 0 ? '.' : slash === 0 ? '/' : trimmed.slice(0, slash);
  disk.syncDirectory(parent, (failed) => done(failed?.code === 'E_DISK_ACCESS' ? undefined : failed));
}

function identityMissing(path: string): Failure {
  const what = `the identity is missing although there is a journal (file ${path}, got nothing)`;
  return failure('E_IDENTITY_MISSING', `${what}. Restore the file, or replace this member with an empty directory.`, 65);
}

function aboutDirectory(directory: string, failed: Failure): Failure {
  if (failed.code !== 'E_DISK_TYPE') return failed;
  const what = `the data directory is a file (--data-dir, got ${directory}, allowed: a directory)`;
  return failure('E_DATA_DIR', `${what}. Name another one, or move the file away.`, 78);
}
