import type { CoreMember } from './core-member.ts';
import type { CoreSubject } from './core-subject.ts';
import { Group } from './group.ts';
import { ConformanceFailure } from '../conformance-failure.ts';

/** `fifo`: per link and lane in order, and a loss ends the link. `datagram`: lost, repeated and reordered one by one. */
export type ChaosKind = 'fifo' | 'datagram';

/** One run. */
export interface ChaosSetup {
  readonly kind: ChaosKind;
  readonly seed: number;
  readonly steps: number;
}

/** Runs a group through chance, then lets it come to rest. Returns how many commands were decided. */
export function runChaos<M>(subject: CoreSubject<M>, setup: ChaosSetup): number {
  const { seed } = setup;
  const voters = [3, 5, 3, 3, 5, 2, 4][seed % 7] ?? 3;
  const limits = {
    windowMessages: 4,
    windowBytes: 200,
    messageBytes: 40,
    memoryBytes: 600,
    tailBytes: 60,
    uncommittedBytes: 4_000,
  };
  const group = new Group(subject, { voters, learners: seed % 3 === 0 ? 1 : 0, seed, limits, audit: seed % 4 === 0 });
  for (const member of group.members) member.syncs = false;
  const chaos = new Chaos(group, setup.kind);
  try {
    for (let step = 0; step < setup.steps; step++) chaos.step();
    group.calm();
  } catch (error) {
    // The seed is all that it takes to see this again.
    throw new ConformanceFailure(`${setup.kind} chaos, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return group.record.commands.length;
}

/** A stretch of a run: how fast time passes, how much goes wrong, and how willing the members are to lead. */
interface Mood {
  readonly msPerStep: number;
  readonly trouble: number;
  readonly ambition: number;
}

const stepsPerMood = 80;

class Chaos<M> {
  private readonly group: Group<M>;
  private readonly kind: ChaosKind;
  private mood: Mood = { msPerStep: 0, trouble: 0, ambition: 0 };
  private steps = 0;

  constructor(group: Group<M>, kind: ChaosKind) {
    this.group = group;
    this.kind = kind;
  }

  step(): void {
    const { group, mood } = this;
    if (this.steps++ % stepsPerMood === 0) this.changeMood();
    group.now += this.random() * mood.msPerStep;
    group.wakeDue();
    const member = this.pick(group.members);
    const dice = this.random();
    if (dice < 0.15) this.ask();
    else if (dice < 0.6) this.moveMessages();
    else if (dice < 0.85) member.sync(1 + Math.floor(this.random() * member.disk.unsynced));
    else if (dice < 0.92) member.turn(1 + Math.floor(this.random() * 4));
    else if (dice < 0.97) member.serve((peer, id) => group.storeOf(peer, id));
    else member.takeSnapshot();
    if (this.chance(mood.trouble)) this.disturb(member);
    if (this.chance(mood.ambition)) this.advise(member);
    for (const one of group.members) if (this.chance(0.5)) one.turn();
  }

  /** A new mood; mostly everybody gets another chance, so that a group that lost its quorum does not stay useless. */
  private changeMood(): void {
    const { group } = this;
    this.mood = {
      msPerStep: (this.pick([2, 2, 8]) * group.subject.settleMs) / 1_000,
      trouble: this.pick([0, 0.02, 0.06, 0.15]),
      ambition: this.pick([0, 0.01, 0.05]),
    };
    if (this.chance(0.8)) for (const { id } of group.members) group.restart(id);
    if (this.chance(0.8)) group.heal();
  }

  private ask(): void {
    const { group } = this;
    const leaders = group.up.filter(({ status }) => status.role.ready);
    const target = leaders.length > 0 && this.chance(0.9) ? this.pick(leaders) : this.pick(group.members);
    if (!target.isUp) return;
    if (this.chance(0.7)) group.propose(target, 1 + Math.floor(this.random() * 3));
    else target.read();
  }

  private moveMessages(): void {
    const { group } = this;
    for (let i = 1 + Math.floor(this.random() * 12); i > 0 && group.flights.length > 0; i--) {
      const chosen = Math.floor(this.random() * group.flights.length);
      if (this.kind === 'fifo') this.moveFifo(chosen);
      else this.moveDatagram(chosen);
    }
  }

  /** The oldest message of the chosen one's link and lane. */
  private moveFifo(chosen: number): void {
    const { group } = this;
    const picked = group.flights[chosen];
    const place = group.flights.findIndex(
      (flight) => flight.from === picked?.from && flight.link === picked.link && flight.lane === picked.lane,
    );
    const [flight] = group.flights.splice(place, 1);
    if (flight === undefined) return;
    if (this.chance(0.01)) group.disconnect(flight.from, flight.to);
    else group.deliver(flight);
  }

  private moveDatagram(chosen: number): void {
    const { group } = this;
    const flight = group.flights[chosen];
    if (flight === undefined) return;
    if (!this.chance(0.1)) group.flights.splice(chosen, 1);
    if (!this.chance(0.1)) group.deliver(flight);
  }

  private advise(member: CoreMember<M>): void {
    const peer = this.pick(this.group.members).id;
    const dice = this.random();
    if (dice < 0.2) member.input({ type: 'suspect', peer });
    else if (dice < 0.4) member.input({ type: 'transfer', to: peer });
    else member.input({ type: 'campaign' });
  }

  private disturb(member: CoreMember<M>): void {
    const { group } = this;
    const dice = this.random();
    const leader = this.chance(0.5) ? (group.leader ?? member) : member;
    if (dice < 0.3) {
      if (leader.isUp) group.crash(leader.id, Math.floor(this.random() * (leader.disk.unsynced + 1)));
    } else if (dice < 0.6) group.restart(this.pick(group.members).id);
    else if (dice < 0.75) {
      const other = this.pick(group.members);
      if (other !== member) group.cut(member.id, other.id);
    } else if (dice < 0.85) group.isolate(leader.id);
    else group.heal();
  }

  private random(): number {
    return this.group.random();
  }

  private chance(probability: number): boolean {
    return this.random() < probability;
  }

  private pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.random() * items.length)];
    if (item === undefined) throw new ConformanceFailure('there is something to pick from');
    return item;
  }
}
