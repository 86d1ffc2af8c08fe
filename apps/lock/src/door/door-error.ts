import type { ConsensusError, ConsensusErrorCode, Outcome } from '@quorate/interface';
import { refusalOf, refusalTexts, type RefusalCode } from '../machine/refusal.ts';
import type { JsonSchema } from './json-schema.ts';

/** What a client is told when a request fails. */
export interface DoorError {
  readonly status: number;
  /** The printed name, such as `E_LOCK_HELD`. */
  readonly code: string;
  readonly message: string;
  /** `unknown`: it may have taken effect, or still may. */
  readonly outcome: Outcome;
}

/** The body of every answer with a status of 400 or more. */
export const errorSchema: JsonSchema = {
  type: 'object',
  properties: {
    code: { type: 'string', description: 'the name of the error: test this one' },
    message: { type: 'string', description: 'what is wrong, and what to do' },
    outcome: { type: 'string', enum: ['not-applied', 'unknown'], description: 'unknown: it may have taken effect, or still may' },
  },
  required: ['code', 'message', 'outcome'],
  additionalProperties: false,
};

/** An error of the door itself: the request never went further. */
export function doorError(status: number, code: string, text: string): DoorError {
  return { status, code, message: `${code}: ${text}`, outcome: 'not-applied' };
}

const refusalStatus: Readonly<Record<RefusalCode, number>> = {
  E_MALFORMED: 400,
  E_NO_SESSION: 410,
  E_TTL: 400,
  E_NAME: 400,
  E_METADATA: 400,
  E_DELAY: 400,
  E_PERMITS: 400,
  E_REQUEST: 400,
  E_TOO_MANY_SESSIONS: 429,
  E_TOO_MANY_LOCKS: 429,
  E_TOO_MANY_WAITERS: 429,
  E_TOO_MANY_CLAIMS: 429,
  E_TOO_MANY_SHARES: 429,
  E_LOCK_HELD: 409,
  E_LOCK_USE: 409,
  E_PERMITS_DIFFER: 409,
  E_UPGRADE: 409,
  E_ALREADY_WAITING: 409,
  E_REQUEST_OVER: 409,
  E_NOT_HELD: 409,
};

/** The service's own refusal; `number` as in its reply. */
export function refusalError(number: number): DoorError {
  const code = refusalOf(number);
  if (code === undefined) return doorError(500, 'E_VERSION', 'the answer is of a newer version. Upgrade this member.');
  return doorError(refusalStatus[code], code, refusalTexts[code]);
}

const consensusStatus: Readonly<Partial<Record<ConsensusErrorCode, number>>> = {
  E_OVERLOADED: 429,
  E_TOO_LARGE: 413,
  E_TIMEOUT: 504,
};

/** An error of the replica below. */
export function consensusError({ code, message, outcome }: ConsensusError): DoorError {
  return { status: consensusStatus[code] ?? 503, code, message, outcome };
}
