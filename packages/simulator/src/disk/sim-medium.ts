import { invariant } from '@quorate/interface';
import type { Disk } from '@quorate/interface';
import type { DiskCounts } from './disk-events.ts';
import type { DiskFaults } from './disk-faults.ts';
import { MediumCore } from './medium-core.ts';
import type { ProcessLife, SimMediumOptions } from './medium-core.ts';
import { SimDisk } from './sim-disk.ts';
import { SimFile } from './sim-file.ts';
import { SimTree } from './sim-tree.ts';

/** Everything that a medium holds at one moment, page cache included. */
export interface MediumImage {
  readonly tree: SimTree;
}

/** A bit that was flipped. */
export interface Rot {
  readonly path: string;
  readonly offset: number;
  readonly bit: number;
}

/** What a run did to a medium, and how far the model went. */
export interface DiskReport {
  readonly sectorBytes: number;
  /** The crash and rot model was milder than a disk: see `SimMediumOptions.sparesTail`. */
  readonly sparesTail: boolean;
  readonly counts: Readonly<DiskCounts>;
}

const rotAttempts = 64;

/**
 * The platters, the page cache and the names of one member's machine; outlives the lives of its process. All that happens to it
 * follows from the chance, the member and the order of calls.
 */
export class SimMedium {
  readonly faults: DiskFaults;
  private readonly core: MediumCore;

  constructor(options: SimMediumOptions) {
    this.core = new MediumCore(options);
    this.faults = this.core.faults;
  }

  /** The disk for one life of the process. */
  disk(life: ProcessLife): Disk {
    this.core.lives.push(life);
    return new SimDisk(this.core, life);
  }

  /** A disk that was stuck goes on. */
  release(): void {
    this.core.release();
  }

  /** After the process was killed: the page cache keeps all that it wrote, and its locks are stale. Its life has ended before. */
  kill(): void {
    this.core.event('kill', '');
    this.core.forgetTheDead();
  }

  /** The machine lost power: what was not synced is there in part, by chance. All lives have ended before. */
  powerLoss(): void {
    const { core } = this;
    core.forgetTheDead();
    invariant(core.lives.length === 0, 'no process survives a power loss');
    core.event('powerLoss', '');
    const before = core.tree.usedBytes();
    for (const path of core.tree.lose(core.nameRow())) core.event('entryLost', path);
    for (const file of core.tree.files()) {
      if (file.pending.length > 0 || file.size !== file.durableSize) core.flushSome(file);
      file.revert();
    }
    core.locks.clear();
    this.settleSpace(before);
  }

  /** Clean pages are forgotten: the next reads see what the disk has. */
  dropCaches(): void {
    for (const file of this.core.tree.files()) file.dropCache();
  }

  /** A new, empty medium in its place. All lives have ended before. */
  wipe(): void {
    this.become('wipe', undefined);
  }

  /** A copy of everything, to be restored later. */
  image(): MediumImage {
    return { tree: this.core.tree.copy() };
  }

  /** Puts an image back: the disk of an earlier time. All lives have ended before. */
  restore(image: MediumImage): void {
    this.become('restore', image.tree.copy());
  }

  /**
   * Flips one bit on the disk, as the next reads see unless the cache holds something newer. Half of the time it looks for a byte that
   * is not zero. Undefined where nothing was found that may be damaged.
   */
  rot(path?: string, offset?: number): Rot | undefined {
    const { core } = this;
    const next = core.rotRow();
    const files = [...core.tree.files()].filter((file) => file.durableSize > 0 && file.path.startsWith(path ?? ''));
    const total = files.reduce((sum, { durableSize }) => sum + durableSize, 0);
    if (total === 0) return undefined;
    const wantsContent = next() < 0.5;
    for (let attempt = 0; attempt < rotAttempts; attempt++) {
      let place = Math.floor(next() * total);
      const file = files.find(({ durableSize }) => {
        if (place < durableSize) return true;
        place -= durableSize;
        return false;
      });
      if (file === undefined) continue;
      const at = offset ?? place;
      const seeks = wantsContent && offset === undefined && attempt < rotAttempts / 2;
      if (at >= file.durableSize || (seeks && file.durable[at] === 0) || !this.mayRot(file, at)) continue;
      const bit = Math.floor(next() * 8);
      flip(file, at, bit);
      core.event('rot', file.path, at, at + 1);
      return { path: file.path, offset: at, bit };
    }
    return undefined;
  }

  /** Whether reads of these bytes return anything else than what was written, because of damage: a read that does so is the disk's fault. */
  damaged(path: string, from: number, to: number): boolean {
    return this.core.tree.file(path)?.isDamaged(from, to) ?? false;
  }

  /** The bytes from the first to the last that the newest sync of a file wrote. */
  newestSync(path: string): { readonly from: number; readonly to: number } | undefined {
    return this.core.tree.file(path)?.newest;
  }

  /** Files, sorted. */
  paths(): readonly string[] {
    return this.core.tree.paths();
  }

  /** What a process would read; undefined for a file that is not there. */
  content(path: string): Uint8Array | undefined {
    const file = this.core.tree.file(path);
    return file?.read(0, file.size);
  }

  /** Puts a file with this content there, durably, or takes it away: somebody else's hand. */
  replace(path: string, bytes: Uint8Array | undefined): void {
    const { core } = this;
    const before = core.tree.usedBytes();
    const file = bytes === undefined ? undefined : new SimFile(path, core.sectorBytes);
    if (file !== undefined && bytes !== undefined) {
      file.write(0, [bytes], bytes.length);
      file.flush(file.syncPoint());
      file.newest = undefined;
    }
    core.tree.replace(path, file);
    this.settleSpace(before);
  }

  report(): DiskReport {
    const { sectorBytes, counts, options } = this.core;
    return { sectorBytes, sparesTail: options.sparesTail !== undefined, counts: { ...counts } };
  }

  private become(how: 'wipe' | 'restore', tree: SimTree | undefined): void {
    const { core } = this;
    core.forgetTheDead();
    invariant(core.lives.length === 0, 'no process survives another disk');
    const before = core.tree.usedBytes();
    core.tree = tree ?? new SimTree();
    core.locks.clear();
    this.settleSpace(before);
    core.event(how, '');
  }

  private settleSpace(before: number): void {
    this.faults.freeBytes += before - this.core.tree.usedBytes();
  }

  private mayRot(file: SimFile, at: number): boolean {
    const { path, newest } = file;
    if (this.core.sparesTail(path) && newest !== undefined && at >= newest.from && at < newest.to) return false;
    return this.core.mayDamage(path, at, at + 1);
  }
}

function flip(file: SimFile, at: number, bit: number): void {
  const cachedIsDisk = !file.pending.some((write) => at >= file.firstOf(write) && at < file.endOf(write));
  const flipped = Uint8Array.of((file.durable[at] ?? 0) ^ (1 << bit));
  file.damageAt(at, flipped);
  if (cachedIsDisk && at < file.size) file.cache.set(flipped, at);
}
