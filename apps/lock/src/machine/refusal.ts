/**
 * Why a command changed nothing, by name. Their places are in replies that sessions store, so that the list grows at its end only.
 */
export const refusalCodes = [
  'E_MALFORMED',
  'E_NO_SESSION',
  'E_TTL',
  'E_NAME',
  'E_METADATA',
  'E_DELAY',
  'E_PERMITS',
  'E_REQUEST',
  'E_TOO_MANY_SESSIONS',
  'E_TOO_MANY_LOCKS',
  'E_TOO_MANY_WAITERS',
  'E_TOO_MANY_CLAIMS',
  'E_TOO_MANY_SHARES',
  'E_LOCK_HELD',
  'E_LOCK_USE',
  'E_PERMITS_DIFFER',
  'E_UPGRADE',
  'E_ALREADY_WAITING',
  'E_REQUEST_OVER',
  'E_NOT_HELD',
] as const;

/** One of {@link refusalCodes}. */
export type RefusalCode = (typeof refusalCodes)[number];

/** The number of a refusal in a reply. */
export function refusalNumber(code: RefusalCode): number {
  return refusalCodes.indexOf(code) + 1;
}

/** The refusal that a reply's number stands for; undefined for one of a newer version. */
export function refusalOf(number: number): RefusalCode | undefined {
  return refusalCodes[number - 1];
}

/** What is wrong and what to do, for people: a door puts the code in front. */
export const refusalTexts: Readonly<Record<RefusalCode, string>> = {
  E_MALFORMED: 'the request is no command or query of this version. Use a client of this version.',
  E_NO_SESSION: 'the session does not exist or is over. Open a new one; what it held is lost.',
  E_TTL: 'the time to live of a session is out of bounds. Ask for one between the limits.',
  E_NAME: 'the name is empty or too long. Use a shorter one.',
  E_METADATA: 'there is too much metadata. Keep it elsewhere, and its address here.',
  E_DELAY: 'the delay after the death of a holder is too long. Ask for a minute at most.',
  E_PERMITS: 'the number of permits is out of bounds: only a semaphore has some, and at least one.',
  E_REQUEST: 'the number of the request is not in 1 … 2^53-1. Choose a higher one for each acquisition.',
  E_TOO_MANY_SESSIONS: 'there are too many sessions. Close some, or share one in each process.',
  E_TOO_MANY_LOCKS: 'too many names are in use. Release some.',
  E_TOO_MANY_WAITERS: 'too many wait for this lock. Try again later.',
  E_TOO_MANY_CLAIMS: 'too many requests hold or wait in all. Release some.',
  E_TOO_MANY_SHARES: 'too many requests of the session share this grant. Release some.',
  E_LOCK_HELD: 'the lock is held by others. Wait for it, or try again later.',
  E_LOCK_USE: 'the name is in use as something else (lock, semaphore or election). Use another name.',
  E_PERMITS_DIFFER: 'the semaphore is in use with another number of permits. Ask for the same.',
  E_UPGRADE: 'a reader becomes the writer only while it is the sole reader: waiting could last for ever. Release first.',
  E_ALREADY_WAITING: 'the session waits for this lock already, with another request. Wait for that one.',
  E_REQUEST_OVER: 'the request, or many with higher numbers, were released or cancelled before. Choose a higher number.',
  E_NOT_HELD: 'the session does not hold the lock with this token. It was lost or released.',
};
