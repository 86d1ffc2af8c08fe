import { lastOf, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index, LinkId, MemberId, SnapshotMeta } from '@quorate/interface';
import type { PrimaryBackupMessage } from './messages.ts';
import type { Outbox } from './outbox.ts';
import type { ReplicatedLog } from './replicated-log.ts';

/** The backup's side: it holds what it is sent, says so once that is durable, and forwards reads. */
export class Backup {
  /** The highest round that it heard of. */
  round: number;
  /** It heard of the primary on the link that is up. */
  isFollowing = false;
  readonly #primary: MemberId;
  readonly #log: ReplicatedLog;
  readonly #outbox: Outbox;
  #link: LinkId | undefined;
  #pull: SnapshotMeta | undefined;
  #toldHeld: Index = -1;
  readonly #asked: Set<number> = new Set();

  constructor(primary: MemberId, log: ReplicatedLog, outbox: Outbox) {
    this.#primary = primary;
    this.#log = log;
    this.#outbox = outbox;
    this.round = log.lastEpoch.round;
  }

  linkUp(peer: MemberId, link: LinkId): void {
    if (peer !== this.#primary) return;
    this.#link = link;
    this.#join(link);
  }

  linkDown(peer: MemberId): void {
    if (peer !== this.#primary) return;
    this.#link = undefined;
    this.isFollowing = false;
    if (this.#pull !== undefined) this.#outbox.snapshots.push({ do: 'cancel', peer, meta: this.#pull });
    this.#pull = undefined;
    // The answers are lost with the link; whoever asked asks again.
    for (const context of this.#asked) this.#outbox.answer(context, undefined);
    this.#asked.clear();
  }

  read(context: number): void {
    if (this.#link === undefined) return this.#outbox.answer(context, undefined);
    this.#asked.add(context);
    this.#outbox.send(this.#link, 0, { kind: 'ask', context });
  }

  /** False: no correct primary says that. */
  take(from: MemberId, message: PrimaryBackupMessage, entries: readonly EntryBatch[]): boolean {
    if (from !== this.#primary) return false;
    if (message.kind === 'point') {
      if (this.#asked.delete(message.context)) this.#outbox.answer(message.context, message.settled ? message.index : undefined);
      return true;
    }
    if ((message.kind !== 'append' && message.kind !== 'offer') || message.round < this.round) return false;
    this.round = message.round;
    this.isFollowing = true;
    if (message.kind === 'offer') return this.#offered(message.meta);
    // A gap: the link did not keep its promise, and a new one begins with `join`.
    if (message.first > this.#log.last + 1) return false;
    for (const run of entries) {
      const from = Math.max(run.first, this.#log.last + 1);
      if (from <= lastOf(run)) this.#log.append(sliceEntries(run, from, lastOf(run)));
    }
    this.#log.commit = Math.max(this.#log.commit, Math.min(message.commit, this.#log.last));
    return true;
  }

  #offered(meta: SnapshotMeta): boolean {
    if (meta.index <= this.#log.last || this.#pull?.id === meta.id) return true;
    this.#pull = meta;
    this.#outbox.snapshots.push({ do: 'receive', peer: this.#primary, meta });
    return true;
  }

  snapshotReceived(meta: SnapshotMeta): void {
    if (this.#pull?.id === meta.id) this.#pull = undefined;
    if (meta.index > this.#log.last) this.#log.startAt(meta);
  }

  snapshotFailed(meta: SnapshotMeta): void {
    if (this.#pull?.id !== meta.id) return;
    this.#pull = undefined;
    // The primary begins anew with this member, and offers what it then has.
    if (this.#link !== undefined) this.#join(this.#link);
  }

  /** At the end of the turn. */
  sendAll(): void {
    const { last } = this.#log;
    if (this.#link === undefined || !this.isFollowing || last <= this.#toldHeld) return;
    this.#toldHeld = last;
    this.#outbox.send(this.#link, this.#log.gateOf(last), { kind: 'held', last });
  }

  #join(link: LinkId): void {
    this.#toldHeld = this.#log.durableLast;
    this.#outbox.send(link, 0, { kind: 'join', last: this.#log.durableLast });
  }
}
