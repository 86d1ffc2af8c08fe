import { at as placeAt, invariant } from '@quorate/interface';
import type { Crc32, Host } from '@quorate/interface';
import { chanceKinds } from './chance.ts';
import type { Chance } from './chance.ts';
import type { MemberClock } from './member-clock.ts';
import type { Scheduled, Scheduler } from './scheduler.ts';

/** Until it ends, a process takes inputs; afterwards nothing of it ever runs again. */
export interface Life {
  readonly alive: boolean;
}

/** How the event loops of a world behave. */
export interface LoopShape {
  /** Inputs that are due and may share one turn; 1: each has a turn of its own. */
  readonly inputsPerTurn: number;
  /** The least time between two turns, milliseconds. */
  readonly turnMs: number;
  /** What every look at the clock costs within a turn, milliseconds: 0 is an infinitely fast machine. */
  readonly lookMs: number;
}

/** What a process is started with. */
export interface ProcessSetup {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** Counts the processes of a world: chance and incarnations differ between lives. */
  readonly ordinal: number;
  readonly clock: MemberClock;
  readonly shape: LoopShape;
  readonly crc32: Crc32;
  /** The process threw: it ends like one of Node with an uncaught exception. */
  readonly crashed: (error: unknown) => void;
}

interface Timer {
  readonly deadlineMs: number;
  run: (() => void) | undefined;
}

/** One process life: an event loop in virtual time. Inputs wait while it is busy, paused or stalled, and its timers are then late. */
export class SimProcess implements Life {
  readonly host: Host;
  alive = true;
  private readonly setup: ProcessSetup;
  private readonly clock: MemberClock;
  private inputs: (() => void)[] = [];
  /** Takes what comes while the inputs of a turn run; the two change places. */
  private spare: (() => void)[] = [];
  private ends: (() => void)[] = [];
  private readonly timers: Timer[] = [];
  private timerEvent: Scheduled | undefined;
  private timerAtMs = Number.POSITIVE_INFINITY;
  private turnEvent: Scheduled | undefined;
  /** World time before which no turn begins. */
  private heldUntilMs = 0;
  private inTurn = false;
  /** Time that this turn has used so far. */
  private usedMs = 0;
  private lastLocalMs = Number.NEGATIVE_INFINITY;

  constructor(setup: ProcessSetup) {
    this.setup = setup;
    this.clock = setup.clock;
    this.host = {
      monotonicMs: () => this.look(),
      wallMs: () => this.clock.wallMs(setup.scheduler.nowMs),
      random: setup.chance.stream(chanceKinds.host, setup.ordinal),
      endOfTurn: (run) => this.endOfTurn(run),
      at: (deadlineMs, run) => this.at(deadlineMs, run),
      crc32: setup.crc32,
    };
  }

  /** Something from outside, told by the scheduler: runs in the next turn that has room for it. */
  input(run: () => void): void {
    if (!this.alive) return;
    this.inputs.push(run);
    // The scheduler calls one process at a time: a free one need not ask it for a turn.
    if (!this.inTurn && this.turnEvent === undefined && this.heldUntilMs <= this.setup.scheduler.nowMs) this.turn();
    else this.wantTurn();
  }

  /** A completion: at once where this process is running, else an input. */
  complete(run: () => void): void {
    if (this.inTurn) run();
    else this.input(run);
  }

  /** No turn begins before `untilMs` of the world: a stopped process, a blocked event loop. */
  hold(untilMs: number): void {
    if (untilMs > this.heldUntilMs) this.heldUntilMs = untilMs;
    if (this.turnEvent === undefined) return;
    this.turnEvent.cancel();
    this.turnEvent = undefined;
    this.wantTurn();
  }

  /** A stopped process goes on. */
  release(): void {
    this.heldUntilMs = 0;
    this.turnEvent?.cancel();
    this.turnEvent = undefined;
    if (this.inputs.length > 0 || this.ends.length > 0) this.wantTurn();
  }

  /** The clock's rate or reading changed: deadlines come at other times of the world. */
  clockChanged(): void {
    this.timerEvent?.cancel();
    this.timerAtMs = Number.POSITIVE_INFINITY;
    this.armTimers();
  }

  /** The end, between two instructions: nothing is said, nothing is finished. */
  kill(): void {
    this.alive = false;
    this.inputs = [];
    this.ends = [];
    this.timers.length = 0;
    this.timerEvent?.cancel();
    this.turnEvent?.cancel();
  }

  private look(): number {
    const local = this.clock.monotonicMs(this.setup.scheduler.nowMs) + this.usedMs;
    if (this.inTurn) this.usedMs += this.setup.shape.lookMs;
    if (local > this.lastLocalMs) this.lastLocalMs = local;
    return this.lastLocalMs;
  }

  private endOfTurn(run: () => void): void {
    if (!this.alive) return;
    this.ends.push(run);
    this.wantTurn();
  }

  private at(deadlineMs: number, run: () => void): { cancel(): void } {
    const timer: Timer = { deadlineMs, run };
    if (!this.alive || deadlineMs === Number.POSITIVE_INFINITY) return { cancel: () => undefined };
    const { timers } = this;
    let place = timers.length;
    timers.push(timer);
    while (place > 0 && placeAt(timers, place - 1).deadlineMs > deadlineMs) {
      timers[place] = placeAt(timers, place - 1);
      place -= 1;
    }
    timers[place] = timer;
    if (place === 0) this.armTimers();
    return { cancel: () => (timer.run = undefined) };
  }

  private armTimers(): void {
    const { timers } = this;
    while (timers[0] !== undefined && timers[0].run === undefined) timers.shift();
    const first = timers[0];
    if (first === undefined || !this.alive) return;
    const atMs = this.clock.worldMs(first.deadlineMs);
    if (atMs >= this.timerAtMs) return;
    this.timerEvent?.cancel();
    this.timerAtMs = atMs;
    this.timerEvent = this.setup.scheduler.at(atMs, () => {
      this.timerAtMs = Number.POSITIVE_INFINITY;
      this.input(() => this.fireTimers());
    });
  }

  private fireTimers(): void {
    const { timers } = this;
    // The world's time may fall short of the deadline by a rounding error; a deadline must never fire early.
    const nowMs = this.clock.monotonicMs(this.setup.scheduler.nowMs);
    for (let first = timers[0]; first !== undefined && first.deadlineMs <= nowMs + roundingMs; first = timers[0]) {
      timers.shift();
      if (first.deadlineMs > this.lastLocalMs) this.lastLocalMs = first.deadlineMs;
      first.run?.();
      if (!this.alive) return;
    }
    this.armTimers();
  }

  private wantTurn(): void {
    if (this.turnEvent !== undefined || this.inTurn || !this.alive) return;
    const { scheduler } = this.setup;
    this.turnEvent = scheduler.at(Math.max(this.heldUntilMs, scheduler.nowMs), () => {
      this.turnEvent = undefined;
      this.turn();
    });
  }

  private turn(): void {
    invariant(!this.inTurn && this.alive, 'a turn is one, and of the living');
    const { scheduler, shape, crashed } = this.setup;
    this.inTurn = true;
    this.usedMs = 0;
    try {
      this.runInputs(shape.inputsPerTurn);
      this.runEnds();
    } catch (error) {
      this.inTurn = false;
      crashed(error);
      return;
    }
    this.inTurn = false;
    const busyUntilMs = scheduler.nowMs + Math.max(shape.turnMs, this.usedMs);
    if (busyUntilMs > this.heldUntilMs) this.heldUntilMs = busyUntilMs;
    this.usedMs = 0;
    if (this.inputs.length > 0 || this.ends.length > 0) this.wantTurn();
  }

  private runInputs(most: number): void {
    const { inputs } = this;
    if (inputs.length <= most) {
      this.inputs = this.spare;
      for (const run of inputs) if (this.alive) run();
      inputs.length = 0;
      this.spare = inputs;
      return;
    }
    this.inputs = inputs.slice(most);
    for (let place = 0; place < most && this.alive; place++) placeAt(inputs, place)();
  }

  private runEnds(): void {
    if (this.ends.length === 0) return;
    const { ends } = this;
    this.ends = [];
    for (const run of ends) if (this.alive) run();
  }
}

const roundingMs = 1e-6;
