import { LockClientError } from './lock-client-error.ts';

/** A part of the door that has names in it. */
export type DoorPart = 'locks' | 'elections';

/** How long an answer may take, without the time that the door itself waits for. */
export const answerMs = 10_000;

/** Where a resource of the door is. Throws where a name cannot be in a path. */
export function pathOf(kind: DoorPart, name: string, verb: string): string {
  // Both are swallowed by whoever reads a URL, percent-encoded or not.
  if (name === '' || name === '.' || name === '..') {
    throw new LockClientError(
      'E_NAME',
      `the name is ${JSON.stringify(name)}, which no path can hold. Use another one.`,
      'not-applied',
    );
  }
  return `/v1/${kind}/${encodeURIComponent(name)}/${verb}`;
}
