import type { Config, MemberId } from '@quorate/interface';
import { ClusterInvariants } from './cluster-invariants.ts';
import { Member, type MemberSetup, type Surroundings } from './member.ts';
import { Network, type Delivery, type Parcel } from './network.ts';
import { observedEntries, type Observer } from './observation.ts';
import { check, TraceError } from './trace-error.ts';
import { Transcript } from './transcript.ts';

/** Members, the wires between them, and virtual time. Everything that happens, happens by a command of a trace. */
export class Cluster<M> {
  readonly members: Map<MemberId, Member<M>> = new Map();
  readonly network: Network<M>;
  readonly transcript: Transcript;
  readonly invariants: ClusterInvariants = new ClusterInvariants();
  readonly #observe: Observer<M>;
  #now = 0;
  /** Pairs whose link the trace has taken down: only `heal` brings it back. */
  readonly #downed = new Set<string>();

  constructor(delivery: Delivery, transcript: Transcript, observe: Observer<M>) {
    this.network = new Network(delivery);
    this.transcript = transcript;
    this.#observe = observe;
  }

  get now(): number {
    return this.#now;
  }

  get ids(): readonly MemberId[] {
    return [...this.members.keys()].sort((a, b) => a - b);
  }

  member(id: MemberId): Member<M> {
    const member = this.members.get(id);
    if (member === undefined) throw new TraceError(`there is no node ${id}`);
    return member;
  }

  add(setup: MemberSetup<M>): void {
    if (this.members.has(setup.id)) throw new TraceError(`node ${setup.id} exists`);
    this.members.set(setup.id, new Member(setup, this.#surroundings()));
    this.member(setup.id).start();
  }

  /** Ends the turn of everybody who has something to end. */
  turns(): void {
    for (let round = 0, busy = true; busy; round++) {
      check(round < 1000, () => 'the members do not come to rest');
      busy = false;
      for (const id of this.ids) if (this.member(id).turn()) busy = true;
    }
  }

  /** Brings up every link that may be: both ends up, no partition between them, not taken down by the trace. */
  connect(only: (a: MemberId, b: MemberId) => boolean = () => true): void {
    const made: string[] = [];
    for (const a of this.ids) {
      for (const b of this.ids) {
        if (a >= b || !only(a, b) || this.#downed.has(`${a}-${b}`) || this.network.isCut(a, b)) continue;
        const connection = this.network.connection(a, b);
        if (connection.ids !== undefined || !this.member(a).isUp || !this.member(b).isUp) continue;
        connection.ids = [this.member(a).linkUp(b), this.member(b).linkUp(a)];
        made.push(`${a}-${b}`);
      }
    }
    if (made.length > 0) this.transcript.news(`links up: ${made.join(' ')}`);
  }

  /** Ends the link of two members at both ends; with `fifo` what is under way on it is lost. */
  endLink(a: MemberId, b: MemberId, reason: string): void {
    const connection = this.network.connection(a, b);
    const { ids, ends } = connection;
    if (ids === undefined) return;
    connection.ids = undefined;
    this.transcript.news(`link ${ends.join('-')} ends: ${reason}`);
    this.#observe({ what: 'link-ended', ends, reason });
    this.member(ends[0]).linkDown(ends[1], ids[0]);
    this.member(ends[1]).linkDown(ends[0], ids[1]);
    const over = [...this.network.underWay(a, b), ...this.network.underWay(b, a)];
    for (const parcel of over) {
      if (this.network.delivery === 'datagram' && parcel.cargo.what === 'message') continue;
      this.network.take(parcel);
      this.#failPull(parcel);
    }
  }

  /** What was lost was a snapshot on its way: the replica gives the pull up. */
  #failPull({ to, cargo }: Parcel<M>): void {
    const receiver = this.member(to);
    if (cargo.what === 'snapshot' && receiver.isUp) receiver.step({ type: 'snapshotFailed', meta: cargo.meta });
  }

  /** Takes a link down until `heal`. */
  linkDown(a: MemberId, b: MemberId): void {
    this.#downed.add(`${Math.min(a, b)}-${Math.max(a, b)}`);
    this.endLink(a, b, 'taken down');
  }

  /** Undoes `link-down` and `partition`, for one pair or for all, and connects. */
  heal(pair: readonly [MemberId, MemberId] | undefined): void {
    if (pair === undefined) {
      this.#downed.clear();
      this.network.partition([]);
      this.connect();
      return;
    }
    const low = Math.min(...pair);
    const high = Math.max(...pair);
    this.#downed.delete(`${low}-${high}`);
    this.connect((a, b) => a === low && b === high);
  }

  /** With `fifo` the links between the groups end; with `datagram` they stay up and lose everything. */
  partition(groups: readonly (readonly MemberId[])[]): void {
    this.network.partition(groups);
    for (const { ends } of this.network.connections()) {
      if (!this.network.isCut(...ends)) continue;
      if (this.network.delivery === 'fifo') this.endLink(...ends, 'partition');
      else for (const parcel of this.network.clear(...ends)) this.#failPull(parcel);
    }
  }

  /** Ends a process, and its links. */
  stop(id: MemberId): void {
    this.member(id).stop();
    for (const { ends } of this.network.connections()) if (ends.includes(id)) this.endLink(...ends, `${id} is down`);
  }

  /** Hands one parcel to its receiver, whose turn ends later. */
  deliver(parcel: Parcel<M>): void {
    const { from, to, lane, cargo } = parcel;
    const reorders = this.network.delivery === 'fifo' && this.network.isOvertaking(parcel);
    if (!this.network.take(parcel)) return;
    if (reorders) {
      this.endLink(from, to, 'reordered');
      return;
    }
    const receiver = this.member(to);
    const link = this.network.linkAt(to, from);
    const text = `${to}<-${from} ${lane}: ${receiver.describe(cargo)}`;
    if (!receiver.isUp || link === undefined) {
      this.transcript.detail(`${text}, lost: no link`);
      return;
    }
    this.transcript.detail(text);
    if (cargo.what === 'snapshot') receiver.takeSnapshot(from, cargo.meta);
    else {
      const { message, entries } = cargo;
      this.#observe({ what: 'delivered', from, to, lane, message, entries: observedEntries(entries) });
      receiver.step({ type: 'message', from, link, message, entries });
    }
  }

  /** Loses a parcel; with `fifo` that ends the link. */
  drop(parcel: Parcel<M>): void {
    const { from, to, lane, cargo } = parcel;
    if (!this.network.take(parcel)) return;
    this.transcript.detail(`${from}->${to} ${lane}: ${this.member(from).describe(cargo)}, dropped`);
    this.#failPull(parcel);
    if (this.network.delivery === 'fifo') this.endLink(from, to, 'lost a message');
  }

  /** Syncs and delivers among `ids` until nothing is left to do. No time passes. */
  stabilize(ids: readonly MemberId[]): void {
    for (let round = 0; this.#stabilizeOnce(ids); round++) check(round < 500, () => 'it does not become stable');
  }

  #stabilizeOnce(ids: readonly MemberId[]): boolean {
    let busy = false;
    for (const id of ids) {
      const member = this.member(id);
      if (!member.isUp || member.journal.unsyncedCount === 0) continue;
      member.sync();
      this.turns();
      busy = true;
    }
    for (const from of ids) {
      for (const to of ids) {
        if (from === to || !this.deliverFree(from, to)) continue;
        this.turns();
        busy = true;
      }
    }
    return busy;
  }

  /** Delivers what is under way now in one direction, except what is held. False: there was nothing. */
  deliverFree(from: MemberId, to: MemberId): boolean {
    let count = this.network.underWay(from, to).length;
    const before = count;
    for (let next = this.network.nextFree(from, to); next !== undefined && count > 0; count--) {
      this.deliver(next);
      next = this.network.nextFree(from, to);
    }
    return count < before;
  }

  /** Lets time pass: wakes every core at its deadlines. `stable`: what follows from a wake is carried out at once. */
  advance(ms: number, stable: boolean): void {
    const end = this.#now + ms;
    let ended = false;
    const tellEnd = (): void => {
      if (!ended) this.transcript.news(`-- ${Math.round(end)} ms`);
      ended = true;
    };
    for (let rounds = 0; ; rounds++) {
      check(rounds < 100_000, () => 'a deadline does not move on');
      const next = Math.min(...this.ids.map((id) => this.member(id).deadline));
      if (next > end) break;
      this.#now = Math.max(this.#now, next);
      const due = this.ids.filter((id) => this.member(id).deadline <= this.#now);
      const told = Math.round(this.#now);
      if (told === Math.round(end)) tellEnd();
      else this.transcript.detail(`-- ${told} ms`);
      for (const id of due) {
        this.member(id).step({ type: 'wake' });
        this.turns();
      }
      if (stable) this.stabilize(this.ids);
    }
    this.#now = end;
    tellEnd();
  }

  #surroundings(): Surroundings<M> {
    return {
      network: this.network,
      invariants: this.invariants,
      transcript: this.transcript,
      observe: this.#observe,
      now: () => this.#now,
      endLink: (a, b, reason) => this.endLink(a, b, reason),
      stopped: (id) => this.stop(id),
      holdsSnapshot: (id, snapshot) => this.member(id).isUp && this.member(id).snapshots.has(snapshot),
    };
  }
}

/** The configuration that a cluster is started with. */
export function genesisOf(voters: readonly MemberId[], learners: readonly MemberId[]): Config {
  const members = [...voters, ...learners].map((id) => ({ id, name: `n${id}`, peerUrls: [], diskId: '' }));
  return { id: 0, voters, learners, members };
}
