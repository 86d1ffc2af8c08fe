import { failure, invariant } from '@quorate/interface';
import type { ExpectedIdentity, Failure, Host, Identity, Journal, MemberId, SnapshotStore, Storage } from '@quorate/interface';
import { createMemoryJournal } from './memory-journal.ts';
import type { MemorySync } from './memory-journal.ts';
import { memoryMedium } from './memory-medium.ts';
import type { MemoryMedium } from './memory-medium.ts';
import { createMemorySnapshots } from './memory-snapshots.ts';

/** How a member keeps its data in memory. */
export interface MemoryStorageOptions {
  /** Where; default: a new one, which nobody can open again. Give the same to the next storage for a restart. */
  readonly medium?: MemoryMedium;
  readonly host: Pick<Host, 'endOfTurn'>;
  /** Default `inline`: durable before `flush` returns. `turn`: at the end of the turn, so that a crash can come between. */
  readonly sync?: MemorySync;
}

/** What {@link MemoryStorageOptions} are when they are left out. */
export const defaultMemoryStorageOptions: { readonly sync: MemorySync } = { sync: 'inline' };

/** The storage of one member in memory: durable for as long as its medium is held. One object per "process life". */
export function memoryStorage(options: MemoryStorageOptions): Storage {
  return new MemoryStorage({ ...defaultMemoryStorageOptions, medium: memoryMedium(), ...options });
}

class MemoryStorage implements Storage {
  readonly #options: Required<MemoryStorageOptions>;
  #journal: Journal | undefined;
  #snapshots: SnapshotStore | undefined;
  #life = -1;

  constructor(options: Required<MemoryStorageOptions>) {
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

  open(expected: ExpectedIdentity, done: (identity: Identity | Failure) => void): void {
    const { content } = this.#options.medium;
    if (content.locked)
      return done(
        failure('E_DATA_LOCKED', 'the medium is in use (got an open owner, allowed none). Close or crash it first.', 78),
      );
    const wrong = disagreement(content.identity, content.formatVersion, expected);
    if (wrong !== undefined) return done(wrong);
    content.locked = true;
    this.#life = ++content.life;
    const { clusterId, member, name, protocol, formatVersion, newDiskId } = expected;
    const known = content.identity;
    const identity: Identity = {
      clusterId,
      member,
      name,
      protocol,
      diskId: known?.diskId ?? newDiskId,
      incarnation: (known?.incarnation ?? 0) + 1,
      peerDisks: known?.peerDisks ?? new Map(),
    };
    content.identity = identity;
    content.formatVersion = formatVersion;
    this.#journal = createMemoryJournal(content, this.#options);
    this.#snapshots = createMemorySnapshots(content);
    done(identity);
  }

  rememberPeer(peer: MemberId, diskId: string, done: (failed?: Failure) => void): void {
    const { content } = this.#options.medium;
    const { identity } = content;
    invariant(identity !== undefined && this.#life === content.life, 'the storage is not open');
    content.identity = { ...identity, peerDisks: new Map([...identity.peerDisks, [peer, diskId]]) };
    done();
  }

  close(done: (failed?: Failure) => void): void {
    const { content } = this.#options.medium;
    const release = (failed?: Failure): void => {
      // A life that was crashed no longer owns the medium.
      if (this.#life === content.life) content.locked = false;
      done(failed);
    };
    if (this.#journal === undefined) release();
    else this.#journal.close(release);
  }
}

function disagreement(known: Identity | undefined, formatVersion: number, expected: ExpectedIdentity): Failure | undefined {
  if (known === undefined) return undefined;
  const refuse = (code: string, field: string, values: readonly [unknown, unknown]): Failure =>
    failure(
      code,
      `the medium is another's (${field}, got ${String(values[0])}, allowed ${String(values[1])}). Use another medium.`,
      78,
    );
  if (known.protocol !== expected.protocol) return refuse('E_PROTOCOL', 'protocol', [known.protocol, expected.protocol]);
  if (formatVersion > expected.formatVersion)
    return refuse('E_VERSION', 'protocol format', [formatVersion, expected.formatVersion]);
  if (known.clusterId !== expected.clusterId) return refuse('E_CLUSTER_ID', 'cluster id', [known.clusterId, expected.clusterId]);
  if (known.member !== expected.member) return refuse('E_MEMBER_ID', 'member', [known.member, expected.member]);
  return undefined;
}
