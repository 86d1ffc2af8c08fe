import type { CoreStatus, MemberId } from '@quorate/interface';
import type { Cluster } from './cluster.ts';
import { formatPayload } from './format.ts';
import { Interpreter, type KindFactory } from './interpreter.ts';
import type { Parcel } from './network.ts';
import type { Observation, ObservedEntry } from './observation.ts';
import { TraceError } from './trace-error.ts';

/** A message under way: an opaque handle for {@link Story.deliver}, {@link Story.drop} and {@link Story.duplicate}. */
export type UnderWay<M> = Parcel<M>;

/**
 * A trace without a text: the same commands, but what the members did is kept as data. For tests that run one story on several
 * cores, whose texts differ from the first line on.
 */
export class Story<M> {
  readonly #interpreter: Interpreter<M>;
  readonly #seen: Observation<M>[] = [];

  constructor(kinds: KindFactory<M>) {
    this.#interpreter = new Interpreter(kinds, (observation) => this.#seen.push(observation));
  }

  /** Runs commands of the trace language, one after the other. */
  tell(...commands: readonly string[]): void {
    for (const command of commands) {
      try {
        this.#interpreter.run(`${command} silent`);
      } catch (error) {
        throw new TraceError(`${command}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
  }

  /** Everything since the beginning, in order. */
  get seen(): readonly Observation<M>[] {
    return this.#seen;
  }

  /** Virtual milliseconds. */
  get now(): number {
    return this.#cluster.now;
  }

  /** Every member, up or down. */
  get ids(): readonly MemberId[] {
    return this.#cluster.ids;
  }

  /** The log as the disk holds it, holes left out. */
  log(id: MemberId): ObservedEntry[] {
    const entries = this.#cluster.member(id).journal.written.entries();
    return entries.map(({ index, kind, epoch, payload }) => ({
      index,
      kind,
      epoch,
      text: formatPayload(kind, payload),
      bytes: payload.length,
    }));
  }

  /** What a member says of itself; undefined while it is down. */
  status(id: MemberId): CoreStatus | undefined {
    const member = this.#cluster.member(id);
    return member.isUp ? member.core.status() : undefined;
  }

  /** What is under way and not held, in the order of the directions and, within each, of sending. */
  underWay(): UnderWay<M>[] {
    const { network, ids } = this.#cluster;
    const all = network.directions({ from: undefined, to: undefined }, ids).flatMap(([from, to]) => network.underWay(from, to));
    return all.filter((parcel) => !network.isHeld(parcel));
  }

  /** Hands one message to its receiver, and ends the turns. */
  deliver(message: UnderWay<M>): void {
    this.#cluster.deliver(message);
    this.#cluster.turns();
  }

  /** Loses one message. */
  drop(message: UnderWay<M>): void {
    this.#cluster.drop(message);
    this.#cluster.turns();
  }

  /** Puts a second copy of a message under way; only with `datagram`. */
  duplicate(message: UnderWay<M>): void {
    if (message.cargo.what === 'snapshot') throw new TraceError('a snapshot is pulled, it cannot be duplicated');
    const copy = { ...message.cargo, message: structuredClone(message.cargo.message) };
    this.#cluster.network.put({ ...message, cargo: copy });
  }

  /** Delivers what is under way in one direction now; nothing is fine. */
  deliverAll(from: MemberId, to: MemberId): void {
    this.#cluster.deliverFree(from, to);
    this.#cluster.turns();
  }

  get #cluster(): Cluster<M> {
    return this.#interpreter.cluster;
  }
}
