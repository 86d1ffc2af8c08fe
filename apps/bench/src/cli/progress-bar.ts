import type { Progress } from '../measure/progress.ts';
import type { Surroundings } from './surroundings.ts';

const barWidth = 20;
/** Between two lines of one stage where nothing can be drawn over. */
const plainMs = 60_000;
const drawMs = 500;

/** Shows what runs and how much is left: one line that is drawn again on a terminal, elsewhere a line a stage, and one a minute. */
export class ProgressBar implements Progress {
  readonly #around: Surroundings;
  #text = 'starting';
  /** The stage of the last line, where nothing can be drawn over. */
  #shownStage = '';
  #doneSteps = 0;
  /** Seconds that the steps were expected to take: those that are done, and those that are left. */
  #doneSeconds = 0;
  #left: { steps: number; readonly secondsEach: number }[] = [];
  #stepBeganMs = 0;
  #spentMs = 0;
  #shownMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#stepBeganMs = around.nowMs();
    if (around.isTerminal) this.#timer = setInterval(() => this.#show(), drawMs).unref();
  }

  expect(steps: number, secondsEach: number): void {
    if (steps > 0) this.#left.push({ steps, secondsEach });
  }

  begin(text: string): void {
    this.#text = text;
    this.#stepBeganMs = this.#around.nowMs();
    this.#show();
  }

  done(): void {
    this.#spentMs += this.#around.nowMs() - this.#stepBeganMs;
    this.#doneSeconds += this.#take();
    this.#doneSteps++;
  }

  skip(steps: number): void {
    for (let i = 0; i < steps; i++) this.#take();
  }

  note(text: string): void {
    this.#clear();
    this.#around.stderr(`${text}\n`);
  }

  /** Takes the bar away. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
  }

  /** Steps are expected in the order in which they come. */
  #take(): number {
    const [first] = this.#left;
    if (first === undefined) return 0;
    first.steps--;
    if (first.steps === 0) this.#left.shift();
    return first.secondsEach;
  }

  #show(): void {
    const { nowMs, isTerminal, stderr, columns } = this.#around;
    const stage = stageOf(this.#text);
    if (!isTerminal && stage === this.#shownStage && nowMs() - this.#shownMs < plainMs) return;
    this.#shownMs = nowMs();
    this.#shownStage = stage;
    const left = this.#left.reduce((sum, { steps, secondsEach }) => sum + steps * secondsEach, 0);
    // What was expected is corrected by how long the steps so far took.
    const pace = this.#doneSeconds === 0 ? 1 : this.#spentMs / 1000 / this.#doneSeconds;
    const stepSeconds = (nowMs() - this.#stepBeganMs) / 1000;
    const leftSeconds = Math.max(0, left * pace - stepSeconds);
    const steps = this.#doneSteps + this.#left.reduce((sum, one) => sum + one.steps, 0);
    const share = steps === 0 ? 0 : this.#doneSteps / steps;
    const line = `${this.#doneSteps}/${steps}, about ${duration(leftSeconds)} left · ${this.#text}`;
    if (!isTerminal) return stderr(`${line}\n`);
    const filled = Math.round(share * barWidth);
    const whole = `[${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}] ${line}`;
    stderr(`\r\u001B[2K${whole.slice(0, Math.max(20, columns() - 1))}`);
  }

  #clear(): void {
    if (this.#around.isTerminal) this.#around.stderr('\r\u001B[2K');
  }
}

/** Steps of one stage differ behind the colon. */
function stageOf(text: string): string {
  return text.replace(/:.*$/su, '');
}

/** A length of time as people say it. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
