/** What one writer knows of one of its keys. No other worker writes it, so its history is a sequence. */
export interface KeyRecord {
  readonly key: string;
  /** The value of the last acknowledged write; undefined: absent. */
  acknowledged: string | undefined;
  /** Where the last acknowledged put stands, for compare-and-put. */
  modRevision: number;
  /**
   * The value of a write whose outcome nobody knows: it may take effect at any later time, so the key is retired with it.
   * `absent` is a delete.
   */
  unknown: { readonly value: string | undefined } | undefined;
}

/** A key that nobody wrote. */
export function freshKey(key: string): KeyRecord {
  return { key, acknowledged: undefined, modRevision: 0, unknown: undefined };
}

/** True when a linearizable read of the key may see `value`. */
export function mayRead(record: KeyRecord, value: string | undefined): boolean {
  return value === record.acknowledged || (record.unknown !== undefined && value === record.unknown.value);
}

/** What a reader may see, in words. */
export function expectationOf(record: KeyRecord): string {
  const acknowledged = record.acknowledged ?? 'nothing';
  return record.unknown === undefined ? acknowledged : `${acknowledged} or ${record.unknown.value ?? 'nothing'}`;
}
