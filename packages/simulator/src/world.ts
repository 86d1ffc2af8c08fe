import type { Crc32, Transport } from '@quorate/interface';
import { createChance } from './chance.ts';
import type { Chance } from './chance.ts';
import { Ledger } from './evidence/ledger.ts';
import { MemberClock } from './member-clock.ts';
import { SimNetwork } from './network/sim-network.ts';
import type { NetworkSetup } from './network/sim-network.ts';
import { SimProcess } from './process.ts';
import type { LoopShape } from './process.ts';
import { VirtualTime } from './scheduler.ts';

/** What a world is made of. Equal setups make equal worlds, event by event. */
export interface WorldSetup {
  readonly seed: number;
  readonly crc32: Crc32;
  readonly loop: LoopShape;
  readonly network: Omit<NetworkSetup, 'scheduler' | 'chance' | 'crc32'>;
}

/** A client's process and its way to the members. */
export interface SimClientProcess {
  readonly process: SimProcess;
  readonly transport: Transport;
  readonly machine: number;
}

/** A deadline that is due and is not acted upon asks for another turn at the same moment, again and again. */
const mostAtOnce = 20_000;

/** Clients' machines are numbered above all members'. */
const firstClientMachine = 1000;

/** One world: its time, its chance, its wires and its books. */
export class World {
  readonly time: VirtualTime = new VirtualTime();
  readonly chance: Chance;
  readonly network: SimNetwork;
  readonly ledger: Ledger;
  private readonly setup: WorldSetup;
  private processes = 0;
  private clients = 0;

  constructor(setup: WorldSetup) {
    this.setup = setup;
    this.chance = createChance(setup.seed);
    this.ledger = new Ledger(() => this.time.nowMs);
    const { crc32 } = setup;
    this.network = new SimNetwork({ ...setup.network, crc32, scheduler: this.time, chance: this.chance });
  }

  process(clock: MemberClock, crashed: (error: unknown) => void): SimProcess {
    const { loop: shape, crc32 } = this.setup;
    this.processes += 1;
    return new SimProcess({ scheduler: this.time, chance: this.chance, ordinal: this.processes, clock, shape, crc32, crashed });
  }

  /** A machine of its own for a client. An exception there is a violation: clients do not throw. */
  client(): SimClientProcess {
    this.clients += 1;
    const machine = firstClientMachine + this.clients;
    const clock = new MemberClock(this.time.nowMs, machine, 1_700_000_000_000);
    const process = this.process(clock, (error) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.ledger.violate('client', `client ${this.clients} threw: ${text}`);
    });
    return { process, machine, transport: this.network.transport(process, machine, undefined) };
  }

  /** Runs the world until `limitMs`, or until a claim is broken. False: one is. */
  runUntil(limitMs: number): boolean {
    const { ledger, time } = this;
    let sinceMs = -1;
    let events = 0;
    while (ledger.violations.length === 0 && time.step(limitMs)) {
      if (time.nowMs !== sinceMs) {
        sinceMs = time.nowMs;
        events = 0;
      } else if (++events > mostAtOnce)
        ledger.violate('I-20', `time stands still: ${mostAtOnce} events at one moment; somebody spins`);
    }
    return ledger.violations.length === 0;
  }
}
