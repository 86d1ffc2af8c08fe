import { isFailure } from '@quorate/interface';
import type { Failure } from '@quorate/interface';
import { batchBytes, headerBytes, markBytes, readHeader, readMark } from './batch-format.ts';
import type { BatchHeader, Mark } from './batch-format.ts';
import { visitRecords } from './batch-records.ts';
import { createFileWindow } from './file-window.ts';
import { corrupt, foreignSegment, newerFormat } from './journal-failures.ts';
import { recordsInto } from './journal-state.ts';
import type { JournalState } from './journal-state.ts';
import { loop } from './loop.ts';
import type { JournalContext, Segment } from './segment.ts';

/** Where a scan stopped. */
export interface ScanEnd {
  /** The first byte behind the last valid batch. */
  readonly offset: number;
  /** `clean`: zeros, an older generation, or the end of the file. `invalid`: bytes that make no batch. */
  readonly why: 'clean' | 'invalid';
  /** The last batch is whole, but its own mark is not: its content is believed only where nothing follows. */
  readonly unmarked: { readonly offset: number; readonly mark: Mark } | undefined;
}

/** What a scan continues. */
export interface ScanStart {
  readonly state: JournalState;
  /** Where the segment before seems to end; undefined where nothing is known of what came before. */
  readonly behind: { readonly path: string; readonly offset: number } | undefined;
}

/** Applies the batches of a segment to `state`, in order, as far as they are valid. */
export function scanSegment(
  context: JournalContext,
  segment: Segment,
  scan: ScanStart,
  done: (end: ScanEnd | Failure) => void,
): void {
  const { state, behind } = scan;
  const window = createFileWindow(context.disk, segment.file);
  let offset = segment.used;
  let any = behind === undefined;
  let unmarked: ScanEnd['unmarked'];
  const stop = (why: ScanEnd['why']): void => done({ offset, why, unmarked });

  loop((again) => {
    if (offset + headerBytes + markBytes > segment.bytes) return stop('clean');
    window.at(offset, headerBytes, (head) => {
      if (isFailure(head)) return done(head);
      if (head.length < headerBytes) return stop('clean');
      const header = readHeader(head, 0, context.disk.crc32);
      if (header === 'zeros') return stop('clean');
      if (header === 'invalid') return stop('invalid');
      if (header === 'newer') return done(newerFormat(segment.path, offset));
      if (header.generation < segment.generation) return stop('clean');
      const wrong = misplaced(context, segment, { header, offset, state, any, behind });
      if (wrong !== undefined) return done(wrong);
      if (offset + batchBytes(header) > segment.bytes) return stop('invalid');
      window.at(offset, batchBytes(header), (bytes) => {
        if (isFailure(bytes)) return done(bytes);
        if (!bodyHolds(context, header, bytes)) return stop('invalid');
        if (unmarked !== undefined) {
          const place = { path: segment.path, offset: unmarked.offset, after: state.index.last };
          return done(corrupt(place, 'the mark of a batch is damaged'));
        }
        const lastIndex = apply(state, { segment, header, offset }, bytes);
        if (lastIndex === undefined) {
          const place = { path: segment.path, offset, after: state.index.last };
          return done(corrupt(place, 'the records of a batch are impossible'));
        }
        unmarked = checkMark(context, { header, offset, lastIndex }, bytes);
        offset += batchBytes(header);
        any = false;
        again();
      });
    });
  });
}

/** Why an intact header cannot stand here; undefined where it can. */
function misplaced(
  context: JournalContext,
  segment: Segment,
  found: ScanStart & { header: BatchHeader; offset: number; any: boolean },
): Failure | undefined {
  const { header, offset, state, any, behind } = found;
  const { group, salt } = context.owner;
  if (header.group !== group || header.salt !== salt) return foreignSegment(segment.path, offset);
  const place = { path: segment.path, offset, after: state.index.last };
  if (header.generation !== segment.generation || header.offset !== offset)
    return corrupt(place, `a batch stands where it was not written (generation ${header.generation}, offset ${header.offset})`);
  if (!any && (header.sequence !== state.sequence + 1 || header.chain !== state.chain)) {
    // What is missing at the start of a segment is missing at the end of the one before.
    const gap = offset === headerBytes && behind !== undefined ? { ...behind, after: state.index.last } : place;
    return corrupt(gap, `the chain of batches does not continue (got batch ${header.sequence}, allowed ${state.sequence + 1})`);
  }
  return undefined;
}

function bodyHolds(context: JournalContext, header: BatchHeader, bytes: Uint8Array): boolean {
  const end = headerBytes + header.bodyBytes;
  return bytes.length === batchBytes(header) && context.disk.crc32(bytes.subarray(headerBytes, end), 0) === header.bodyCrc;
}

/** Applies the records; undefined where they are impossible, else the highest position among them. */
function apply(
  state: JournalState,
  batch: { segment: Segment; header: BatchHeader; offset: number },
  bytes: Uint8Array,
): number | undefined {
  const { segment, header, offset } = batch;
  if (header.metaBytes > header.bodyBytes) return undefined;
  const metaEnd = headerBytes + header.metaBytes;
  const visitor = recordsInto(state, {
    generation: segment.generation,
    offset: offset + headerBytes,
    payloadAt: offset + metaEnd,
    bytes: batchBytes(header),
  });
  if (!visitRecords(bytes.subarray(headerBytes, metaEnd), header.bodyBytes - header.metaBytes, visitor)) return undefined;
  state.sequence = header.sequence;
  state.chain = header.hash;
  return visitor.lastIndex;
}

/** Undefined where the mark fits its batch, else what should stand there. */
function checkMark(
  context: JournalContext,
  batch: { header: BatchHeader; offset: number; lastIndex: number },
  bytes: Uint8Array,
): ScanEnd['unmarked'] {
  const { header, offset, lastIndex } = batch;
  const at = headerBytes + header.bodyBytes;
  const { generation, sequence, hash } = header;
  const found = readMark(bytes.subarray(at, at + markBytes), context.owner.salt, context.disk.crc32);
  if (found !== undefined && found.sequence === sequence && found.hash === hash && found.generation === generation >>> 0)
    return undefined;
  return { offset: offset + at, mark: { generation, sequence, lastIndex, hash } };
}
