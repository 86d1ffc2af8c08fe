import { failure, isFailure } from '@quorate/interface';
import type { Failure } from '@quorate/interface';
import { headerBytes, markBytes, writeMark } from './batch-format.ts';
import { readCleanMarker } from './clean-marker.ts';
import type { CleanMarker } from './clean-marker.ts';
import { corrupt, missingSegment } from './journal-failures.ts';
import { createJournalState } from './journal-state.ts';
import type { JournalState } from './journal-state.ts';
import { inOrder, loop } from './loop.ts';
import { openSegments } from './segment-open.ts';
import { rewriteSegment } from './segment-rewrite.ts';
import { scanSegment } from './segment-scan.ts';
import type { ScanEnd } from './segment-scan.ts';
import { segmentName } from './segment.ts';
import type { JournalContext, Segment } from './segment.ts';
import { findStray } from './stray-search.ts';
import type { Stray } from './stray-search.ts';
import { writeAll, writeNew } from './whole-file.ts';
import type { Done } from './whole-file.ts';

/** A journal as found, repaired as far as rules 1, 2 and 5 allow, and ready to be continued. */
export interface FoundJournal {
  readonly state: JournalState;
  /** With batches, oldest first; the last one is the active one. */
  readonly segments: readonly Segment[];
  /** Prepared and empty. */
  readonly prepared: readonly Segment[];
  /** Older than anything that is needed. */
  readonly dropped: readonly Segment[];
  /** What was removed because it had never been acknowledged: 0 or 1 batches. */
  readonly tornBatches: number;
  readonly rewritten: boolean;
}

/** How much of a torn batch is put aside for the curious. */
const asideBytes = 1_048_576;

/** Opens every segment, reads every batch, and applies the recovery rules. */
export function recoverJournal(context: JournalContext, done: (found: FoundJournal | Failure) => void): void {
  readCleanMarker(context, (marker) => {
    openSegments(context, (opened) => {
      if (isFailure(opened)) return done(opened);
      const close = (result: FoundJournal | Failure): void => {
        if (isFailure(result)) for (const segment of opened.segments) context.disk.close(segment.file);
        done(result);
      };
      scanAll(context, opened.segments, (scanned) => {
        if (isFailure(scanned)) return close(scanned);
        // The row must reach down to the oldest segment that is still needed.
        if (opened.firstGeneration > scanned.state.firstGeneration)
          return close(missingSegment(context.directory, segmentName(opened.firstGeneration - 1)));
        for (const name of opened.below) context.disk.remove(`${context.directory}/${name}`, () => undefined);
        settle(context, { ...scanned, segments: opened.segments, marker }, close);
      });
    });
  });
}

interface Scanned {
  readonly state: JournalState;
  /** How many segments hold batches. */
  readonly holding: number;
  /** How the last of them ends; of the first segment where none does. */
  readonly end: ScanEnd;
  /** How the first batch of the segment behind them fails, where it does. */
  readonly next: ScanEnd | undefined;
}

const nothing: ScanEnd = { offset: headerBytes, why: 'clean', unmarked: undefined };

function scanAll(context: JournalContext, segments: readonly Segment[], done: (scanned: Scanned | Failure) => void): void {
  const state = createJournalState();
  let holding = 0;
  let end = nothing;
  loop((again) => {
    const segment = segments[holding];
    if (segment === undefined) return examineEnd(context, segments, { state, holding, end, next: undefined }, done);
    const before = state.sequence;
    const behind = holding === 0 ? undefined : { path: (segments[holding - 1] as Segment).path, offset: end.offset };
    scanSegment(context, segment, { state, behind }, (found) => {
      if (isFailure(found)) return done(found);
      if (state.sequence === before) {
        // Nothing in it: it is prepared, or its first batch was torn.
        const first = holding === 0;
        const next = first || found.why === 'clean' ? undefined : found;
        return examineEnd(context, segments, { state, holding, end: first ? found : end, next }, done);
      }
      if (end.unmarked !== undefined) {
        const { path } = segments[holding - 1] as Segment;
        return done(corrupt({ path, offset: end.unmarked.offset, after: state.index.last }, 'the mark of a batch is damaged'));
      }
      segment.used = found.offset;
      end = found;
      holding++;
      again();
    });
  });
}

/** Nothing valid may follow the seeming end, in its segment or in any later one. */
function examineEnd(
  context: JournalContext,
  segments: readonly Segment[],
  scanned: Scanned,
  done: (scanned: Scanned | Failure) => void,
): void {
  const { state, holding, end, next } = scanned;
  const last = Math.max(holding - 1, 0);
  let place = last;
  loop((again) => {
    const segment = segments[place];
    if (segment === undefined) return done(scanned);
    const stop = place === last ? end : place === holding && next !== undefined ? next : nothing;
    // The header at the seeming end itself is that of the torn batch: it proves nothing.
    const from = stop.why === 'invalid' ? stop.offset + 8 : stop.offset;
    findStray(context, segment, from, (stray) => {
      if (isFailure(stray)) return done(stray);
      if (stray !== undefined) {
        const tail = stray.segment === segments[last] || next === undefined ? last : holding;
        const at = tail === last ? end.offset : headerBytes;
        return done(damaged(state, { tail: segments[tail] as Segment, offset: at, stray }));
      }
      place++;
      again();
    });
  });
}

function damaged(state: JournalState, found: { tail: Segment; offset: number; stray: Stray }): Failure {
  const { tail, offset, stray } = found;
  const place = { path: tail.path, offset, after: state.index.last, upTo: stray.upTo };
  const proof = stray.segment === tail ? `offset ${stray.offset}` : `${stray.segment.path} offset ${stray.offset}`;
  return corrupt(place, `a batch is damaged although it was complete once (proof at ${proof})`);
}

/** Puts the end of the journal into a state that can be vouched for, and sorts the segments. */
function settle(
  context: JournalContext,
  found: Scanned & { readonly segments: readonly Segment[]; readonly marker: CleanMarker | undefined },
  done: (found: FoundJournal | Failure) => void,
): void {
  const { state, segments, holding, end, next, marker } = found;
  const named = marker !== undefined && marker.sequence >= state.sequence;
  if (named && (marker.sequence !== state.sequence || marker.hash !== state.chain) && holding > 0) {
    const tail = segments[holding - 1] as Segment;
    return done(corrupt({ path: tail.path, offset: end.offset, after: state.index.last }, 'batches are missing at the end'));
  }
  if (named && holding === 0 && marker.sequence > 0) {
    const text = `the journal is empty, but its last stop was at batch ${marker.sequence} (directory ${context.directory}). Put its segments back.`;
    return done(failure('E_JOURNAL_MISSING', text, 65));
  }
  const torn = end.why === 'invalid' || next !== undefined;
  const rewrite = holding > 0 && (!named || torn || end.unmarked !== undefined);
  const result = (kept: readonly Segment[]): FoundJournal => ({
    state,
    segments: kept.filter(({ generation }) => generation >= state.firstGeneration),
    prepared: segments.slice(holding),
    dropped: kept.filter(({ generation }) => generation < state.firstGeneration),
    tornBatches: torn ? 1 : 0,
    rewritten: rewrite,
  });
  const kept = segments.slice(0, holding);
  const tail = kept.at(-1);
  if (tail !== undefined) tail.used = end.offset;
  // A torn first batch lies in a segment of its own; any other one behind the last valid batch.
  const unused = next === undefined && holding > 0 ? undefined : segments[holding];
  inOrder(
    [
      (proceed) => (torn ? putAside(context, (unused ?? tail) as Segment, proceed) : proceed()),
      (proceed) => (torn && unused !== undefined ? clear(context, unused, proceed) : proceed()),
      (proceed) => {
        if (!rewrite || tail === undefined) return proceed();
        rewriteSegment(context, tail, patchOf(context, end), (fresh) => {
          if (isFailure(fresh)) return proceed(fresh);
          kept[kept.length - 1] = fresh;
          proceed();
        });
      },
    ],
    (failed) => done(failed ?? result(kept)),
  );
}

/** The header of a torn first batch must not be met again when other batches have gone into the segment before. */
function clear(context: JournalContext, segment: Segment, done: Done): void {
  const { disk } = context;
  const blank = new Uint8Array(headerBytes);
  writeAll(disk, { file: segment.file, offset: headerBytes, chunks: [blank] }, (failed) => {
    if (failed !== undefined) done(failed);
    else disk.sync(segment.file, done);
  });
}

function patchOf(context: JournalContext, end: ScanEnd): { offset: number; bytes: Uint8Array } | undefined {
  if (end.unmarked === undefined) return undefined;
  const bytes = new Uint8Array(markBytes);
  writeMark(bytes, { ...end.unmarked.mark, salt: context.owner.salt }, context.disk.crc32);
  return { offset: end.unmarked.offset, bytes };
}

/** Keeps a copy of what is cut off (rule 2), and reports it once. */
function putAside(context: JournalContext, source: Segment, done: Done): void {
  const { disk, directory } = context;
  const path = `${directory}/torn.bin`;
  disk.read(source.file, source.used, asideBytes, (bytes) => {
    if (isFailure(bytes)) return done(bytes);
    writeNew(disk, path, bytes, (failed) => {
      const where = `file ${source.path}, offset ${source.used}`;
      if (failed === undefined)
        context.report(`a batch that was never acknowledged was cut off (${where}); its bytes are in ${path}. Nothing is lost.`);
      done(failed);
    });
  });
}
