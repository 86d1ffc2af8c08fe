import type { Crc32, MemberId } from '@quorate/interface';
import { chanceKinds } from '../chance.ts';
import type { Chance } from '../chance.ts';
import type { Scheduler } from '../scheduler.ts';
import { noDiskCounts } from './disk-events.ts';
import type { DiskCounts, DiskEvent, DiskEventKind } from './disk-events.ts';
import { soundDisk } from './disk-faults.ts';
import type { DiskFaults, Latency, SyncFaultKind } from './disk-faults.ts';
import { flushSome } from './power-loss.ts';
import type { SimFile } from './sim-file.ts';
import { SimTree } from './sim-tree.ts';

/** One life of a process. It ends by `alive` becoming false, and nothing of it runs afterwards. */
export interface ProcessLife {
  readonly alive: boolean;
}

/** What a medium is made of. */
export interface SimMediumOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** Whose medium it is: part of every draw. */
  readonly member: MemberId;
  readonly crc32: Crc32;
  /** Default: {@link soundDisk}. May be changed at any time. */
  readonly faults?: DiskFaults;
  /** Hears of each fault that took effect. */
  readonly onEvent?: (event: DiskEvent) => void;
  /** `inline`: what takes no time completes within the call. `event` (default): everything completes in an event of its own. */
  readonly completions?: 'inline' | 'event';
  /**
   * Files for which the model is milder than a disk: an unsynced write never keeps its last byte that is not zero unless everything
   * unsynced of the file survives, and rot spares what the newest sync wrote. For logs that cannot tell such a batch from rot. The
   * report says that this was on. Default: none.
   */
  readonly sparesTail?: (path: string) => boolean;
  /** True where these bytes must not be damaged by `rot`, lost and misdirected syncs. Default: anything may. */
  readonly spare?: (path: string, from: number, to: number) => boolean;
  /** Default: 512 or 4096, by chance. */
  readonly sectorBytes?: 512 | 4096;
}

interface Held {
  readonly life: ProcessLife;
  readonly run: () => void;
}

/** What a medium and the disks on it share. */
export class MediumCore {
  readonly options: SimMediumOptions;
  readonly faults: DiskFaults;
  readonly counts: DiskCounts = noDiskCounts();
  readonly sectorBytes: number;
  readonly locks: Map<string, ProcessLife> = new Map();
  lives: ProcessLife[] = [];
  tree: SimTree = new SimTree();
  /** Handles are never used twice, so that none of a dead life is valid. */
  nextHandle = 1;
  private held: Held[] = [];
  private readonly inline: boolean;
  /** Operations, losses and rots so far: places in the rows of draws. */
  private ordinal = 0;
  private losses = 0;
  private rots = 0;

  constructor(options: SimMediumOptions) {
    this.options = options;
    this.faults = options.faults ?? soundDisk();
    this.inline = options.completions === 'inline';
    const { chance, member, sectorBytes } = options;
    this.sectorBytes = sectorBytes ?? (chance.draw(chanceKinds.diskError, member, 0) < 0.5 ? 512 : 4096);
  }

  event(kind: DiskEventKind, path: string, from = 0, to = 0): void {
    this.counts[kind] += 1;
    this.options.onEvent?.({ kind, member: this.options.member, path, from, to });
  }

  /** Completes an operation of a life. `early`: the effect comes with the call; else by chance then or at the completion. */
  perform<R>(
    life: ProcessLife,
    latency: Latency,
    work: { readonly path: string; readonly effect: 'early' | 'late' | 'either'; readonly apply: () => R },
    done: (result: R) => void,
  ): void {
    const { chance, member, scheduler } = this.options;
    const ordinal = ++this.ordinal;
    let delayMs = latency.ms;
    if (latency.spreadMs > 0) delayMs += latency.spreadMs * chance.draw(chanceKinds.diskDelay, member, ordinal);
    if (delayMs === 0 && this.inline && !this.faults.stuck) return done(work.apply());
    if (delayMs > 0) this.event('delayed', work.path);
    const { effect, apply } = work;
    let run: () => void;
    if (effect === 'early' || (effect === 'either' && chance.draw(chanceKinds.diskDelay, member, ordinal, 1) < 0.5)) {
      const result = apply();
      run = () => done(result);
    } else run = () => done(apply());
    scheduler.at(scheduler.nowMs + delayMs, () => this.complete(life, work.path, run));
  }

  /** Lets a disk that was stuck go on. */
  release(): void {
    const { scheduler } = this.options;
    this.faults.stuck = false;
    const { held } = this;
    this.held = [];
    for (const { life, run } of held) scheduler.at(scheduler.nowMs, () => this.complete(life, '', run));
  }

  /** Two draws of the newest operation: whether a write is short, and how short. */
  shortness(): { readonly hit: number; readonly share: number } {
    const { chance, member } = this.options;
    const ordinal = this.ordinal + 1;
    const draw = (which: number): number => chance.draw(chanceKinds.diskError, member, ordinal, which);
    return { hit: draw(1), share: draw(2) };
  }

  /** The fault of a sync that begins now. */
  syncFault(path: string, writes: boolean): SyncFaultKind | undefined {
    const fault = this.faults.syncFault;
    if (fault === undefined) return undefined;
    if (fault.path !== undefined && !path.startsWith(fault.path)) return undefined;
    const { kind } = fault;
    if (!writes && (kind === 'lost' || kind === 'misdirected')) return undefined;
    fault.after -= 1;
    if (fault.after > 0) return undefined;
    this.faults.syncFault = undefined;
    return kind;
  }

  /** Lets some of a file's unsynced writes reach the disk. */
  flushSome(file: SimFile): void {
    const { chance, member } = this.options;
    const loss = ++this.losses;
    const row = (kind: number): (() => number) => {
      let place = 0;
      return () => chance.draw(kind, member, loss, ++place);
    };
    const rules = {
      next: row(chanceKinds.diskSurvival),
      nextTear: row(chanceKinds.diskTear),
      sparesTail: this.sparesTail(file.path),
      tornSectors: this.faults.tornSectors,
    };
    const { lost, torn, spared } = flushSome(file, rules);
    const { path, size } = file;
    for (let i = 0; i < lost; i++) this.event('sectorLost', path, 0, size);
    for (let i = 0; i < torn; i++) this.event('sectorTorn', path, 0, size);
    if (spared) this.event('tailSpared', path, 0, size);
  }

  /** A row of draws for one loss of names. */
  nameRow(): () => number {
    const { chance, member } = this.options;
    const loss = ++this.losses;
    let place = 0;
    return () => chance.draw(chanceKinds.diskSurvival, member, loss, ++place);
  }

  /** A row of draws for one damage. */
  rotRow(): () => number {
    const { chance, member } = this.options;
    const rot = ++this.rots;
    let place = 0;
    return () => chance.draw(chanceKinds.diskRot, member, rot, ++place);
  }

  sparesTail(path: string): boolean {
    return this.options.sparesTail?.(path) ?? false;
  }

  mayDamage(path: string, from: number, to: number): boolean {
    return !(this.options.spare?.(path, from, to) ?? false);
  }

  /** What the dead left behind. */
  forgetTheDead(): void {
    this.lives = this.lives.filter(({ alive }) => alive);
    this.held = this.held.filter(({ life }) => life.alive);
  }

  private complete(life: ProcessLife, path: string, run: () => void): void {
    if (!life.alive) return;
    if (this.faults.stuck) {
      this.event('held', path);
      this.held.push({ life, run });
    } else run();
  }
}
