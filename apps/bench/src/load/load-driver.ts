import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { chanceFrom } from '../statistics/chance.ts';
import type { Chance } from '../statistics/chance.ts';
import { hasSettled } from '../statistics/steady-state.ts';
import type { Workload } from '../workload/workload.ts';
import { arrivalsOf } from './arrivals.ts';
import type { Arrivals } from './arrivals.ts';
import type { LoadMeasurement, LoadPlan, LoadReading, LoadTrail, WarmUpReport } from './load-plan.ts';
import { newHistogram, recordMs } from './recorder.ts';
import type { HandOverSample, OperationOutcome, Target } from './target.ts';

const outcomes: readonly OperationOutcome[] = ['succeeded', 'failed', 'unknown'];
/** Keys are written this many at a time before the load begins. */
const preparingInFlight = 64;
const windowsOfMeasurement = 20;
const moment = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Success {
  readonly intendedMs: number;
  readonly sentMs: number;
  readonly handOver: HandOverSample | undefined;
}

/** Runs one load against one cluster: closed, or open by a plan that was fixed before. */
export class LoadDriver {
  readonly #plan: LoadPlan;
  readonly #workload: Workload;
  readonly #target: Target;
  readonly #chance: Chance;
  readonly #counts = { intended: 0, succeeded: 0, failed: 0, unknown: 0 };
  #latency: Histogram = newHistogram();
  #fromSend: Histogram = newHistogram();
  /** Beside hand-overs: commits, and answers to those who wait. */
  #commits: Histogram = newHistogram();
  #wakeUps = 0;
  #measuring = false;
  #running = false;
  #inFlight = 0;
  #arrivals: Arrivals = () => 0;
  #beganMs = 0;
  #nextMs = 0;
  #trail: { sentAtMs: number[]; endedAtMs: number[]; outcomes: number[] } | undefined;

  constructor(plan: LoadPlan, workload: Workload, target: Target) {
    this.#plan = plan;
    this.#workload = workload;
    this.#target = target;
    this.#chance = chanceFrom(plan.seed);
  }

  /** Writes all keys, then runs the load until its throughput has settled or time is up. The load goes on afterwards. */
  async warmUp(): Promise<WarmUpReport> {
    await this.#prepare();
    this.#begin();
    const { warmUp, loop } = this.#plan;
    const began = performance.now();
    const perSecond: number[] = [];
    for (;;) {
      perSecond.push(await this.#window(warmUp.windowSeconds));
      // In an open loop throughput is the plan's: settled is what keeps up with it.
      const rates = loop.kind === 'closed' ? perSecond : perSecond.map((rate) => (rate >= loop.ratePerSecond * 0.9 ? 1 : rate));
      const steady = hasSettled(rates, warmUp);
      const seconds = (performance.now() - began) / 1000;
      if (steady || seconds >= warmUp.mostSeconds) return { steady, seconds, windowsPerSecond: perSecond };
    }
  }

  reading(): LoadReading {
    const { user, system } = process.cpuUsage();
    return { succeeded: this.#counts.succeeded, cpuSeconds: (user + system) / 1e6 };
  }

  /** Measures while the load goes on. */
  async measure(seconds: number): Promise<LoadMeasurement> {
    const before = { ...this.#counts };
    this.#latency = newHistogram();
    this.#fromSend = newHistogram();
    this.#commits = newHistogram();
    this.#wakeUps = 0;
    this.#measuring = true;
    const began = performance.now();
    const windowsPerSecond: number[] = [];
    for (let i = 0; i < windowsOfMeasurement; i++) windowsPerSecond.push(await this.#window(seconds / windowsOfMeasurement));
    this.#measuring = false;
    const { intended, succeeded, failed, unknown } = this.#counts;
    const commitLatency = encodeIntoCompressedBase64(this.#commits);
    return {
      seconds: (performance.now() - began) / 1000,
      intended: intended - before.intended,
      succeeded: succeeded - before.succeeded,
      failed: failed - before.failed,
      unknown: unknown - before.unknown,
      windowsPerSecond,
      latency: encodeIntoCompressedBase64(this.#latency),
      latencyFromSend: this.#plan.loop.kind === 'open' ? encodeIntoCompressedBase64(this.#fromSend) : undefined,
      handOver: this.#commits.totalCount === 0 ? undefined : { commitLatency, wakeUps: this.#wakeUps },
    };
  }

  /** Writes down every operation from now on. */
  watch(): void {
    this.#trail = { sentAtMs: [], endedAtMs: [], outcomes: [] };
  }

  /** What was written down since `watch`; ends it. */
  trail(): LoadTrail {
    const trail = this.#trail ?? { sentAtMs: [], endedAtMs: [], outcomes: [] };
    this.#trail = undefined;
    return trail;
  }

  /** Sends no more, and waits for what is in flight, as long as an operation may take. */
  async stop(): Promise<void> {
    this.#running = false;
    const deadline = performance.now() + this.#plan.timeoutMs;
    while (this.#inFlight > 0 && performance.now() < deadline) await moment(5);
    await this.#target.close();
  }

  async #prepare(): Promise<void> {
    const operations = this.#workload.prepare()[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      for (let next = operations.next(); next.done !== true; next = operations.next()) {
        const operation = next.value;
        const outcome = await new Promise<OperationOutcome>((resolve) => this.#target.send(operation, resolve));
        if (outcome !== 'succeeded') throw new Error(`a key could not be written before the load: ${outcome}`);
      }
    };
    await Promise.all(Array.from({ length: preparingInFlight }, worker));
  }

  #begin(): void {
    this.#running = true;
    const { loop } = this.#plan;
    if (loop.kind === 'closed') {
      for (let i = 0; i < loop.inFlight; i++) this.#sendClosed();
      return;
    }
    this.#arrivals = arrivalsOf(loop, this.#chance);
    this.#beganMs = performance.now();
    this.#nextMs = this.#beganMs + this.#arrivals();
    this.#tick();
  }

  #sendClosed(): void {
    this.#counts.intended++;
    this.#send(performance.now(), () => {
      if (this.#running) this.#sendClosed();
    });
  }

  /** Timers come in whole milliseconds; answers that arrive in between send what is due too. */
  #tick(): void {
    if (!this.#running) return;
    this.#sendDue();
    setTimeout(() => this.#tick(), Math.max(0, this.#nextMs - performance.now()));
  }

  #sendDue(): void {
    for (let now = performance.now(); this.#nextMs <= now; now = performance.now()) {
      this.#counts.intended++;
      this.#send(this.#nextMs, () => {
        if (this.#running) this.#sendDue();
      });
      this.#nextMs = this.#beganMs + this.#arrivals();
    }
  }

  #send(intendedMs: number, after: () => void): void {
    const sentMs = performance.now();
    this.#inFlight++;
    this.#target.send(this.#workload.operation(this.#chance), (outcome, handOver) => {
      this.#inFlight--;
      this.#ended(outcome, sentMs);
      if (this.#measuring && outcome === 'succeeded') this.#record({ intendedMs, sentMs, handOver });
      after();
    });
  }

  #ended(outcome: OperationOutcome, sentMs: number): void {
    const now = performance.now();
    this.#counts[outcome]++;
    const trail = this.#trail;
    if (trail === undefined) return;
    trail.sentAtMs.push(performance.timeOrigin + sentMs);
    trail.endedAtMs.push(performance.timeOrigin + now);
    trail.outcomes.push(outcomes.indexOf(outcome));
  }

  #record({ intendedMs, sentMs, handOver }: Success): void {
    const now = performance.now();
    recordMs(this.#latency, handOver?.handOverMs ?? now - intendedMs);
    if (this.#plan.loop.kind === 'open') recordMs(this.#fromSend, now - sentMs);
    if (handOver === undefined) return;
    recordMs(this.#commits, handOver.commitMs);
    this.#wakeUps += handOver.wakeUps;
  }

  /** Successes per second over some time. */
  async #window(seconds: number): Promise<number> {
    const before = this.#counts.succeeded;
    const began = performance.now();
    await moment(seconds * 1000);
    return ((this.#counts.succeeded - before) / (performance.now() - began)) * 1000;
  }
}
