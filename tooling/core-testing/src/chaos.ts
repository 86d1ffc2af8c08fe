import { sameEpoch } from '@quorate/interface';
import type { ModelMember } from './model-member.ts';
import type { Flight, ModelNetwork, NetworkSetup } from './model-network.ts';
import { must } from './must.ts';

const steps = 1200;

/** Every third run is little else than elections, cuts and crashes. */
function isStormy(seed: number): boolean {
  return seed % 3 === 1;
}

/** Every second run is disorderly. */
function isDisorderly(seed: number): boolean {
  return seed % 2 === 0;
}

/** The cluster of a seed: its size, and limits so small that every one of them is reached. */
export function chaosSetup(seed: number): NetworkSetup {
  const sizes = [3, 5, 3, 2, 1, 3, 7];
  return {
    voters: must(sizes[seed % sizes.length]),
    learners: seed % 3 === 0 ? 1 : 0,
    seed,
    autoSync: false,
    limits: { windowMessages: 4, windowBytes: 200, messageBytes: 40, memoryBytes: 600, tailBytes: 60, uncommittedBytes: 4000 },
  };
}

/** Whether the messages of a seed outlive their links, where the protocol bears it. */
export function hasLateMessages(seed: number): boolean {
  return isDisorderly(seed) && seed % 3 !== 0;
}

/** The timers of a seed: in a storm so short that elections meet. */
export function chaosTimers(seed: number): { electionTimeoutMs: number; heartbeatMs: number } {
  return isStormy(seed) ? { electionTimeoutMs: 40, heartbeatMs: 12 } : { electionTimeoutMs: 150, heartbeatMs: 20 };
}

/**
 * One random run: messages are lost, links are cut, members crash between any two steps and lose what is unsynced. In a disorderly run
 * messages are also doubled and reordered, or, where the protocol needs links in order, end their link when they arrive out of turn.
 * None of `counters` may count anything. Then everything is healed: there must be progress, and all logs must agree. Returns how much
 * was committed.
 */
export function runChaos<M>(seed: number, net: ModelNetwork<M>, counters: readonly string[]): number {
  const run = new Chaos(seed, net, counters);
  try {
    for (let step = 0; step < steps; step++) run.step();
    run.calm();
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
  }
  return net.highestCommitted;
}

class Chaos<M> {
  private readonly net: ModelNetwork<M>;
  private readonly counters: readonly string[];
  private readonly disorderly: boolean;
  private readonly stormy: boolean;
  private nextCommand = 1;
  private nextRead = 1;
  private readonly expectations: Map<number, { member: ModelMember<M>; atLeast: number }> = new Map();

  constructor(seed: number, net: ModelNetwork<M>, counters: readonly string[]) {
    this.net = net;
    this.counters = counters;
    this.disorderly = isDisorderly(seed);
    this.stormy = isStormy(seed);
  }

  private chance(probability: number): boolean {
    return this.net.random() < probability;
  }

  private pick<T>(items: readonly T[]): T {
    return must(items[Math.floor(this.net.random() * items.length)]);
  }

  step(): void {
    const { net } = this;
    net.now += this.chance(0.3) ? Math.floor(net.random() * 20) : 0;
    net.wakeDue();
    const member = this.pick(net.all);
    const dice = net.random();
    if (dice < 0.15) this.propose();
    else if (dice < 0.7) this.moveMessages();
    else if (dice < 0.88) member.sync(1 + Math.floor(net.random() * member.journal.unsynced));
    else if (dice < 0.92) this.read(member);
    else if (dice < 0.94) this.moveSnapshots(member);
    else if (dice < (this.stormy ? 0.98 : 0.96)) this.disturb(member);
    else net.heal();
    for (const each of net.all) if (this.chance(0.6)) each.turn(1 + Math.floor(net.random() * 4));
    this.checkReads();
    this.checkHealth();
  }

  private propose(): void {
    const leaders = this.net.all.filter(({ up, role }) => up && role === 'leader');
    const commands = Array.from({ length: 1 + Math.floor(this.net.random() * 4) }, () => `c${this.nextCommand++}`);
    if (leaders.length > 0) this.net.propose(this.pick(leaders).id, ...commands);
  }

  private moveMessages(): void {
    const { setup } = this.net;
    for (let n = 0; n < 4 && this.net.flights.length > 0; n++)
      if (this.disorderly && !setup.kind.needs.fifoLinks) this.moveDatagram();
      else this.moveInOrder();
  }

  private moveDatagram(): void {
    const { net } = this;
    const flight = this.pick(net.flights);
    if (this.chance(0.1)) net.flights.push(flight); // Delivered again, later.
    net.flights.splice(net.flights.indexOf(flight), 1);
    if (!this.chance(0.1)) net.deliver(flight);
  }

  // A link in order ends where a message is lost; a numbering layer ends it also where one comes early.
  private moveInOrder(): void {
    const { net } = this;
    const isEarly = this.disorderly && this.chance(0.02);
    const flight = isEarly ? this.pick(net.flights) : this.firstOfSomeLane();
    const first = net.flights.find(({ from, to, lane }) => from === flight.from && to === flight.to && lane === flight.lane);
    net.flights.splice(net.flights.indexOf(flight), 1);
    if (first !== flight || this.chance(0.005)) net.disconnect(flight.from, flight.to);
    else net.deliver(flight);
  }

  private firstOfSomeLane(): Flight<M> {
    const seen = new Set<string>();
    const firsts = this.net.flights.filter(({ from, to, lane }) => {
      const key = `${from} ${to} ${lane}`;
      return !seen.has(key) && seen.add(key);
    });
    return this.pick(firsts);
  }

  private read(member: ModelMember<M>): void {
    if (!member.up) return;
    const context = this.nextRead++;
    this.expectations.set(context, { member, atLeast: this.net.highestCommitted });
    const { quorumReads } = this.net.setup.kind.abilities;
    member.input({ type: 'read', context, from: !quorumReads || this.chance(0.5) ? 'leader' : 'quorum' });
  }

  private disturb(member: ModelMember<M>): void {
    const { net } = this;
    const dice = net.random();
    if (dice < 0.25) {
      if (member.up) net.crash(member.id, Math.floor(net.random() * (member.journal.unsynced + 1)));
    } else if (dice < 0.55) {
      for (const each of net.all) if (!each.up) net.restart(each.id);
    } else if (dice < 0.7) net.disconnect(member.id, this.pick(net.all).id);
    else if (dice < 0.78) net.isolate(member.id);
    else if (dice < 0.86) member.input({ type: 'transfer', to: this.pick(net.all).id });
    else if (dice < 0.93) member.input({ type: 'campaign' });
    else member.input({ type: 'suspect', peer: this.pick(net.all).id });
  }

  private moveSnapshots(member: ModelMember<M>): void {
    if (!member.up) return;
    if (this.chance(0.5)) member.snapshot();
    else member.finishPulls(this.chance(0.7));
  }

  // Linearizable: a read sees everything that anybody applied before it was asked.
  private checkReads(): void {
    for (const member of this.net.all)
      for (const { context, index } of member.reads.splice(0)) {
        const { atLeast } = must(this.expectations.get(context));
        if (index !== undefined && index < atLeast) throw new Error(`stale read: ${index}, not ${atLeast}`);
      }
  }

  private checkHealth(): void {
    for (const member of this.net.all) {
      if (member.diverged !== undefined) throw new Error(`member ${member.id}: ${member.diverged}`);
      const { counters } = member.core.status().detail as { counters: Record<string, number> };
      for (const name of this.counters)
        if (counters[name] !== 0) throw new Error(`member ${member.id} counts ${name}: ${counters[name]}`);
    }
  }

  /** Everything works again: a leader is found, everybody gets everything, and all logs agree. */
  calm(): void {
    const { net } = this;
    for (const each of net.all) if (!each.up) net.restart(each.id);
    for (let round = 0; round < 400 && !this.isCalm(); round++) {
      net.now += 25;
      net.heal(); // Members end links by themselves, and a transport dials again.
      net.wakeDue();
      for (let turn = 0; turn < 4; turn++) {
        for (const each of net.all) {
          each.finishPulls();
          each.turn();
          each.sync();
          each.turn();
        }
        for (const flight of net.take(() => true)) net.deliver(flight);
      }
      if (round === 150) this.propose();
    }
    if (!this.isCalm()) throw new Error(`no progress after everything was healed: ${this.describe()}`);
    this.checkReads();
    this.checkLogs();
  }

  private isCalm(): boolean {
    const { all, setup } = this.net;
    const areEqual = (cursor: (member: ModelMember<M>) => number): boolean => new Set(all.map(cursor)).size === 1;
    return (
      all.some(({ core }) => core.status().role.settled) &&
      areEqual(({ appliedIndex }) => appliedIndex) &&
      // Where slots are chosen out of order, votes that nobody needs may stay behind the last of them.
      (setup.kind.abilities.outOfOrderChoice || areEqual(({ core }) => core.status().last))
    );
  }

  private describe(): string {
    return this.net.all
      .map(({ id, role, appliedIndex, commitIndex, core }) => {
        const { round, owner } = core.status().role.epoch;
        return `${id} ${role} ${appliedIndex}/${commitIndex} in ${round}.${owner}`;
      })
      .join(', ');
  }

  // Under one epoch an index has one entry (Raft figure 3, Zab §III, PMMC A4), and nothing that was committed is lost.
  private checkLogs(): void {
    const { all, committed, setup } = this.net;
    for (const member of all)
      for (const [index, entry] of member.journal.latest.entries)
        for (const other of all) {
          const epoch = other.epochAt(index);
          if (epoch !== undefined && sameEpoch(epoch, entry.epoch) && other.keyAt(index) !== member.keyAt(index))
            throw new Error(`${index} has two entries in one epoch`);
        }
    for (const [index, key] of committed) {
      const holders = all.filter((member) => (member.applied.get(index) ?? member.keyAt(index)) === key).length;
      if (holders < setup.model.holdersOf(setup.voters))
        throw new Error(`committed entry ${index} is on ${holders} members only`);
    }
  }
}
