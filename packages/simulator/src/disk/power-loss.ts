import { at } from '@quorate/interface';
import type { PendingWrite, SimFile } from './sim-file.ts';

/** How a file fares. */
export interface LossRules {
  /** Two rows of numbers in [0, 1) that belong to this loss: what survives, and what is torn. */
  readonly next: () => number;
  readonly nextTear: () => number;
  /**
   * True: of what was not synced, the sector with the last byte that is not zero survives only if all of it survives. A log that
   * ends its batches with a mark then never finds the mark of a torn batch.
   */
  readonly sparesTail: boolean;
  readonly tornSectors: number;
}

/** What became of the unsynced sectors. */
export interface Loss {
  kept: number;
  lost: number;
  torn: number;
  /** Whether `sparesTail` changed the outcome. */
  spared: boolean;
}

interface Sector {
  /** Offset in the file. */
  readonly from: number;
  /** Places in `SimFile.pending` of the writes that touched it, in order. */
  readonly versions: number[];
  /** How many of them the disk has. */
  kept: number;
}

/**
 * Some of the unsynced writes reach the disk. Which: none, all, the first ones, or any, by chance; of one sector always the first
 * versions (the disk keeps their order), and nothing else is kept in order. `SimFile.pending` stays as it is.
 */
export function flushSome(file: SimFile, rules: LossRules): Loss {
  const { pending } = file;
  const loss: Loss = { kept: 0, lost: 0, torn: 0, spared: false };
  const sizeSurvives = rules.next() < 0.5;
  const sectors = sectorsOf(file);
  choose(file, sectors, rules.next);
  if (rules.sparesTail) loss.spared = spareTail(file, sectors);
  let reaches = file.durableSize;
  for (const sector of sectors.values()) {
    const { versions, kept, from } = sector;
    if (kept > 0) {
      const write = at(pending, at(versions, kept - 1));
      file.putDurable(from, sectorOf(file, write, from));
      for (const place of versions.slice(0, kept)) reaches = Math.max(reaches, reachOf(file, at(pending, place), from));
    }
    if (kept === versions.length) {
      loss.kept += 1;
      continue;
    }
    loss.lost += 1;
    if (rules.tornSectors === 0 || rules.nextTear() >= rules.tornSectors) continue;
    if (rules.sparesTail && from === tailOf(file)) continue;
    const cut = Math.floor(rules.nextTear() * file.sectorBytes);
    const write = at(pending, at(versions, kept));
    file.putDurable(from, sectorOf(file, write, from).subarray(0, cut));
    reaches = Math.max(reaches, Math.min(from + cut, reachOf(file, write, from)));
    loss.torn += 1;
  }
  file.setDurableSize(sizeSurvives ? file.size : reaches);
  file.durable.fill(0, file.durableSize);
  return loss;
}

/** The end of the file that a write into the sector at `from` brings with it. */
function reachOf(file: SimFile, write: PendingWrite, from: number): number {
  return Math.min(write.reaches, from + file.sectorBytes);
}

function sectorsOf(file: SimFile): Map<number, Sector> {
  const sectors = new Map<number, Sector>();
  for (const [place, write] of file.pending.entries())
    for (let from = file.firstOf(write); from < write.to; from += file.sectorBytes) {
      const known = sectors.get(from);
      if (known === undefined) sectors.set(from, { from, versions: [place], kept: 0 });
      else known.versions.push(place);
    }
  return sectors;
}

function sectorOf(file: SimFile, write: PendingWrite, from: number): Uint8Array {
  const start = from - file.firstOf(write);
  return file.sectorsOf(write).subarray(start, start + file.sectorBytes);
}

function choose(file: SimFile, sectors: Map<number, Sector>, next: () => number): void {
  const manner = next();
  const share = next();
  if (manner < 0.15) return;
  if (manner < 0.3) {
    for (const sector of sectors.values()) sector.kept = sector.versions.length;
    return;
  }
  if (manner < 0.6) return chooseFirst(file, sectors, share);
  for (const sector of sectors.values()) while (sector.kept < sector.versions.length && next() < share) sector.kept += 1;
}

function chooseFirst(file: SimFile, sectors: Map<number, Sector>, share: number): void {
  let total = 0;
  for (const { versions } of sectors.values()) total += versions.length;
  let left = Math.floor(share * (total + 1));
  for (const write of file.pending)
    for (let from = file.firstOf(write); from < write.to; from += file.sectorBytes) {
      if (left === 0) return;
      left -= 1;
      const sector = sectors.get(from);
      if (sector !== undefined) sector.kept += 1;
    }
}

/** Takes the tail back where it survived without all the rest. True where that changed anything. */
function spareTail(file: SimFile, sectors: Map<number, Sector>): boolean {
  let whole = true;
  for (const { kept, versions } of sectors.values()) whole &&= kept === versions.length;
  const tail = sectors.get(tailOf(file) ?? -1);
  if (whole || tail === undefined) return false;
  // All versions since the write that put the tail there.
  const place = tailWriteOf(file);
  const before = tail.versions.filter((version) => version < place).length;
  if (tail.kept <= before) return false;
  tail.kept = before;
  return true;
}

/** Where the sector begins that holds the last byte which is not zero of the newest unsynced write with such a byte. */
function tailOf(file: SimFile): number | undefined {
  const write = file.pending[tailWriteOf(file)];
  if (write === undefined) return undefined;
  const last = lastByteOf(file, write);
  return last - (last % file.sectorBytes);
}

function tailWriteOf(file: SimFile): number {
  return file.pending.findLastIndex((write) => lastByteOf(file, write) >= 0);
}

function lastByteOf(file: SimFile, write: PendingWrite): number {
  const first = file.firstOf(write);
  const sectors = file.sectorsOf(write);
  for (let offset = write.to - 1; offset >= write.from; offset--) if (sectors[offset - first] !== 0) return offset;
  return -1;
}
