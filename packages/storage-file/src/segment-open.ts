import { isFailure } from '@quorate/interface';
import type { Disk, Failure } from '@quorate/interface';
import { headerBytes, readSegmentHeader } from './batch-format.ts';
import { corrupt, foreignSegment, newerFormat } from './journal-failures.ts';
import { loop } from './loop.ts';
import { generationOf, segmentName, unfinishedNames } from './segment.ts';
import type { JournalContext, Segment } from './segment.ts';

/** The segments of a directory: the longest row of consecutive generations up to the newest. */
export interface OpenedSegments {
  readonly segments: readonly Segment[];
  /** Of the oldest in the row; 1 for an empty directory. */
  readonly firstGeneration: number;
  /** Names of segments below a gap: recycled, unless the scan shows that the gap itself is damage. */
  readonly below: readonly string[];
}

/** Lists the directory, removes what was never finished, opens the segments and checks their headers. */
export function openSegments(context: JournalContext, done: (opened: OpenedSegments | Failure) => void): void {
  const { disk, directory } = context;
  disk.list(directory, (names) => {
    if (isFailure(names)) return done(names);
    // The life that gave a segment its name may have ended before it made the name durable.
    disk.syncDirectory(directory, (unsynced) => {
      if (unsynced === undefined) openListed(context, names, done);
      else done(unsynced);
    });
  });
}

function openListed(context: JournalContext, names: readonly string[], done: (opened: OpenedSegments | Failure) => void): void {
  const { disk, directory } = context;
  for (const name of Object.values(unfinishedNames))
    if (names.includes(name)) disk.remove(`${directory}/${name}`, () => undefined);
  const generations = names.map(generationOf).filter((found) => found !== undefined);
  generations.sort((a, b) => a - b);
  let start = generations.length - 1;
  while (start > 0 && generations[start - 1] === (generations[start] as number) - 1) start--;
  const row = generations.slice(Math.max(start, 0));
  const firstGeneration = row[0] ?? 1;
  const below = generations.slice(0, Math.max(start, 0)).map(segmentName);
  const segments: Segment[] = [];
  let place = 0;
  loop((again) => {
    const generation = row[place++];
    if (generation === undefined) return done({ segments, firstGeneration, below });
    openSegment(context, generation, (segment) => {
      if (isFailure(segment)) {
        closeAll(disk, segments);
        return done(segment);
      }
      segments.push(segment);
      again();
    });
  });
}

function openSegment(context: JournalContext, generation: number, done: (segment: Segment | Failure) => void): void {
  const { disk, directory } = context;
  const path = `${directory}/${segmentName(generation)}`;
  disk.open(path, 'write', (file) => {
    if (isFailure(file)) return done(file);
    disk.size(file, (bytes) => {
      if (isFailure(bytes)) return done(bytes);
      disk.read(file, 0, headerBytes, (head) => {
        const failed = isFailure(head) ? head : wrongHeader(context, head, { path, generation, bytes });
        if (failed === undefined) return done({ generation, file, path, bytes, used: headerBytes, readers: 0 });
        disk.close(file);
        done(failed);
      });
    });
  });
}

function wrongHeader(
  context: JournalContext,
  head: Uint8Array,
  file: { path: string; generation: number; bytes: number },
): Failure | undefined {
  const { path, generation, bytes } = file;
  const header = readSegmentHeader(head, context.disk.crc32);
  const place = { path, offset: 0, after: 0 };
  if (header === 'newer') return newerFormat(path, 0);
  if (header === 'invalid') return corrupt(place, `the header of the segment is damaged or missing (${bytes} bytes)`);
  if (header.group !== context.owner.group || header.salt !== context.owner.salt) return foreignSegment(path, 0);
  if (header.generation !== generation)
    return corrupt(place, `the segment has another's name (got generation ${header.generation}, allowed ${generation})`);
  if (bytes < header.segmentBytes)
    return corrupt({ ...place, offset: bytes }, `the segment was cut short (got ${bytes} bytes, allowed ${header.segmentBytes})`);
  return undefined;
}

function closeAll(disk: Disk, segments: readonly Segment[]): void {
  for (const segment of segments) disk.close(segment.file);
}
