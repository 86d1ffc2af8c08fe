import type { Totals } from '../campaign/totals.ts';
import { progressLine } from '../campaign/progress.ts';
import type { Surroundings } from './surroundings.ts';

/** Between two lines: on a terminal a line is drawn over itself, elsewhere each stays. */
const terminalMs = 100;
const fileMs = 10_000;

/** Shows how far a run is, and measures it. */
export class ProgressMeter {
  private readonly all: number;
  private readonly around: Surroundings;
  private readonly totals: Totals;
  private readonly beganMs: number;
  private readonly beganCpuMs: number;
  private shownMs: number;
  private endedCpuMs: number | undefined;

  constructor(all: number, around: Surroundings, totals: Totals) {
    this.all = all;
    this.around = around;
    this.totals = totals;
    this.beganMs = around.wallMs();
    this.beganCpuMs = around.cpuMs();
    this.shownMs = this.beganMs;
  }

  /** Of all threads, from the beginning to the end. */
  get cpuSeconds(): number {
    return ((this.endedCpuMs ?? this.around.cpuMs()) - this.beganCpuMs) / 1000;
  }

  /** A seed is done. */
  tick(): void {
    const { around } = this;
    const nowMs = around.wallMs();
    if (nowMs - this.shownMs < (around.isTerminal ? terminalMs : fileMs)) return;
    this.shownMs = nowMs;
    this.show();
  }

  end(): void {
    this.endedCpuMs = this.around.cpuMs();
    this.show();
    if (this.around.isTerminal) this.around.stderr('\n');
  }

  private show(): void {
    const { around, totals, all } = this;
    const line = progressLine({
      done: totals.seeds,
      all,
      failed: totals.failedSeeds,
      simulatedSeconds: totals.simulatedMs / 1000,
      cpuSeconds: this.cpuSeconds,
      wallSeconds: (around.wallMs() - this.beganMs) / 1000,
    });
    around.stderr(around.isTerminal ? `\r\u001B[2K${line}` : `${line}\n`);
  }
}
