import type { RangeRequest } from '@quorate/codec-protobuf/etcd';
import { SortOrder, SortTarget } from '@quorate/codec-protobuf/etcd';
import { compareBytes } from './compare-bytes.ts';
import type { KeyRange, MvccStore } from './mvcc-store.ts';
import { rangeResult, type RangeResult } from './op-result.ts';
import { Status } from './status.ts';
import type { Version } from './version.ts';

/** Where a range ends: undefined for the single key `start`. */
export function keyRange(start: Uint8Array, rangeEnd: Uint8Array): KeyRange | undefined {
  if (rangeEnd.length === 0) return undefined;
  // etcd's API: a range end of one zero byte means "all keys from here on".
  const open = rangeEnd.length === 1 && rangeEnd[0] === 0;
  return { start, end: open ? undefined : rangeEnd };
}

/** What is wrong with a range before any state is looked at. */
export function checkRange(request: RangeRequest): Status {
  if (request.key.length === 0) return Status.keyEmpty;
  const known = inside(request.sortOrder, SortOrder.DESCEND) && inside(request.sortTarget, SortTarget.VALUE);
  return known ? Status.ok : Status.invalidSort;
}

/** Whether the revision that a range asks for can be read. */
export function checkRevision(store: MvccStore, revision: number): Status {
  if (revision > store.visible) return Status.futureRevision;
  return revision > 0 && revision < store.compacted ? Status.compacted : Status.ok;
}

/** Carries out a range that passed both checks. */
export function range(store: MvccStore, request: RangeRequest): RangeResult {
  const found = collect(store, request);
  const selected = select(found.versions, request);
  const more = request.limit > 0 && selected.length > request.limit;
  const versions = more ? selected.slice(0, request.limit) : selected;
  return rangeResult({ versions, keysOnly: request.keysOnly, more, count: found.count, revision: store.visible });
}

interface Found {
  readonly versions: Version[];
  /** All keys of the range, whether or not they were collected. */
  readonly count: number;
}

function collect(store: MvccStore, request: RangeRequest): Found {
  const revision = request.revision > 0 ? request.revision : store.visible;
  const span = keyRange(request.key, request.rangeEnd);
  if (span === undefined) {
    const version = store.tree.find(request.key)?.asOf(revision);
    if (version === undefined) return { versions: [], count: 0 };
    return { versions: request.countOnly ? [] : [version], count: 1 };
  }
  // One more than the limit tells whether there is more; sorting and filtering need all.
  const limited = request.limit > 0 && !selects(request);
  const wanted = request.countOnly ? 0 : limited ? request.limit + 1 : Infinity;
  // The newest state knows its counts; an older one has to be walked through to its end.
  const known = revision === store.visible;
  const versions: Version[] = [];
  let count = 0;
  if (wanted > 0 || !known) {
    store.tree.scan(span.start, span.end, (history) => {
      const version = history.asOf(revision);
      if (version === undefined) return true;
      count++;
      if (versions.length < wanted) versions.push(version);
      return !known || versions.length < wanted;
    });
  }
  return { versions, count: known ? store.tree.countLive(span.start, span.end) : count };
}

function filters(request: RangeRequest): boolean {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  return minModRevision !== 0 || maxModRevision !== 0 || minCreateRevision !== 0 || maxCreateRevision !== 0;
}

function selects(request: RangeRequest): boolean {
  return request.sortOrder !== SortOrder.NONE || request.sortTarget !== SortTarget.KEY || filters(request);
}

function select(versions: Version[], request: RangeRequest): Version[] {
  if (versions.length === 0 || !selects(request)) return versions;
  return sort(filters(request) ? versions.filter((version) => passes(version, request)) : versions, request);
}

function passes(version: Version, request: RangeRequest): boolean {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  if (maxModRevision !== 0 && version.modRevision > maxModRevision) return false;
  if (minModRevision !== 0 && version.modRevision < minModRevision) return false;
  if (maxCreateRevision !== 0 && version.createRevision > maxCreateRevision) return false;
  return minCreateRevision === 0 || version.createRevision >= minCreateRevision;
}

// Stable, so that equal ones stay in the order of their keys. The array is the caller's own.
function sort(versions: Version[], request: RangeRequest): Version[] {
  const sign = request.sortOrder === SortOrder.DESCEND ? -1 : 1;
  switch (request.sortTarget) {
    case SortTarget.VERSION:
      return versions.sort((a, b) => sign * (a.version - b.version));
    case SortTarget.CREATE:
      return versions.sort((a, b) => sign * (a.createRevision - b.createRevision));
    case SortTarget.MOD:
      return versions.sort((a, b) => sign * (a.modRevision - b.modRevision));
    case SortTarget.VALUE:
      return sortByValue(versions, sign);
    default:
      return sign < 0 ? versions.toReversed() : versions;
  }
}

function sortByValue(versions: readonly Version[], sign: number): Version[] {
  const pairs = versions.map((version) => ({ version, value: version.value }));
  return pairs.sort((a, b) => sign * compareBytes(a.value, b.value)).map((pair) => pair.version);
}

function inside(value: number, last: number): boolean {
  return value >= 0 && value <= last;
}
