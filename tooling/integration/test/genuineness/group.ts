import { type Observation, type ObservedEntry, type ObservedMessage, Story } from '@quorate/datadriven';
import type { RoleChange } from '@quorate/interface';
import type { Claim, Message, Subject, Vocabulary } from './cores.ts';

/**
 * Members of one core in a story. The highest number leads first and the highest that is left leads next: ZAB cannot be told otherwise,
 * and the others do as they are told. So one story runs on all three.
 */
export class Group extends Story<Message> {
  readonly words: Vocabulary;
  readonly isZab: boolean;

  /** Unless a story asks for `fifo`, one message is lost without the others; ZAB, which needs links, loses the link as well. */
  constructor({ core, kinds, words }: Subject, size: number, options: string = '') {
    super(kinds);
    this.words = words;
    this.isZab = core === 'zab';
    const network = this.isZab || options.includes('fifo') ? '' : 'datagram';
    this.tell(`add-nodes ${size} ${network} sync=auto ${options}`);
  }

  /** With a first leader, the highest number, and everything settled. */
  static led(subject: Subject, size: number, options?: string): Group {
    const group = new Group(subject, size, options);
    group.elect(size, { afterMs: 0 });
    return group;
  }

  /** `id` becomes leader, unless the protocol knows better; 700 ms later everything has settled. */
  elect(id: number, { afterMs = 1000 } = {}): void {
    if (afterMs > 0) this.tell(`advance ${afterMs}`);
    if (!this.isZab) this.tell(`campaign ${id}`);
    this.tell('stabilize', 'advance 700 stabilize');
  }

  /** Commands at the leader, one message each, unless it refuses them. */
  propose(leader: number, ...commands: readonly string[]): void {
    for (const command of commands) this.tell(`propose ${leader} ${command}`);
  }

  /** Loses the message that is the `place`-th (from 1) in lane log from one member to another, if the link is still there. */
  lose(from: number, to: number, place: number = 1): void {
    const found = this.underWay().filter((one) => one.from === from && one.to === to && one.lane === 'log')[place - 1];
    if (found !== undefined) this.drop(found);
  }

  /** Delivers the `place`-th such message, if the link is still there. */
  arrive(from: number, to: number, place: number = 1): void {
    const found = this.underWay().filter((one) => one.from === from && one.to === to && one.lane === 'log')[place - 1];
    if (found !== undefined) this.deliver(found);
  }

  /** Delivers one message after the other, or lets 10 ms pass, until `done`; false when that took more than 20 s. */
  until(done: () => boolean): boolean {
    const end = this.now + 20_000;
    while (!done()) {
      if (this.now >= end) return false;
      const next = this.#next();
      if (next === undefined) this.tell('advance 10');
      else this.deliver(next);
    }
    return true;
  }

  /** The first of some direction, so that no link is overtaken. */
  #next(): ReturnType<Story<Message>['underWay']>[number] | undefined {
    return this.underWay().at(0);
  }

  get leaders(): number[] {
    return this.ids.filter((id) => this.role(id)?.role === 'leader' && this.role(id)?.ready === true);
  }

  role(id: number): RoleChange | undefined {
    return this.status(id)?.role;
  }

  detail(id: number): Readonly<Record<string, unknown>> {
    return { ...this.status(id)?.detail };
  }

  /** Commands and no-ops in a log, without configurations. */
  texts(id: number): string[] {
    return this.log(id).flatMap(({ kind, text }) => (kind === 'config' ? [] : [text]));
  }

  entry(id: number, text: string): ObservedEntry | undefined {
    return this.log(id).find((entry) => entry.text === text);
  }

  /** What a member applied since `mark`, without configurations. */
  applied(id: number, mark: number = 0): string[] {
    return this.since(mark).flatMap((one) =>
      one.what === 'applied' && one.member === id && one.kind !== 'config' ? [one.text] : [],
    );
  }

  /** A place in the story, for what comes after it. */
  get mark(): number {
    return this.seen.length;
  }

  since(mark: number): readonly Observation<Message>[] {
    return this.seen.slice(mark);
  }

  sent(mark: number = 0): ObservedMessage<Message>[] {
    return this.since(mark).flatMap((one) => (one.what === 'sent' ? [one] : []));
  }

  linkEnds(mark: number, reason: string = ''): number {
    return this.since(mark).filter((one) => one.what === 'link-ended' && one.reason.includes(reason)).length;
  }

  /** What a member has acknowledged since `mark`, in the order said. */
  claims(id: number, mark: number): Claim[] {
    return this.sent(mark).flatMap(({ from, message }) =>
      from === id ? this.words.claims(message, (epoch) => this.firstOf(epoch)) : [],
    );
  }

  /** The first index of an epoch, wherever it is held. */
  firstOf(epoch: number): number {
    const indexes = this.ids.flatMap((id) => this.log(id).flatMap((entry) => (entry.epoch.round === epoch ? [entry.index] : [])));
    return Math.min(...indexes);
  }
}

/** The payloads in messages, in bytes. */
export function bytesIn(messages: readonly ObservedMessage<Message>[]): number {
  return messages.reduce((sum, { entries }) => sum + entries.reduce((bytes, entry) => bytes + entry.bytes, 0), 0);
}

/** Without repetitions, in the order of first appearance. */
export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
