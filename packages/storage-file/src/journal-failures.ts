import { failure } from '@quorate/interface';
import type { Failure, Index } from '@quorate/interface';

const replaceMember =
  'Keep a copy of the data directory; remove this member from the cluster and add it again with an empty directory, or restore it from a backup.';

/** Damage that no one may guess around (rules 3 and 4): the file, the place, and the entries in question. */
export function corrupt(place: { path: string; offset: number; after: Index; upTo?: Index | undefined }, what: string): Failure {
  const { path, offset, after, upTo } = place;
  const range = upTo === undefined || upTo <= after ? `entries after ${after}` : `entries ${after + 1} to ${upTo}`;
  return failure('E_JOURNAL_CORRUPT', `${what} (file ${path}, offset ${offset}, ${range}). ${replaceMember}`, 65);
}

/** Bytes of a later version of the format. */
export function newerFormat(path: string, offset: number): Failure {
  return failure(
    'E_VERSION',
    `the journal was written by a newer version (file ${path}, offset ${offset}, allowed: format 1). Start the version that wrote it; nothing was changed.`,
    78,
  );
}

/** Bytes of another member's journal. */
export function foreignSegment(path: string, offset: number): Failure {
  return failure(
    'E_JOURNAL_FOREIGN',
    `the segment belongs to another member or group (file ${path}, offset ${offset}). Put back this member's own file. ${replaceMember}`,
    65,
  );
}

/** A file of the sequence is not there. */
export function missingSegment(directory: string, name: string): Failure {
  return failure('E_JOURNAL_MISSING', `a segment is missing (file ${directory}/${name}). Put it back. ${replaceMember}`, 65);
}
