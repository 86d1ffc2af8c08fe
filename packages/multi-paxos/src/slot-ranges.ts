import { at } from '@quorate/interface';
import type { Index, IndexRange } from '@quorate/interface';

/** A set of slots as rising ranges that neither meet nor touch. Nearly always one range, so plain arrays do. */
export interface SlotRanges {
  readonly froms: Index[];
  readonly tos: Index[];
}

/** The empty set. */
export function createRanges(): SlotRanges {
  return { froms: [], tos: [] };
}

/** Adds `from` … `to`. */
export function addRange({ froms, tos }: SlotRanges, from: Index, to: Index): void {
  const newest = tos.length - 1;
  if (newest < 0 || from > at(tos, newest) + 1) {
    froms.push(from);
    tos.push(to);
    return;
  }
  if (from >= at(froms, newest)) {
    if (to > at(tos, newest)) tos[newest] = to;
    return;
  }
  // All ranges that the new one meets or touches become one with it.
  let first = 0;
  while (at(tos, first) < from - 1) first++;
  let after = first;
  let low = from;
  let high = to;
  while (after < froms.length && at(froms, after) <= to + 1) {
    low = Math.min(low, at(froms, after));
    high = Math.max(high, at(tos, after));
    after++;
  }
  froms.splice(first, after - first, low);
  tos.splice(first, after - first, high);
}

/** Forgets everything up to `slot`. */
export function dropUpTo({ froms, tos }: SlotRanges, slot: Index): void {
  let gone = 0;
  while (gone < tos.length && at(tos, gone) <= slot) gone++;
  if (gone === tos.length) clearRanges({ froms, tos });
  else if (gone > 0) {
    froms.splice(0, gone);
    tos.splice(0, gone);
  }
  if (froms.length > 0 && at(froms, 0) <= slot) froms[0] = slot + 1;
}

/** Forgets everything. */
export function clearRanges({ froms, tos }: SlotRanges): void {
  froms.length = 0;
  tos.length = 0;
}

/** The end of the range that holds `slot`; 0: not in the set. */
export function endOfRange({ froms, tos }: SlotRanges, slot: Index): Index {
  for (let place = froms.length - 1; place >= 0; place--)
    if (at(froms, place) <= slot) return at(tos, place) >= slot ? at(tos, place) : 0;
  return 0;
}

/** The last slot from `slot` on up to which membership does not change. */
export function endOfSegment({ froms, tos }: SlotRanges, slot: Index): Index {
  let end = Number.POSITIVE_INFINITY;
  for (let place = froms.length - 1; place >= 0; place--) {
    if (at(froms, place) <= slot) return at(tos, place) >= slot ? at(tos, place) : end;
    end = at(froms, place) - 1;
  }
  return end;
}

/** The ranges as they travel. */
export function listRanges({ froms, tos }: SlotRanges): IndexRange[] {
  if (froms.length === 1) return [{ from: at(froms, 0), to: at(tos, 0) }];
  return froms.map((from, place) => ({ from, to: at(tos, place) }));
}
