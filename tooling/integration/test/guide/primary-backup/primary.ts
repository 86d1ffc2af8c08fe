import { lastOf, payloadBytes, placeEntries } from '@quorate/interface';
import type { CoreSetup, EntryBatch, Index, LinkId, MemberId, ProposalRun } from '@quorate/interface';
import type { PrimaryBackupMessage } from './messages.ts';
import type { Outbox } from './outbox.ts';
import type { ReplicatedLog } from './replicated-log.ts';

/** What the primary knows of one backup, for as long as their link lives. */
interface Follower {
  readonly link: LinkId;
  /** It durably holds everything up to here. */
  held: Index;
  /** The next entry to send. */
  next: Index;
  /** Sent and not yet held: the last index and the bytes of each message. */
  flights: { readonly last: Index; readonly bytes: number }[];
  /** What it was told last; -1: nothing yet. */
  toldCommit: Index;
  fetch: number | undefined;
  fetched: readonly EntryBatch[];
  /** It pulls a snapshot up to here, and is spared until it holds that; 0: none. */
  offered: Index;
}

/** The primary's side: it orders, sends, counts, and decides. */
export class Primary {
  isReady = false;
  isSettled = false;
  readyAt = 0;
  readonly #setup: CoreSetup;
  readonly #log: ReplicatedLog;
  readonly #outbox: Outbox;
  readonly #followers: Map<MemberId, Follower> = new Map();
  /** Everything up to here may have been acknowledged by an earlier life: it is settled once this is applied. */
  readonly #inherited: Index;
  #lastFetch = 0;

  constructor(setup: CoreSetup, log: ReplicatedLog, outbox: Outbox) {
    this.#setup = setup;
    this.#log = log;
    this.#outbox = outbox;
    this.#inherited = log.last;
  }

  get round(): number {
    return this.#setup.incarnation;
  }

  linkDown(peer: MemberId): void {
    this.#followers.delete(peer);
  }

  propose(run: ProposalRun): void {
    const { firstId: first, count } = run;
    const log = this.#log;
    const isTooMuch = log.uncommittedBytes + payloadBytes(run) > this.#setup.limits.uncommittedBytes && log.uncommittedBytes > 0;
    if (!this.isReady || isTooMuch) {
      this.#outbox.rejected.push({ first, count, reason: this.isReady ? 'overloaded' : 'not-ready' });
      return;
    }
    const epoch = { round: this.round, owner: 0 };
    this.#outbox.appended.push({ first, count, index: log.last + 1, epoch });
    log.append(placeEntries(run, log.last + 1, epoch, 'command'));
  }

  /** False: no correct backup says that. */
  take(from: MemberId, link: LinkId, message: PrimaryBackupMessage): boolean {
    if (message.kind === 'join') return this.#join(from, link, message.last);
    if (message.kind === 'ask') {
      const { context } = message;
      this.#outbox.send(link, 0, { kind: 'point', context, settled: this.isSettled, index: this.#log.commit });
      return true;
    }
    const follower = this.#followers.get(from);
    if (message.kind !== 'held' || follower === undefined || message.last >= follower.next) return false;
    follower.held = Math.max(follower.held, message.last);
    follower.flights = follower.flights.filter(({ last }) => last > follower.held);
    return true;
  }

  #join(from: MemberId, link: LinkId, last: Index): boolean {
    // A backup holds a part of what the primary's disk holds: nothing is sent before it is durable here.
    if (last > this.#log.durableLast) return false;
    this.#followers.set(from, {
      link,
      held: last,
      next: last + 1,
      flights: [],
      toldCommit: -1,
      fetch: undefined,
      fetched: [],
      offered: 0,
    });
    return true;
  }

  fetched(fetch: number, entries: readonly EntryBatch[]): void {
    for (const follower of this.#followers.values()) {
      if (follower.fetch !== fetch) continue;
      follower.fetch = undefined;
      follower.fetched = entries;
    }
  }

  /** At the end of the turn: count what is held, then send from the cursors. */
  decide(now: number): void {
    const { voters } = this.#setup.genesis;
    const log = this.#log;
    const majority = Math.floor(voters.length / 2) + 1;
    const held = voters.map((voter) => this.#heldBy(voter)).sort((a, b) => b - a);
    if (!this.isReady && held.filter((index) => index >= 0).length >= majority) {
      this.isReady = true;
      this.readyAt = now;
    }
    // It counts itself like the others, and what is committed must be on its own disk too.
    const decided = Math.min(held[majority - 1] ?? 0, log.durableLast);
    log.commit = Math.max(log.commit, decided);
    this.isSettled = this.isReady && log.applied >= this.#inherited;
  }

  /** -1: it has not joined. */
  #heldBy(voter: MemberId): Index {
    return voter === this.#setup.self ? this.#log.durableLast : (this.#followers.get(voter)?.held ?? -1);
  }

  sendAll(): void {
    for (const follower of this.#followers.values()) {
      if (follower.held < follower.offered) continue;
      while (this.#sendNext(follower));
      if (follower.held >= follower.offered && follower.toldCommit < this.#log.commit) this.#append(follower, []);
    }
  }

  /** One message of entries; false: there is nothing to send, or no room. */
  #sendNext(follower: Follower): boolean {
    const { windowMessages, windowBytes, messageBytes } = this.#setup.limits;
    const log = this.#log;
    const underWay = follower.flights.reduce((sum, { bytes }) => sum + bytes, 0);
    if (follower.next > log.last || follower.fetch !== undefined) return false;
    if (follower.flights.length > 0 && (follower.flights.length >= windowMessages || underWay >= windowBytes)) return false;
    if (follower.next < log.first) return this.#offer(follower);
    const entries = this.#entriesFor(follower, messageBytes);
    if (entries === undefined) {
      follower.fetch = ++this.#lastFetch;
      const range = { from: follower.next, to: log.commit };
      this.#outbox.fetches.push({ fetch: follower.fetch, range, maxBytes: messageBytes });
      return false;
    }
    this.#append(follower, entries);
    return true;
  }

  #entriesFor(follower: Follower, maxBytes: number): readonly EntryBatch[] | undefined {
    const fetched = follower.fetched;
    follower.fetched = [];
    if (fetched[0]?.first === follower.next) return fetched;
    const entries: EntryBatch[] = [];
    let next = follower.next;
    for (let left = maxBytes; left > 0;) {
      const run = this.#log.cached(next, left);
      if (run === undefined || (entries.length > 0 && payloadBytes(run) > left)) break;
      entries.push(run);
      left -= payloadBytes(run) + 1;
      next = lastOf(run) + 1;
    }
    return entries.length === 0 ? undefined : entries;
  }

  #append(follower: Follower, entries: readonly EntryBatch[]): void {
    const { commit } = this.#log;
    const first = follower.next;
    const last = entries.reduce((_, run) => lastOf(run), first - 1);
    // Only what the own disk holds leaves: so the primary's log is always the longest, and nothing is ever taken back.
    this.#outbox.send(follower.link, this.#log.gateOf(last), { kind: 'append', round: this.round, first, commit }, entries);
    follower.toldCommit = commit;
    follower.next = last + 1;
    const bytes = entries.reduce((sum, run) => sum + payloadBytes(run), 0);
    if (entries.length > 0) follower.flights.push({ last, bytes });
  }

  #offer(follower: Follower): boolean {
    const { snapshot } = this.#log;
    if (snapshot === undefined) return false;
    follower.offered = snapshot.index;
    follower.next = snapshot.index + 1;
    this.#outbox.send(follower.link, 0, { kind: 'offer', round: this.round, meta: snapshot });
    return false;
  }
}
