/** The first byte of every command and query: what the bytes behind it are. Numbers are in logs: append only. */
export const Method = {
  /** etcd's PutRequest, DeleteRangeRequest, TxnRequest, CompactionRequest. */
  put: 1,
  deleteRange: 2,
  txn: 3,
  compact: 4,
  /** A `Member` with id, name and client URLs. Takes no revision. */
  memberAttributes: 5,
  /** Queries. `rangeQuery`: etcd's RangeRequest. `txnQuery`: a TxnRequest that changes nothing. */
  rangeQuery: 16,
  txnQuery: 17,
  /** Nothing behind it; answers a MemberListResponse that holds what members published. */
  membersQuery: 18,
  /** Nothing behind it; answers a StatusResponse with the sizes. */
  sizeQuery: 19,
} as const;

/** One of the numbers of {@link Method}. */
export type Method = (typeof Method)[keyof typeof Method];
