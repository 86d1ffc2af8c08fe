import type { EntryBatch, Lane, LinkId, MemberId, SnapshotMeta } from '@quorate/interface';
import type { Path, Selection } from './arguments.ts';

/** What is under way: a message of a core, or the bytes of a snapshot that the receiver's replica pulls. */
export type Cargo<M> =
  | { readonly what: 'message'; readonly message: M; readonly entries: readonly EntryBatch[] }
  | { readonly what: 'snapshot'; readonly meta: SnapshotMeta };

/** Something under way between two members. */
export interface Parcel<M> {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly lane: Lane;
  readonly cargo: Cargo<M>;
  held: boolean;
}

/** The connection of two members. At most one link per pair is up; a new one has new ids at both ends. */
export interface Connection {
  readonly ends: readonly [MemberId, MemberId];
  /** The link's id at each end; undefined while it is down. */
  ids: readonly [LinkId, LinkId] | undefined;
}

/** `fifo`: a lost or reordered message ends the link. `datagram`: messages are lost, doubled and reordered one by one. */
export type Delivery = 'fifo' | 'datagram';

/** Everything between the members: links, and what is under way on them. */
export class Network<M> {
  readonly delivery: Delivery;
  readonly #connections = new Map<string, Connection>();
  readonly #queues = new Map<string, Parcel<M>[]>();
  /** Directions, by lane, on which everything is held. */
  readonly #held = new Set<string>();
  #groups: readonly (readonly MemberId[])[] = [];

  constructor(delivery: Delivery) {
    this.delivery = delivery;
  }

  connection(a: MemberId, b: MemberId): Connection {
    const ends: readonly [MemberId, MemberId] = a < b ? [a, b] : [b, a];
    const key = ends.join('-');
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const made: Connection = { ends, ids: undefined };
    this.#connections.set(key, made);
    return made;
  }

  /** The id that `at` knows the link to `peer` by. */
  linkAt(at: MemberId, peer: MemberId): LinkId | undefined {
    const { ids, ends } = this.connection(at, peer);
    return ids?.[at === ends[0] ? 0 : 1];
  }

  connections(): Connection[] {
    return [...this.#connections.values()].sort((a, b) => a.ends[0] - b.ends[0] || a.ends[1] - b.ends[1]);
  }

  /** Members of different groups do not reach each other; members of no group reach everybody. */
  partition(groups: readonly (readonly MemberId[])[]): void {
    this.#groups = groups;
  }

  isCut(a: MemberId, b: MemberId): boolean {
    const group = (member: MemberId): number => this.#groups.findIndex((members) => members.includes(member));
    return group(a) !== group(b) && group(a) >= 0 && group(b) >= 0;
  }

  put(parcel: Parcel<M>): void {
    this.#queue(parcel.from, parcel.to).push(parcel);
  }

  /** Everything under way between two members is lost. */
  clear(a: MemberId, b: MemberId): Parcel<M>[] {
    return [...this.#queue(a, b).splice(0), ...this.#queue(b, a).splice(0)];
  }

  /** What is under way from `from` to `to`, in the order sent. */
  underWay(from: MemberId, to: MemberId): readonly Parcel<M>[] {
    return this.#queue(from, to);
  }

  /** The parcels of one direction that `selection` means. */
  selected(from: MemberId, to: MemberId, { lane, count, place }: Selection): Parcel<M>[] {
    const queue = this.#queue(from, to).filter((parcel) => lane === undefined || parcel.lane === lane);
    return place === undefined ? queue.slice(0, count) : queue.slice(place - 1, place);
  }

  /** True when an earlier message of the same lane is still under way: taking this one first would reorder. */
  isOvertaking(parcel: Parcel<M>): boolean {
    const first = this.#queue(parcel.from, parcel.to).find((other) => other.lane === parcel.lane);
    return first !== parcel;
  }

  /** Takes a parcel off the wire. False: it is no longer there. */
  take(parcel: Parcel<M>): boolean {
    const queue = this.#queue(parcel.from, parcel.to);
    const place = queue.indexOf(parcel);
    if (place < 0) return false;
    queue.splice(place, 1);
    return true;
  }

  /** The next parcel that nobody holds: with `fifo`, one that is held also stops what is behind it in its lane. */
  nextFree(from: MemberId, to: MemberId): Parcel<M> | undefined {
    const stopped = new Set<Lane>();
    for (const parcel of this.#queue(from, to)) {
      if (!this.isHeld(parcel) && !stopped.has(parcel.lane)) return parcel;
      if (this.delivery === 'fifo') stopped.add(parcel.lane);
    }
    return undefined;
  }

  isHeld(parcel: Parcel<M>): boolean {
    return parcel.held || this.#held.has(direction(parcel.from, parcel.to, parcel.lane));
  }

  /** Holds or releases whole lanes of a direction: also what will be sent later. */
  hold(from: MemberId, to: MemberId, lane: Lane | undefined, held: boolean): void {
    for (const each of lane === undefined ? (['control', 'log', 'bulk'] as const) : [lane]) {
      if (held) this.#held.add(direction(from, to, each));
      else this.#held.delete(direction(from, to, each));
    }
    if (!held) for (const parcel of this.selected(from, to, { lane, count: undefined, place: undefined })) parcel.held = false;
  }

  /** The directions that a path means, in order. */
  directions(path: Path, members: readonly MemberId[]): (readonly [MemberId, MemberId])[] {
    const from = path.from ?? members;
    const to = path.to ?? members;
    return from.flatMap((a) => to.filter((b) => b !== a).map((b) => [a, b] as const));
  }

  #queue(from: MemberId, to: MemberId): Parcel<M>[] {
    const key = `${from}>${to}`;
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const made: Parcel<M>[] = [];
    this.#queues.set(key, made);
    return made;
  }
}

function direction(from: MemberId, to: MemberId, lane: Lane): string {
  return `${from}>${to} ${lane}`;
}
