import { invariant } from '@quorate/interface';
import type { Index, IndexRange } from '@quorate/interface';

/**
 * A set of slots as rising ranges that neither meet nor touch; nearly always one range. The arrays are kept when ranges go: `count` says how
 * many of their places are in use, so that a set which fills and empties with every turn allocates nothing.
 */
export interface SlotRanges {
  readonly froms: Index[];
  readonly tos: Index[];
  count: number;
}

/** The empty set. */
export function createRanges(): SlotRanges {
  return { froms: [], tos: [], count: 0 };
}

/** Adds `from` … `to`. */
export function addRange(ranges: SlotRanges, from: Index, to: Index): void {
  const { froms, tos, count } = ranges;
  const newest = count - 1;
  if (newest < 0 || from > slotAt(tos, newest) + 1) {
    froms[count] = from;
    tos[count] = to;
    ranges.count = count + 1;
    return;
  }
  if (from >= slotAt(froms, newest)) {
    if (to > slotAt(tos, newest)) tos[newest] = to;
    return;
  }
  mergeRange(ranges, from, to);
}

// All ranges that the new one meets or touches become one with it.
function mergeRange(ranges: SlotRanges, from: Index, to: Index): void {
  const { froms, tos, count } = ranges;
  let first = 0;
  while (slotAt(tos, first) < from - 1) first++;
  let after = first;
  let low = from;
  let high = to;
  while (after < count && slotAt(froms, after) <= to + 1) {
    low = Math.min(low, slotAt(froms, after));
    high = Math.max(high, slotAt(tos, after));
    after++;
  }
  froms.splice(first, after - first, low);
  tos.splice(first, after - first, high);
  ranges.count = count - (after - first) + 1;
}

/** Forgets everything up to `slot`. */
export function dropUpTo(ranges: SlotRanges, slot: Index): void {
  const { froms, tos, count } = ranges;
  let gone = 0;
  while (gone < count && slotAt(tos, gone) <= slot) gone++;
  ranges.count = count - gone;
  if (ranges.count === 0) return;
  if (gone > 0) {
    froms.splice(0, gone);
    tos.splice(0, gone);
  }
  if (slotAt(froms, 0) <= slot) froms[0] = slot + 1;
}

/** Forgets everything. */
export function clearRanges(ranges: SlotRanges): void {
  ranges.count = 0;
}

/** The end of the range that holds `slot`; 0: not in the set. */
export function endOfRange({ froms, tos, count }: SlotRanges, slot: Index): Index {
  for (let place = count - 1; place >= 0; place--)
    if (slotAt(froms, place) <= slot) return slotAt(tos, place) >= slot ? slotAt(tos, place) : 0;
  return 0;
}

/** The last slot from `slot` on up to which membership does not change. */
export function endOfSegment({ froms, tos, count }: SlotRanges, slot: Index): Index {
  let end = Number.POSITIVE_INFINITY;
  for (let place = count - 1; place >= 0; place--) {
    if (slotAt(froms, place) <= slot) return slotAt(tos, place) >= slot ? slotAt(tos, place) : end;
    end = slotAt(froms, place) - 1;
  }
  return end;
}

/** The ranges as they travel. */
export function listRanges({ froms, tos, count }: SlotRanges): IndexRange[] {
  if (count === 1) return [{ from: slotAt(froms, 0), to: slotAt(tos, 0) }];
  return froms.slice(0, count).map((from, place) => ({ from, to: slotAt(tos, place) }));
}

// As `at`, for these arrays alone: the engine compiles a read that sees one kind of array into the caller, and `at` sees all kinds.
function slotAt(slots: readonly Index[], place: number): Index {
  const slot = slots[place];
  invariant(slot !== undefined, 'a range is in use');
  return slot;
}
