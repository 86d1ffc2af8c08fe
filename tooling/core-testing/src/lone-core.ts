import type { Config, Core, CoreInput, CoreKind, CoreLimits, Effects, EntryBatch, Lane, Recovered } from '@quorate/interface';
import { emptyRecovered } from '@quorate/interface';
import { generousLimits, genesisOf, textRun } from './text-entries.ts';

/** How a core is started that no other core answers. */
export interface LoneSetup {
  /** Default 1. */
  readonly self?: number;
  /** 1, 2, … vote. Default 3. */
  readonly voters?: number;
  readonly learners?: readonly number[];
  /** Instead of `voters` and `learners`. */
  readonly genesis?: Config;
  readonly recovered?: Partial<Recovered>;
  readonly limits?: Partial<CoreLimits>;
  /** Default always 0.5. */
  readonly random?: () => number;
  readonly tracing?: boolean;
}

/** A message of one kind. */
export type MessageOf<M extends { readonly kind: string }, K extends M['kind']> = Extract<M, { readonly kind: K }>;

/** A message that a lone core sent. */
export interface Sent<M> {
  readonly to: readonly number[];
  readonly gate: number;
  readonly lane: Lane;
  readonly message: M;
  readonly entries: readonly EntryBatch[];
}

/**
 * One core with links to all others, whom the test plays; `D` is what its `status().detail` says, as far as tests look at it. The link to
 * member n is 10n at first, then 10n + 1 …
 */
export class LoneCore<M extends { readonly kind: string }, D> {
  readonly core: Core<M>;
  now = 0;
  /** Of the last drain. */
  effects: Effects<M>;
  readonly links: Map<number, number> = new Map();
  private written = 0;
  private nextId = 1;

  constructor(kind: CoreKind<M>, { self = 1, voters = 3, learners = [], ...setup }: LoneSetup) {
    const ids = Array.from({ length: voters }, (_, place) => place + 1);
    const genesis = setup.genesis ?? genesisOf(ids, learners);
    this.core = kind.create({
      self,
      incarnation: 7,
      genesis,
      recovered: { ...emptyRecovered, ...setup.recovered },
      random: setup.random ?? (() => 0.5),
      limits: { ...generousLimits, ...setup.limits },
      now: 0,
      tracing: setup.tracing ?? false,
    });
    for (const peer of [...genesis.voters, ...genesis.learners]) if (peer !== self) this.linkUp(peer);
    this.effects = this.drain();
  }

  /** A fresh link to a member, instead of the one before. */
  linkUp(peer: number): void {
    const before = this.links.get(peer);
    if (before !== undefined) this.core.step({ type: 'linkDown', peer, link: before }, this.now);
    const link = before === undefined ? peer * 10 : before + 1;
    this.links.set(peer, link);
    this.core.step({ type: 'linkUp', peer, link }, this.now);
  }

  /** The link to a member ends, and the turn that follows. */
  linkDown(peer: number): Effects<M> {
    this.core.step({ type: 'linkDown', peer, link: this.links.get(peer) ?? 0 }, this.now);
    return this.drain();
  }

  step(...inputs: CoreInput<M>[]): void {
    for (const input of inputs) this.core.step(input, this.now);
  }

  drain(): Effects<M> {
    this.effects = this.core.drain(this.now);
    if (this.effects.write !== undefined) this.written++;
    return this.effects;
  }

  /** A message of another member, and the turn that follows. */
  hear(from: number, message: M, entries: readonly EntryBatch[] = []): Effects<M> {
    this.step({ type: 'message', from, link: this.links.get(from) ?? 0, message, entries });
    return this.drain();
  }

  /** Everything written so far is durable, and the turn that follows. */
  sync(): Effects<M> {
    this.step({ type: 'persisted', write: this.written });
    return this.drain();
  }

  /** The number of the newest write that was handed out. */
  get writes(): number {
    return this.written;
  }

  /** Lets time pass up to the next deadline, and the turn that follows. */
  wake(): Effects<M> {
    this.now = Math.max(this.now, this.effects.nextDeadline);
    return this.advance(0);
  }

  /** Lets time pass at once, and the turn that follows: a wake that may be late. */
  advance(ms: number): Effects<M> {
    this.now += ms;
    this.step({ type: 'wake' });
    return this.drain();
  }

  propose(...commands: string[]): Effects<M> {
    this.step({ type: 'propose', run: textRun(this.nextId, commands) });
    this.nextId += commands.length;
    return this.drain();
  }

  /** The messages of one kind in the last drain, with whom they go to. */
  sent<K extends M['kind']>(kind: K): Sent<MessageOf<M, K>>[] {
    return this.effects.sends
      .filter(({ message }) => message.kind === kind)
      .map(({ links, gate, lane, message, entries }) => ({
        to: links.map((link) => Math.floor(link / 10)),
        gate,
        lane,
        message: message as MessageOf<M, K>,
        entries,
      }));
  }

  get role(): string {
    return this.core.status().role.role;
  }

  get commit(): number {
    return this.core.status().commit;
  }

  get last(): number {
    return this.core.status().last;
  }

  get detail(): D {
    return this.core.status().detail as D;
  }
}
