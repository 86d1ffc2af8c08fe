/** How a command or a query ended: the first byte of every reply. Numbers are stored in sessions and snapshots: append only. */
export const Status = {
  ok: 0,
  compacted: 1,
  futureRevision: 2,
  keyEmpty: 3,
  keyNotFound: 4,
  valueProvided: 5,
  leaseProvided: 6,
  leaseNotFound: 7,
  tooManyOperations: 8,
  duplicateKey: 9,
  invalidSort: 10,
  malformed: 11,
  answerTooLarge: 12,
  unknownMethod: 13,
} as const;

/** One of the numbers of {@link Status}. */
export type Status = (typeof Status)[keyof typeof Status];
