import { electionRows } from './election-rows.ts';
import { logRows } from './log-rows.ts';
import { messageRows } from './message-rows.ts';
import { recoveryRows } from './recovery-rows.ts';
import type { Row } from './row.ts';

/** Every difference that a test can see today. */
export const rows: readonly Row[] = [...logRows, ...recoveryRows, ...electionRows, ...messageRows];

/** Differences that no test can see yet, and until when. */
export const absent: readonly { readonly id: string; readonly differs: string; readonly because: string }[] = [
  {
    id: 'O26',
    differs:
      'when a new configuration is in force: on append, after α slots or a stop-sign, after acknowledgements of both quorums',
    because: 'no core can reconfigure yet',
  },
];
