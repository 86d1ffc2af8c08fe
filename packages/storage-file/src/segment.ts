import type { Disk, Host } from '@quorate/interface';
import type { JournalOwner } from './batch-format.ts';

/** One file of the journal, open for reading and writing. */
export interface Segment {
  readonly generation: number;
  readonly file: number;
  readonly path: string;
  /** The size of the file: fixed, unless a single batch is larger than a segment. */
  readonly bytes: number;
  /** Where the next batch goes. */
  used: number;
  /** Reads in flight: a segment that is being read is not recycled. */
  readers: number;
}

/** What all parts of one journal share. */
export interface JournalContext {
  readonly disk: Disk;
  readonly host: Pick<Host, 'at' | 'monotonicMs'>;
  readonly directory: string;
  readonly owner: JournalOwner;
  readonly segmentBytes: number;
  /** One line for the operator's log: what was found at start and what was done about it. */
  readonly report: (text: string) => void;
}

/** The name of a generation's segment. */
export function segmentName(generation: number): string {
  return `${String(generation).padStart(16, '0')}.seg`;
}

/** The generation in a segment's name; undefined for any other file. */
export function generationOf(name: string): number | undefined {
  return /^\d{16}\.seg$/u.test(name) ? Number(name.slice(0, 16)) : undefined;
}

/** Files that an earlier life was still making: of no value. */
export const unfinishedNames = { fill: 'fill.tmp', rewrite: 'rewrite.tmp' } as const;
