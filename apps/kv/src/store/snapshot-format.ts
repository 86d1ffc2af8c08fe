/**
 * A snapshot is a head and then items, each with a byte that says what it is. Numbers are varints, bytes carry their length.
 *
 *     head     'Q' 'K' 'V' 1, revision, compacted + 1
 *     member   1, a Member of etcd's API
 *     key      2, the key; keys rise
 *     version  3, of the key before it: modRevision, sub, createRevision, version, the value; revisions rise
 *     end      0, number of versions
 */
export const snapshotMagic: readonly number[] = [0x51, 0x4b, 0x56, 1];

/** What an item is. */
export const Item = { end: 0, member: 1, key: 2, version: 3 } as const;
