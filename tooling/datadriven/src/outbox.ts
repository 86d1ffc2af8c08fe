import type { Lane, LinkId, MemberId, WriteNumber } from '@quorate/interface';
import type { Cargo } from './network.ts';

/** A send that its gate, or a closed gate in front of it, holds back. */
export interface Waiting<M> {
  readonly link: LinkId;
  readonly to: MemberId;
  readonly lane: Lane;
  readonly gate: WriteNumber;
  readonly cargo: Cargo<M> & { readonly what: 'message' };
}

/** The sends of one member that have not left yet. Within a link and lane they leave in the order they were emitted. */
export class Outbox<M> {
  #waiting: Waiting<M>[] = [];

  add(waiting: Waiting<M>): void {
    this.#waiting.push(waiting);
  }

  /** The write after which the last send of this link and lane can leave: its own gate, or one in front of it. */
  gateOf(link: LinkId, lane: Lane): WriteNumber {
    return Math.max(0, ...this.#waiting.filter((one) => one.link === link && one.lane === lane).map(({ gate }) => gate));
  }

  /** Takes out what may leave once `durable` is durable, in order. */
  release(durable: WriteNumber): Waiting<M>[] {
    const stopped = new Set<string>();
    const leaving: Waiting<M>[] = [];
    this.#waiting = this.#waiting.filter((one) => {
      const key = `${one.link} ${one.lane}`;
      if (one.gate > durable) stopped.add(key);
      if (stopped.has(key)) return true;
      leaving.push(one);
      return false;
    });
    return leaving;
  }

  /** A link that ended drops its sends. Returns how many. */
  drop(link: LinkId): number {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((one) => one.link !== link);
    return before - this.#waiting.length;
  }
}
