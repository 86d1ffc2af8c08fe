import { seededRandom } from '@quorate/datadriven';
import type { CoreKind, CoreLimits, EntryBatch, Index } from '@quorate/interface';
import { ModelMember } from './model-member.ts';
import { must } from './must.ts';
import type { ProtocolModel } from './protocol-model.ts';
import { generousLimits, genesisOf, textRun } from './text-entries.ts';

/** A message on its way. */
export interface Flight<M> {
  readonly from: number;
  readonly to: number;
  readonly link: number;
  readonly lane: string;
  readonly message: M;
  readonly entries: readonly EntryBatch[];
}

export interface NetworkSetup {
  readonly voters: number;
  readonly learners?: number;
  readonly seed?: number;
  readonly limits?: Partial<CoreLimits>;
  /** Writes become durable at once, in the turn in which they were made. Default true. */
  readonly autoSync?: boolean;
  /**
   * Messages outlive the link and the process life they were sent in: more than any transport of ours does, and for protocols
   * that bear it. Default false.
   */
  readonly lateMessages?: boolean;
}

/** A setup with the protocol in it. */
export interface ModelSetup<M> extends NetworkSetup {
  readonly kind: CoreKind<M>;
  readonly model: ProtocolModel;
}

/** Some members, their journals and the messages between them, all in the hands of the test. Checks what the papers promise as it goes. */
export class ModelNetwork<M> {
  now = 0;
  readonly members: Map<number, ModelMember<M>> = new Map();
  flights: Flight<M>[] = [];
  readonly random: () => number;
  /** Committed entries, as the first member to apply each one saw it. */
  readonly committed: Map<Index, string> = new Map();
  /** Who led, by epoch, as far as the protocol's model looks at it. */
  readonly leaders: Map<string, number> = new Map();
  highestCommitted: Index = 0;
  private nextLink = 1;
  private nextProposal = 1;
  private readonly links: Map<string, number> = new Map();

  readonly setup: ModelSetup<M>;

  constructor(setup: ModelSetup<M>) {
    this.setup = setup;
    this.random = seededRandom(setup.seed ?? 1);
    const ids = Array.from({ length: setup.voters + (setup.learners ?? 0) }, (_, place) => place + 1);
    const genesis = genesisOf(ids.slice(0, setup.voters), ids.slice(setup.voters));
    for (const id of ids) {
      const limits = { ...generousLimits, ...setup.limits };
      this.members.set(id, new ModelMember({ id, network: this, genesis, limits }));
    }
    for (const id of ids) this.member(id).start();
    for (const a of ids) for (const b of ids) if (a < b) this.connect(a, b);
    this.drainAll();
  }

  member(id: number): ModelMember<M> {
    return must(this.members.get(id));
  }

  get all(): ModelMember<M>[] {
    return [...this.members.values()];
  }

  linkOf(a: number, b: number): number | undefined {
    return this.links.get(pair(a, b));
  }

  connect(a: number, b: number): void {
    if (this.linkOf(a, b) !== undefined || !this.member(a).up || !this.member(b).up) return;
    const link = this.nextLink++;
    this.links.set(pair(a, b), link);
    this.member(a).input({ type: 'linkUp', peer: b, link });
    this.member(b).input({ type: 'linkUp', peer: a, link });
  }

  disconnect(a: number, b: number): void {
    const link = this.linkOf(a, b);
    if (link === undefined) return;
    this.links.delete(pair(a, b));
    if (this.setup.lateMessages !== true) this.flights = this.flights.filter((flight) => flight.link !== link);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      if (this.member(one).up) this.member(one).input({ type: 'linkDown', peer: other, link });
  }

  /** Cuts a member off from everyone. */
  isolate(id: number): void {
    for (const other of this.members.keys()) if (other !== id) this.disconnect(id, other);
  }

  heal(): void {
    for (const a of this.members.keys()) for (const b of this.members.keys()) if (a < b) this.connect(a, b);
  }

  crash(id: number, keptWrites = 0): void {
    const member = this.member(id);
    member.up = false;
    this.isolate(id);
    member.crash(keptWrites);
  }

  restart(id: number): void {
    this.member(id).start();
    for (const other of this.members.keys()) if (other !== id) this.connect(Math.min(id, other), Math.max(id, other));
  }

  /** Delivers what is under way, and what follows from it, until nothing is. */
  settle(allow: (flight: Flight<M>) => boolean = () => true, rounds = 200): void {
    this.drainAll();
    for (let round = 0; round < rounds; round++) {
      const ready = this.flights.filter(allow);
      if (ready.length === 0) return;
      this.flights = this.flights.filter((flight) => !allow(flight));
      for (const flight of ready) this.deliver(flight);
      this.drainAll();
    }
    throw new Error('messages never ceased');
  }

  deliver({ from, to, link, message, entries }: Flight<M>): void {
    const current = this.linkOf(from, to);
    if (current === undefined || (current !== link && this.setup.lateMessages !== true)) return;
    this.member(to).input({ type: 'message', from, link: current, message, entries });
  }

  /** Removes flights and returns them. */
  take(which: (flight: Flight<M>) => boolean): Flight<M>[] {
    const taken = this.flights.filter(which);
    this.flights = this.flights.filter((flight) => !which(flight));
    return taken;
  }

  drainAll(): void {
    for (let turn = 0; turn < 100; turn++) {
      let busy = false;
      for (const member of this.all) if (member.turn()) busy = true;
      if (!busy) return;
    }
    throw new Error('turns never ceased');
  }

  /** Lets time pass, waking members at their deadlines, and delivers everything on the way. */
  advance(ms: number, allow: (flight: Flight<M>) => boolean = () => true): void {
    const end = this.now + ms;
    while (true) {
      const next = Math.min(...this.all.filter(({ up }) => up).map((member) => member.deadline));
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.wakeDue();
      this.settle(allow);
    }
    this.now = end;
  }

  wakeDue(): void {
    for (const member of this.all) if (member.up && member.deadline <= this.now) member.input({ type: 'wake' });
  }

  /** Makes `id` the leader: nobody protects an earlier one any more, it campaigns, and everyone answers. */
  elect(id: number): void {
    for (const member of this.all) {
      const { leader } = member.core.status().role;
      if (leader !== undefined) member.input({ type: 'suspect', peer: leader });
    }
    this.drainAll();
    this.member(id).input({ type: 'campaign' });
    this.settle();
    if (this.member(id).role !== 'leader') throw new Error(`member ${id} was not elected`);
  }

  propose(id: number, ...commands: string[]): number {
    const firstId = this.nextProposal;
    this.nextProposal += commands.length;
    this.member(id).input({ type: 'propose', run: textRun(firstId, commands) });
    return firstId;
  }

  /** One member applied one entry. */
  noteApplied(id: number, index: Index, key: string): void {
    const known = this.committed.get(index);
    if (known !== undefined && known !== key) throw new Error(`member ${id} applied ${key} at ${index}, not ${known}`);
    this.committed.set(index, key);
    this.highestCommitted = Math.max(this.highestCommitted, index);
  }
}

function pair(a: number, b: number): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}
